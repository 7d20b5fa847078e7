"""Stations as decided, cabinets as heard, and the boards that list them."""

from collections.abc import Mapping
from datetime import datetime

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action
from pynamodb.indexes import KeysOnlyProjection

from chalicelib.domain.station import Binding, Cabinet, Slot, Station
from chalicelib.tables.atomic import Ops
from chalicelib.tables.attributes import DocumentAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.store import Key, Row, SparseIndex, entity, error_code, fetch_many, storage, values

BOARDS = "boards"


class StationsOnBoard(SparseIndex):
    class Meta:
        index_name = "on_board"
        projection = KeysOnlyProjection()

    board = UnicodeAttribute(hash_key=True)
    sn = UnicodeAttribute(range_key=True)


class StationRow(Row):
    class Meta:
        table_name = "stations"

    sn = UnicodeAttribute(hash_key=True)
    imei = UnicodeAttribute()
    name = UnicodeAttribute()
    address = UnicodeAttribute()
    latitude = NumberAttribute()
    longitude = NumberAttribute()
    landmark = UnicodeAttribute()
    opening_time = UnicodeAttribute()
    closing_time = UnicodeAttribute()
    amenities: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...])
    images: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...])
    maintenance = BooleanAttribute()
    board = UnicodeAttribute()
    ejecting_rental_id = UnicodeAttribute(null=True)
    ejecting_until = TimeAttribute(null=True)
    version = IntAttribute()
    on_board = StationsOnBoard()


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
    """Which station a cabinet stands for: what it says is only believed through here."""

    class Meta:
        table_name = "bindings"

    imei = UnicodeAttribute(hash_key=True)
    sn = UnicodeAttribute()
    name = UnicodeAttribute()


class BoardRow(Row):
    """The listing of a bounded number of stations, as the app reads it."""

    class Meta:
        table_name = "boards"

    name = UnicodeAttribute(hash_key=True)
    board = UnicodeAttribute(range_key=True)
    listing = UnicodeAttribute()


def station_key(sn: str) -> Key[Station]:
    return Key(StationRow, sn, None, lambda row: entity(row, Station))


def cabinet_key(sn: str) -> Key[Cabinet]:
    return Key(CabinetRow, sn, None, lambda row: entity(row, Cabinet))


def binding_key(imei: str) -> Key[Binding]:
    return Key(BindingRow, imei, None, lambda row: entity(row, Binding))


def save(ops: Ops, station: Station) -> None:
    ops.save(StationRow(**values(station)), station.version)


def save_cabinet(ops: Ops, cabinet: Cabinet) -> None:
    ops.save(CabinetRow(**values(cabinet)), cabinet.version)


def bind(ops: Ops, binding: Binding) -> None:
    ops.add(BindingRow(**values(binding)))


def free_eject(sn: str, rental_id: str, until: datetime) -> None:
    """The cabinet is free from `until` on, unless it is busy for another rental by now."""
    row = StationRow
    try:
        with storage():
            StationRow(sn).update(
                [row.ejecting_until.set(until), row.version.add(1)],
                condition=row.ejecting_rental_id == rental_id,
            )
    except UpdateError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise


def seen(sn: str, at: datetime, *, online: bool | None = None) -> bool:
    """The cabinet was heard at `at`; with `online`, it is the platform's word and nothing of the cabinet's own.

    False when newer is known.
    """
    row, found = CabinetRow, CabinetRow(sn)
    if online is None:
        actions: list[Action] = [row.last_seen_at.set(at), row.online.set(True)]
        newer = row.last_seen_at.does_not_exist() | (row.last_seen_at < at)
        newer &= row.online_at.does_not_exist() | (row.online_at < at)
    else:
        actions = [row.online.set(online), row.online_at.set(at)]
        newer = row.online_at.does_not_exist() | (row.online_at < at)
    try:
        with storage():
            found.update(actions, condition=newer & row.sn.exists())
    except UpdateError as error:
        if error_code(error) == "ConditionalCheckFailedException":
            return False
        raise
    return True


def on_board(board: str) -> list[Station]:
    """The stations of one board, by serial number."""
    with storage():
        keys = [station_key(row.sn) for row in StationRow.on_board.query(board)]
    return fetch_many(keys)


def boards() -> list[str]:
    """Every board's listing, JSON text."""
    with storage():
        return [row.listing for row in BoardRow.query(BOARDS)]


def board_numbers() -> list[str]:
    """The boards there are."""
    with storage():
        return [row.board for row in BoardRow.query(BOARDS, attributes_to_get=["name", "board"])]


def publish(board: str, listing: str) -> None:
    with storage():
        BoardRow(name=BOARDS, board=board, listing=listing).save()
