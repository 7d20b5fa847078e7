"""Settings that an operator has changed."""

from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.domain.setting_bounds import must_be_settable
from chalicelib.domain.settings import Settings
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
    """Store the changed settings. Raises Problem: invalid_input for a setting outside its bounds, with the reason,
    storage_unavailable."""
    must_be_settable(changed, Settings().by_name())
    with storage():
        SettingsRow(name=CURRENT, overrides=changed).save()
