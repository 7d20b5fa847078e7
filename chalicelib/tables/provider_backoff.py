"""Providers of messages that failed: for which receivers, and until when the service sends nothing through each."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute

from chalicelib.domain.notifications.provider_failures import ProviderFailures
from chalicelib.tables.attributes import TimeAttribute
from chalicelib.tables.conditional_writes import update_if
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity


class ProviderBackoffRow(Row):
    """A provider that failed. The row is deleted when the provider works again."""

    class Meta:
        table_name = "provider_backoff"

    name = UnicodeAttribute(hash_key=True)
    receivers = UnicodeSetAttribute(null=True)
    failing_since = TimeAttribute(null=True)
    """The time of the first failure that still counts."""
    backoff_until = TimeAttribute(null=True)


def failures_key(name: str) -> Key[ProviderFailures]:
    """The key of a provider's failures. The row is absent while the provider works."""
    return Key(ProviderBackoffRow, name, None, lambda row: entity(row, ProviderFailures))


def add_failure(name: str, receiver: str, now: datetime, counted_from: datetime) -> ProviderFailures:
    """Add a receiver to those whose messages failed. Failures that began before `counted_from` no longer count."""
    row, failing_since = ProviderBackoffRow(name=name), ProviderBackoffRow.failing_since
    another = [ProviderBackoffRow.receivers.add({receiver})]
    if not update_if(row, another, failing_since >= counted_from):
        first = [ProviderBackoffRow.receivers.set({receiver}), failing_since.set(now)]
        if not update_if(row, first, failing_since.does_not_exist() | (failing_since < counted_from)):
            # Another process counted a first failure between the two writes.
            update_if(row, another, ProviderBackoffRow.name.exists())
    return entity(row, ProviderFailures)


def set_backoff(name: str, until: datetime) -> None:
    with storage():
        ProviderBackoffRow(name=name).update([ProviderBackoffRow.backoff_until.set(until)])


def clear_backoff(name: str) -> None:
    with storage():
        ProviderBackoffRow(name=name).delete()
