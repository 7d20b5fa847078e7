"""Power banks and their custody."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_service import for_rent
from chalicelib.domain.cabinets.powerbank_suspicion import OtherPlace, Reappearance, Suspicion
from chalicelib.domain.cabinets.service_state import Service
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import fetch_many, storage
from chalicelib.tables.rows import Key, KeysOnlyIndex, Row, SparseIndex, entity, values

CLEARED_WHEN_LOST = (
    "rental_id",
    "user_id",
    "other_place",
    "vanished_at",
    "suspicion",
    "reappearance",
    "taken_out_at",
)
"""What `Powerbank.location_lost` forgets."""
WITHHELD = "yes"
MAX_WITHHELD = 5_000
"""How many withheld power banks a listing knows. It shows others of them as available."""
MAX_AT_STATION = 2_000
"""How many power banks of one station the audit reads: 20 a slot of the largest cabinet."""


class PowerbanksBySlot(KeysOnlyIndex, name="by_slot"):
    """Power banks by the slot that they are in, or were last. The audit reads it; no decision does."""

    station_sn = UnicodeAttribute(hash_key=True)
    slot_number = IntAttribute(range_key=True)


class PowerbanksByService(KeysOnlyIndex, name="by_service"):
    """Power banks by whether they are in service, then by serial number. Operators list them."""

    service = UnicodeAttribute(hash_key=True)
    powerbank_sn = UnicodeAttribute(range_key=True)


class WithheldPowerbanks(SparseIndex, name="by_withheld"):
    """Power banks in slots that nobody may rent, as of their last change, by serial number. Station listings read it.

    It may name a power bank that can be rented again, so its row decides.
    """

    withheld = UnicodeAttribute(hash_key=True)
    powerbank_sn = UnicodeAttribute(range_key=True)


class PowerbankRow(Row):
    class Meta:
        table_name = "powerbanks"

    powerbank_sn = UnicodeAttribute(hash_key=True)
    custody = EnumAttribute(Custody)
    moved_at = TimeAttribute()
    station_sn = UnicodeAttribute(null=True)
    slot_number = IntAttribute(null=True)
    rental_id = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    last_rental_id = UnicodeAttribute(null=True)
    last_user_id = UnicodeAttribute(null=True)
    returned_rental_id = UnicodeAttribute(null=True)
    battery_percent = IntAttribute(null=True)
    eject_failed_at = TimeAttribute(null=True)
    answer_due_from = UnicodeAttribute(null=True)
    eject_answered_at = TimeAttribute(null=True)
    doubted_rental_id = UnicodeAttribute(null=True)
    doubted_user_id = UnicodeAttribute(null=True)
    doubted_answer_due_from = UnicodeAttribute(null=True)
    vanished_at = TimeAttribute(null=True)
    suspicion: DocumentAttribute[Suspicion] = DocumentAttribute(Suspicion, null=True)
    reappearance: DocumentAttribute[Reappearance] = DocumentAttribute(Reappearance, null=True)
    other_place: DocumentAttribute[OtherPlace] = DocumentAttribute(OtherPlace, null=True)
    faults_count = IntAttribute()
    fault_rental_id = UnicodeAttribute(null=True)
    service = EnumAttribute(Service)
    last_eject_ordered_at = TimeAttribute(null=True)
    first_open_eject_order_at = TimeAttribute(null=True)
    taken_out_at = TimeAttribute(null=True)
    model = UnicodeAttribute()
    capacity_mah = IntAttribute(null=True)
    returns_count = IntAttribute()
    withheld = UnicodeAttribute(null=True)
    version = IntAttribute()
    by_slot = PowerbanksBySlot()
    by_service = PowerbanksByService()
    by_withheld = WithheldPowerbanks()


def powerbank_key(powerbank_sn: str) -> Key[Powerbank]:
    return Key(PowerbankRow, powerbank_sn, None, lambda row: entity(row, Powerbank))


def save_powerbank(ops: Transaction, powerbank: Powerbank) -> None:
    in_slot = powerbank.custody in (Custody.SLOT, Custody.QUARANTINE)
    withheld = WITHHELD if in_slot and not for_rent(powerbank, fault_reports=1) else None
    ops.save(PowerbankRow(**values(powerbank), withheld=withheld), powerbank.version)


def lose_reserved(ops: Transaction, powerbank_sn: str, owner: tuple[str, str], at: datetime) -> None:
    """Stage `Powerbank.location_lost` without a read. Stale unless the rental of `owner` has reserved it.

    `owner` is a user id and a rental id.
    """
    row, (user_id, rental_id) = PowerbankRow, owner
    changes = [
        row.custody.set(Custody.UNKNOWN),
        row.moved_at.set(at),
        row.last_user_id.set(user_id),
        row.last_rental_id.set(rental_id),
        row.version.add(1),
        *(getattr(row, name).remove() for name in CLEARED_WHEN_LOST),
    ]
    reserved = (row.rental_id == rental_id) & (row.custody == Custody.SLOT)
    ops.update(PowerbankRow(powerbank_sn=powerbank_sn), changes, reserved, conflict=None)


def count_fault(ops: Transaction, powerbank_sn: str, rental_id: str) -> None:
    """Stage one more fault report without a read. Stale unless `Powerbank.takes_fault_of` the rental."""
    row = PowerbankRow
    changes = [row.faults_count.add(1), row.fault_rental_id.set(rental_id), row.version.add(1)]
    changes.append(row.withheld.set(WITHHELD))
    has_it = (row.rental_id == rental_id) | (row.returned_rental_id == rental_id)
    is_first = row.fault_rental_id.does_not_exist() | (row.fault_rental_id != rental_id)
    ops.update(PowerbankRow(powerbank_sn=powerbank_sn), changes, has_it & is_first, conflict=None)


def after(powerbank_sn: str | None, services: Sequence[Service], limit: int) -> list[Key[Powerbank]]:
    """The keys of the first power banks after this serial number, in order. It reads the index once a service."""
    later = PowerbanksByService.powerbank_sn > powerbank_sn if powerbank_sn is not None else None
    with storage():
        sns = [
            str(row.powerbank_sn)
            for service in services
            for row in PowerbankRow.by_service.query(service.value, later, limit=limit, page_size=limit)
        ]
    return [powerbank_key(sn) for sn in sorted(sns)[:limit]]


def last_at(station_sn: str) -> list[Powerbank]:
    """Power banks that are in a slot of the station, or were there last, at most MAX_AT_STATION.

    The index names them, and their rows are read strongly from the table.
    """
    with storage():
        rows = PowerbankRow.by_slot.query(station_sn, limit=MAX_AT_STATION)
        keys = [powerbank_key(row.powerbank_sn) for row in rows]
    return [powerbank for powerbank in fetch_many(keys) if powerbank.station_sn == station_sn]


def withheld() -> list[Powerbank]:
    """Power banks of which some can't be rented, by serial number, at most MAX_WITHHELD. The others all can."""
    with storage():
        sns = [str(row.powerbank_sn) for row in PowerbankRow.by_withheld.query(WITHHELD, limit=MAX_WITHHELD)]
    return fetch_many([powerbank_key(sn) for sn in sns])


def in_slots_of(banks: Sequence[Powerbank]) -> dict[str, list[Powerbank]]:
    """The other power banks whose rows name the same slot, read strongly from the table, by serial number.

    The index names them. It is read once for each station.
    """
    station_sns = {bank.station_sn for bank in banks if bank.station_sn is not None}
    with storage():
        index_rows = [
            row for sn in sorted(station_sns) for row in PowerbankRow.by_slot.query(sn, limit=MAX_AT_STATION)
        ]
    rows_count = Counter((row.station_sn, row.slot_number) for row in index_rows)
    shared = [row.powerbank_sn for row in index_rows if rows_count[row.station_sn, row.slot_number] > 1]
    candidates = fetch_many([powerbank_key(sn) for sn in sorted(shared)])
    return {
        bank.powerbank_sn: [
            other for other in candidates if other.powerbank_sn != bank.powerbank_sn and _same_slot(other, bank)
        ]
        for bank in banks
    }


def _same_slot(one: Powerbank, other: Powerbank) -> bool:
    place = (one.station_sn, one.slot_number)
    return None not in place and place == (other.station_sn, other.slot_number)
