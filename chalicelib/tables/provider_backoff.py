"""Providers that failed lately, and until when nothing is sent through them."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.tables.attributes import TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row


class ProviderRow(Row):
    """A provider that failed lately: nothing is promised through it until it has rested."""

    class Meta:
        table_name = "providers"

    name = UnicodeAttribute(hash_key=True)
    rests_until = TimeAttribute()


def provider_key(name: str) -> Key[datetime]:
    """Reads as the time until which the provider rests; absent when it is well."""
    return Key(ProviderRow, name, None, lambda row: row.rests_until)


def rest_provider(name: str, until: datetime) -> None:
    with storage():
        ProviderRow(name=name, rests_until=until).save()


def provider_is_well(name: str) -> None:
    with storage():
        ProviderRow(name=name).delete()
