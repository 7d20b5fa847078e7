"""Providers that failed, and the time until which the service sends nothing through each."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.tables.attributes import TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row


class ProviderBackoffRow(Row):
    """A provider that failed. The row is deleted when the provider works again."""

    class Meta:
        table_name = "provider_backoff"

    name = UnicodeAttribute(hash_key=True)
    backoff_until = TimeAttribute()


def backoff_key(name: str) -> Key[datetime]:
    """The key of a provider. It reads as `backoff_until`; the row is absent while the provider works."""
    return Key(ProviderBackoffRow, name, None, lambda row: row.backoff_until)


def set_backoff(name: str, until: datetime) -> None:
    with storage():
        ProviderBackoffRow(name=name, backoff_until=until).save()


def clear_backoff(name: str) -> None:
    with storage():
        ProviderBackoffRow(name=name).delete()
