"""Cabinets as the hardware reports them, and the station of each cabinet."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.cabinets.cabinet import Binding, Cabinet
from chalicelib.domain.cabinets.cabinet_outage import Outage
from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.cabinets.slot_faults import SlotFault
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.conditional_writes import update_if
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
    snapshot_digest = UnicodeAttribute(null=True)
    outage: DocumentAttribute[Outage] = DocumentAttribute(Outage, null=True)
    damaged_at = TimeAttribute(null=True)
    check_asked_at = TimeAttribute(null=True)
    slots: DocumentAttribute[Mapping[int, Slot]] = DocumentAttribute(dict[int, Slot])
    slot_faults: DocumentAttribute[Mapping[int, SlotFault]] = DocumentAttribute(dict[int, SlotFault], null=True)
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


def rename_binding(ops: Transaction, binding: Binding) -> None:
    """Stage the new name of the station of a cabinet."""
    ops.put(BindingRow(**values(binding)))


def unbind(ops: Transaction, imei: str) -> None:
    """Stage that the cabinet has no station. Its messages are refused from then on."""
    ops.remove(BindingRow(imei))


def remove_cabinet(ops: Transaction, cabinet: Cabinet) -> None:
    """Stage the deletion. Stale when the cabinet has reported something since it was read."""
    ops.remove(CabinetRow(cabinet.sn), version=cabinet.version)


def mark_seen(sn: str, at: datetime, *, max_silence: timedelta) -> bool:
    """Record a message of `at` from a cabinet that is stored as online. One call, without a read.

    False when the cabinet is stored as offline, was silent for more than `max_silence`, or has a later message or
    connection report stored. The version grows, so that a transaction that read the row before decides again.
    """
    row = CabinetRow
    in_order = (row.last_seen_at < at) & (row.last_seen_at >= at - max_silence)
    in_order &= row.online_at.does_not_exist() | (row.online_at < at)
    return update_if(
        CabinetRow(sn),
        [row.last_seen_at.set(at), row.version.set(row.version + 1)],
        row.sn.exists() & (row.online == True) & in_order,  # noqa: E712  PynamoDB makes a condition of it
    )
