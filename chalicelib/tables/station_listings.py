"""Prepared listings of stations, one row for each listing page."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Row

LISTINGS = "station_listings"


class StationListingRow(Row):
    """The listing of a bounded number of stations, as JSON text."""

    class Meta:
        table_name = "station_listings"

    name = UnicodeAttribute(hash_key=True)
    listing_page = UnicodeAttribute(range_key=True)
    listing = UnicodeAttribute()


def listings() -> list[str]:
    """The listing of every page, as JSON text."""
    with storage():
        return [row.listing for row in StationListingRow.query(LISTINGS)]


def listing_pages() -> list[str]:
    """The names of all listing pages."""
    with storage():
        return [
            row.listing_page for row in StationListingRow.query(LISTINGS, attributes_to_get=["name", "listing_page"])
        ]


def save_listing(listing_page: str, listing: str) -> None:
    with storage():
        StationListingRow(name=LISTINGS, listing_page=listing_page, listing=listing).save()
