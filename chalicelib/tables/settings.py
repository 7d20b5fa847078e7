"""Settings that an operator has changed."""

from dataclasses import dataclass
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.domain.configuration.setting_bounds import must_be_settable
from chalicelib.domain.configuration.settings import Settings
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values

CURRENT = "current"


@dataclass(frozen=True)
class StoredSettings:
    """The changed settings by name. `admin_networks` is a list of texts, and every other one an integer."""

    name: str
    overrides: dict[str, Any]
    version: int = 0


class SettingsRow(Row):
    class Meta:
        table_name = "settings"

    name = UnicodeAttribute(hash_key=True)
    overrides = JSONAttribute()
    version = IntAttribute()


def settings_key() -> Key[StoredSettings]:
    return Key(SettingsRow, CURRENT, None, lambda row: entity(row, StoredSettings))


def save(ops: Transaction, stored: StoredSettings) -> None:
    """Stage the settings. Stale when they have changed since they were read."""
    ops.save(SettingsRow(**values(stored)), stored.version)


def overrides() -> dict[str, Any]:
    """The changed settings by name. Raises Problem("storage_unavailable")."""
    with storage():
        row = next(iter(SettingsRow.query(CURRENT)), None)
    return dict(row.overrides) if row is not None else {}


def set_overrides(changed: dict[str, Any]) -> None:
    """Store the changed settings of a new installation. Raises Problem: invalid_input for a setting outside its
    bounds, with the reason, storage_unavailable."""
    must_be_settable(changed, Settings().by_name())
    with storage():
        SettingsRow(name=CURRENT, overrides=changed, version=1).save()
