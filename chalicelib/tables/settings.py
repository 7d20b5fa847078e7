"""Settings that an operator has changed."""

from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Row

CURRENT = "current"


class SettingsRow(Row):
    class Meta:
        table_name = "settings"

    name = UnicodeAttribute(hash_key=True)
    overrides = JSONAttribute()


def overrides() -> dict[str, Any]:
    """The changed settings by name. Raises Problem("storage_unavailable")."""
    with storage():
        row = next(iter(SettingsRow.query(CURRENT)), None)
    return dict(row.overrides) if row is not None else {}


def set_overrides(changed: dict[str, Any]) -> None:
    with storage():
        SettingsRow(name=CURRENT, overrides=changed).save()
