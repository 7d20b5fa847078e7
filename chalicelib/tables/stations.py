"""Stations as operators configure them."""

from datetime import datetime

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.stations.listing_pages import listing_page_of
from chalicelib.domain.stations.station import Station
from chalicelib.tables import station_listings
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, FloatAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.conditional_writes import update_if
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, SparseIndex, entity, values


class StationsOnPage(SparseIndex, name="on_page"):
    """Stations by listing page."""

    listing_page = UnicodeAttribute(hash_key=True)
    sn = UnicodeAttribute(range_key=True)


class StationRow(Row):
    class Meta:
        table_name = "stations"

    sn = UnicodeAttribute(hash_key=True)
    imei = UnicodeAttribute()
    name = UnicodeAttribute()
    address = UnicodeAttribute()
    latitude = FloatAttribute()
    longitude = FloatAttribute()
    landmark = UnicodeAttribute()
    opening_time = UnicodeAttribute()
    closing_time = UnicodeAttribute()
    amenities: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...])
    images: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...])
    maintenance = BooleanAttribute()
    listing_page = UnicodeAttribute()
    ejecting_rental_id = UnicodeAttribute(null=True)
    ejecting_until = TimeAttribute(null=True)
    planned_slots = IntAttribute(null=True)
    created_at = TimeAttribute(null=True)
    updated_at = TimeAttribute(null=True)
    version = IntAttribute()
    on_page = StationsOnPage()


def station_key(sn: str) -> Key[Station]:
    return Key(StationRow, sn, None, lambda row: entity(row, Station))


def add(ops: Transaction, station: Station) -> None:
    """Stage a new station and its listing page. Raises ValueError for a station that does not fit."""
    station.must_fit_a_row()
    save(ops, station)
    station_listings.use_page(ops, listing_page_of(station.sn))


def save(ops: Transaction, station: Station) -> None:
    ops.save(StationRow(**values(station), listing_page=listing_page_of(station.sn)), station.version)


def remove(ops: Transaction, station: Station) -> None:
    """Stage the deletion. Stale when the station has changed since it was read."""
    ops.remove(StationRow(station.sn), version=station.version)


def free_eject(sn: str, rental_id: str, until: datetime) -> None:
    """Let the cabinet take its next eject at `until`, unless it is ejecting for another rental."""
    row = StationRow
    actions = [row.ejecting_until.set(until), row.version.add(1)]
    update_if(StationRow(sn), actions, row.ejecting_rental_id == rental_id)


def sns_on_page(listing_page: str) -> list[str]:
    """The serial numbers of the stations of a listing page, in order."""
    with storage():
        return [str(row.sn) for row in StationRow.on_page.query(listing_page)]
