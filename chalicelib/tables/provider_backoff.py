"""Providers that failed lately, and until when nothing is sent through them."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.tables.attributes import TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row


class ProviderBackoffRow(Row):
    """A provider that failed lately: nothing is promised through it until it has rested."""

    class Meta:
        table_name = "provider_backoff"

    name = UnicodeAttribute(hash_key=True)
    backoff_until = TimeAttribute()


def backoff_key(name: str) -> Key[datetime]:
    """Reads as the time until which the provider rests; absent when it is well."""
    return Key(ProviderBackoffRow, name, None, lambda row: row.backoff_until)


def set_backoff(name: str, until: datetime) -> None:
    with storage():
        ProviderBackoffRow(name=name, backoff_until=until).save()


def clear_backoff(name: str) -> None:
    with storage():
        ProviderBackoffRow(name=name).delete()
