"""Where a rented power bank was, one point a minute, kept for 30 days."""

from datetime import datetime, timedelta

from pynamodb.attributes import UnicodeAttribute

from chalicelib.tables.atomic import MAX_ITEMS, Transaction
from chalicelib.tables.attributes import FloatAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.conditional_writes import put_if
from chalicelib.tables.rows import Row

LOCATION_TTL = timedelta(days=30)
PLACE_DIGITS, ACCURACY_DIGITS = 6, 1


class RentalLocationRow(Row):
    """`point_id` is the rental's id and the minute, so that a minute has one point."""

    class Meta:
        table_name = "rental_locations"

    user_id = UnicodeAttribute(hash_key=True)
    point_id = UnicodeAttribute(range_key=True)
    latitude = FloatAttribute()
    longitude = FloatAttribute()
    accuracy_metres = FloatAttribute(null=True)
    at = TimeAttribute()
    expires = IntAttribute()


def add(
    user_id: str, rental_id: str, at: datetime, place: tuple[float, float], accuracy_metres: float | None
) -> bool:
    """Store a point, latitude and longitude in degrees. False when this minute has one already.

    Raises Problem("storage_unavailable").
    """
    row = RentalLocationRow(
        user_id=user_id,
        point_id=f"{rental_id}#{at:%Y-%m-%dT%H:%M}",
        # DynamoDB refuses numbers below 1e-130; six digits are 11 cm
        latitude=round(place[0], PLACE_DIGITS),
        longitude=round(place[1], PLACE_DIGITS),
        accuracy_metres=None if accuracy_metres is None else round(accuracy_metres, ACCURACY_DIGITS),
        at=at,
        expires=int((at + LOCATION_TTL).timestamp()),
    )
    return put_if(row, RentalLocationRow.user_id.does_not_exist())


def stage_deletion(ops: Transaction, user_id: str, limit: int = MAX_ITEMS) -> int:
    """Stage the deletion of a user's first `limit` points. Returns their number."""
    return ops.remove_first(RentalLocationRow, user_id, limit)
