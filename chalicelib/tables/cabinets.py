"""Cabinets as the hardware reports them, and the station of each cabinet."""

from collections.abc import Mapping
from datetime import datetime

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from chalicelib.domain.cabinet import Binding, Cabinet, Slot
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import update_if
from chalicelib.tables.rows import Key, Row, entity, values


class CabinetRow(Row):
    class Meta:
        table_name = "cabinets"

    sn = UnicodeAttribute(hash_key=True)
    imei = UnicodeAttribute()
    online = BooleanAttribute()
    online_at = TimeAttribute(null=True)
    last_seen_at = TimeAttribute(null=True)
    snapshot_at = TimeAttribute(null=True)
    slots: DocumentAttribute[Mapping[int, Slot]] = DocumentAttribute(dict[int, Slot])
    version = IntAttribute()


class BindingRow(Row):
    """The station of a registered cabinet. Messages of a cabinet without a binding are refused."""

    class Meta:
        table_name = "bindings"

    imei = UnicodeAttribute(hash_key=True)
    sn = UnicodeAttribute()
    name = UnicodeAttribute()


def cabinet_key(sn: str) -> Key[Cabinet]:
    return Key(CabinetRow, sn, None, lambda row: entity(row, Cabinet))


def binding_key(imei: str) -> Key[Binding]:
    return Key(BindingRow, imei, None, lambda row: entity(row, Binding))


def save_cabinet(ops: Transaction, cabinet: Cabinet) -> None:
    ops.save(CabinetRow(**values(cabinet)), cabinet.version)


def bind(ops: Transaction, binding: Binding) -> None:
    ops.add(BindingRow(**values(binding)))


def mark_seen(sn: str, at: datetime, *, online: bool | None = None) -> bool:
    """Record that the cabinet sent a message at `at`, or, with `online`, that the platform reported its connection.

    False when a newer report is stored.
    """
    row = CabinetRow
    if online is None:
        actions: list[Action] = [row.last_seen_at.set(at), row.online.set(True)]
        newer = row.last_seen_at.does_not_exist() | (row.last_seen_at < at)
        newer &= row.online_at.does_not_exist() | (row.online_at < at)
    else:
        actions = [row.online.set(online), row.online_at.set(at)]
        newer = row.online_at.does_not_exist() | (row.online_at < at)
    return update_if(CabinetRow(sn), actions, newer & row.sn.exists())
