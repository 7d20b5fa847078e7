"""Rentals by user."""

from collections.abc import Iterator
from datetime import datetime

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.cabinets.slot_reports import SlotReport
from chalicelib.domain.money.pricing import Package, Terms
from chalicelib.domain.rentals.eject_doubt import doubtful_powerbanks
from chalicelib.domain.rentals.extension import Extension
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_clock import due_notice, next_notice_at
from chalicelib.domain.rentals.rental_notice import RentalNotice
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.rental_station import RentalStation
from chalicelib.domain.rentals.superseded_eject import SupersededEject
from chalicelib.domain.rentals.swap import Swap
from chalicelib.domain.rewards.point_rules import RentalPoints
from chalicelib.tables import open_items
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import due_in, fetch_many, storage
from chalicelib.tables.newest_first import newest_rows
from chalicelib.tables.open_items import ItemKind
from chalicelib.tables.rows import Key, KeysOnlyIndex, Row, SparseIndex, WaitingIndex, entity, shard_of, values

FILTERED_PAGE = 500
"""How many rentals one call looks at for those that a condition names."""
MAX_OF_STATION = 100
RUNNING, RELEASED = "running", "failed"


class RentalsWaiting(WaitingIndex, name="waiting"):
    """Rentals that the sweep has to check."""


class RentalsWithNotice(SparseIndex, name="with_notice"):
    """Running rentals by the time of their next notice: a reminder, lateness or the loss."""

    notice_shard = UnicodeAttribute(hash_key=True)
    notice_at = TimeAttribute(range_key=True)


class RentalsOfStation(SparseIndex, name="of_station"):
    """Rentals that run or failed, by station. No decision reads it: the rows that it names are read again."""

    station_list = UnicodeAttribute(hash_key=True)
    requested_at = TimeAttribute(range_key=True)


class RentalsUncounted(SparseIndex, name="uncounted"):
    """Rentals that changed since the counters of days counted them, the oldest first."""

    count_shard = UnicodeAttribute(hash_key=True)
    rental_id = UnicodeAttribute(range_key=True)


class AllRentals(KeysOnlyIndex, name="newest"):
    """All rentals by shard and id, for the list of operators. Ids sort by the time of the request."""

    list_shard = UnicodeAttribute(hash_key=True)
    rental_id = UnicodeAttribute(range_key=True)


class RentalsFromStation(KeysOnlyIndex, name="from_station"):
    """All rentals by the station that they began at, for the list of operators."""

    station_sn = UnicodeAttribute(hash_key=True)
    rental_id = UnicodeAttribute(range_key=True)


class RentalById(KeysOnlyIndex, name="by_id"):
    """A rental by its id alone, as operators know it."""

    rental_id = UnicodeAttribute(hash_key=True)


class RentalRow(Row):
    """Rental ids sort by time, so the table's own key lists a user's rentals newest first."""

    class Meta:
        table_name = "rentals"

    user_id = UnicodeAttribute(hash_key=True)
    rental_id = UnicodeAttribute(range_key=True)
    package: DocumentAttribute[Package] = DocumentAttribute(Package)
    terms: DocumentAttribute[Terms] = DocumentAttribute(Terms)
    station: DocumentAttribute[RentalStation] = DocumentAttribute(RentalStation)
    powerbank_sn = UnicodeAttribute()
    battery_percent = IntAttribute(null=True)
    requested_at = TimeAttribute()
    eject_by = TimeAttribute()
    state = EnumAttribute(RentalState)
    started_at = TimeAttribute(null=True)
    due_at = TimeAttribute(null=True)
    ended_at = TimeAttribute(null=True)
    return_reported_at = TimeAttribute(null=True)
    return_in_doubt = BooleanAttribute()
    return_station: DocumentAttribute[RentalStation] = DocumentAttribute(RentalStation, null=True)
    held_points = IntAttribute()
    held_paisa = IntAttribute()
    points_paid = IntAttribute()
    wallet_paid_paisa = IntAttribute()
    late_fee_paisa = IntAttribute()
    due_paisa = IntAttribute()
    paid_up_seq = IntAttribute()
    extensions: DocumentAttribute[tuple[Extension, ...]] = DocumentAttribute(tuple[Extension, ...])
    failure = UnicodeAttribute(null=True)
    cancel_reason = UnicodeAttribute(null=True)
    sweep_at = TimeAttribute(null=True)
    other_powerbank_sn = UnicodeAttribute(null=True)
    asked_powerbank_sn = UnicodeAttribute(null=True)
    reports: DocumentAttribute[tuple[SlotReport, ...]] = DocumentAttribute(tuple[SlotReport, ...])
    replacement_charge_paisa = IntAttribute()
    replacement_wallet_paisa = IntAttribute()
    replacement_points = IntAttribute()
    notices: DocumentAttribute[tuple[RentalNotice, ...]] = DocumentAttribute(tuple[RentalNotice, ...])
    swap: DocumentAttribute[Swap] = DocumentAttribute(Swap, null=True)
    superseded_ejects: DocumentAttribute[tuple[SupersededEject, ...]] = DocumentAttribute(tuple[SupersededEject, ...])
    earned_points: DocumentAttribute[RentalPoints] = DocumentAttribute(RentalPoints)
    notice_shard = UnicodeAttribute(null=True)
    notice_at = TimeAttribute(null=True)
    shard = UnicodeAttribute(null=True)
    wait_until = TimeAttribute(null=True)
    version = IntAttribute()
    station_list = UnicodeAttribute(null=True)
    count_shard = UnicodeAttribute(null=True)
    list_shard = UnicodeAttribute()
    station_sn = UnicodeAttribute()
    waiting = RentalsWaiting()
    with_notice = RentalsWithNotice()
    of_station = RentalsOfStation()
    uncounted = RentalsUncounted()
    by_id = RentalById()
    newest = AllRentals()
    from_station = RentalsFromStation()


def rental_key(user_id: str, rental_id: str) -> Key[Rental]:
    return Key(RentalRow, user_id, rental_id, lambda row: entity(row, Rental))


def find(rental_id: str) -> Rental | None:
    """The rental with this id, of any customer, read strongly from the table."""
    with storage():
        keys = [rental_key(row.user_id, row.rental_id) for row in RentalRow.by_id.query(rental_id, limit=1)]
    return next(iter(fetch_many(keys)), None)


def save(ops: Transaction, rental: Rental) -> None:
    shard = shard_of(rental.rental_id)
    row = RentalRow(**values(rental), station_list=_station_list(rental), count_shard=shard)
    row.list_shard, row.station_sn = shard, rental.station.sn
    if rental.sweep_at is not None:
        row.shard, row.wait_until = shard, rental.sweep_at
    row.notice_at = next_notice_at(rental)
    row.notice_shard = shard if row.notice_at is not None else None
    ops.save(row, rental.version, sole_creator=True)
    # Items stay, so that the states which follow need not write them again.
    for powerbank_sn in (
        doubtful_powerbanks(rental) if rental.released or rental.state is RentalState.STARTING else ()
    ):
        open_items.add(ops, rental.user_id, ItemKind.POWERBANK, powerbank_sn)


def prove_return(ops: Transaction, user_id: str, rental_id: str) -> None:
    """Stage that a return frame proves the return that ended a rental. It reads nothing."""
    row = RentalRow
    changes = [row.return_in_doubt.set(value=False), row.version.add(1)]
    ops.update(row(user_id=user_id, rental_id=rental_id), changes, row.rental_id.exists(), conflict=None)


def newest(user_id: str, *, before: str | None, limit: int) -> list[Rental]:
    """A user's rentals, newest first, older than `before`. Raises Problem("storage_unavailable")."""
    older = RentalRow.rental_id < before if before is not None else None
    return [entity(row, Rental) for row in newest_rows(RentalRow, user_id, older, limit=limit)]


def of_user(user_id: str) -> list[Rental]:
    """All of a user's rentals, oldest first. The read is strongly consistent."""
    return list(each_of_user(user_id))


def each_of_user(user_id: str) -> Iterator[Rental]:
    """As `of_user`, a page at a time."""
    with storage():
        for row in RentalRow.query(user_id, consistent_read=True):
            yield entity(row, Rental)


def each_with_cancel_reason(user_id: str) -> Iterator[Rental]:
    """The rentals with the user's own words, from all of a user's rentals, a page at a time.

    Raises Problem("storage_unavailable").
    """
    reason = RentalRow.cancel_reason.exists()
    with storage():
        for row in RentalRow.query(user_id, filter_condition=reason, consistent_read=True, page_size=FILTERED_PAGE):
            yield entity(row, Rental)


def waiting(now: datetime, limit: int) -> list[Rental]:
    """Rentals that the sweep has to check by `now`."""
    rentals = due_in(RentalRow.waiting, lambda row: rental_key(row.user_id, row.rental_id), now, limit)
    return [rental for rental in rentals if rental.sweep_at is not None and rental.sweep_at <= now]


def with_notice_due(now: datetime, limit: int) -> list[Rental]:
    """Rentals with a notice to write by `now`."""
    index, at = RentalRow.with_notice, RentalsWithNotice.notice_at
    rentals = due_in(index, lambda row: rental_key(row.user_id, row.rental_id), now, limit, at=at)
    return [rental for rental in rentals if due_notice(rental, now) is not None]


def running_at(sn: str) -> list[Rental]:
    """The starting and active rentals of a station, the newest first, at most MAX_OF_STATION."""
    rentals = _of_station(sn, RUNNING, None)
    return [rental for rental in rentals if rental.open]


def failed_at(sn: str, since: datetime) -> list[Rental]:
    """The rentals of a station that were requested since then and failed, the newest first."""
    rentals = _of_station(sn, RELEASED, since)
    return [rental for rental in rentals if rental.released]


def _of_station(sn: str, name: str, since: datetime | None) -> list[Rental]:
    later = RentalRow.requested_at >= since if since is not None else None
    with storage():
        rows = RentalRow.of_station.query(
            f"{sn}#{name}",
            later,
            scan_index_forward=False,
            limit=MAX_OF_STATION,
            page_size=MAX_OF_STATION,
        )
        keys = [rental_key(row.user_id, row.rental_id) for row in rows]
    return fetch_many(keys)


def _station_list(rental: Rental) -> str | None:
    """The list of its station's running or of its released rentals. None for a rental that ended."""
    name = RUNNING if rental.open else RELEASED if rental.released else None
    return f"{rental.station.sn}#{name}" if name else None
