"""Keys of rentals for the lists of operators, the newest first, by all, by station and by user."""

from chalicelib.domain.rentals.rental import Rental
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.newest_first import newest_positions
from chalicelib.tables.rentals import RentalRow, rental_key
from chalicelib.tables.rows import Key


def of_all(*, after: str, before: str, limit: int) -> list[Key[Rental]]:
    """The keys of the newest rentals with ids between the two. A rental of this second may be missing."""
    rows = newest_positions(RentalRow.newest, RentalRow.rental_id, after=after, before=before, limit=limit)
    return [rental_key(row.user_id, row.rental_id) for row in rows]


def of_station(sn: str, *, after: str, before: str, limit: int) -> list[Key[Rental]]:
    """As `of_all`, of the rentals that began at a station."""
    between = RentalRow.rental_id.between(after, before)
    with storage():
        rows = RentalRow.from_station.query(sn, between, scan_index_forward=False, limit=limit, page_size=limit)
        return [rental_key(row.user_id, row.rental_id) for row in rows]


def of_user(user_id: str, *, after: str, before: str, limit: int) -> list[Key[Rental]]:
    """As `of_all`, of one user's rentals."""
    between = RentalRow.rental_id.between(after, before)
    with storage():
        rows = RentalRow.query(user_id, between, scan_index_forward=False, limit=limit, page_size=limit)
        return [rental_key(row.user_id, row.rental_id) for row in rows]
