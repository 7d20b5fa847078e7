"""Returns of a doubtful time: one list for operators, one for each customer and one for each station."""

from datetime import datetime, timedelta

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.rentals.return_time_doubt import ReturnDoubt
from chalicelib.domain.text.time_text import sortable_time_text
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute, TimeAttribute
from chalicelib.tables.newest_first import newest_rows
from chalicelib.tables.rows import Row, entity, values

EVERYONE = "all"
DOUBT_TTL = timedelta(days=180)


class ReturnDoubtRow(Row):
    """`subject` names the list. `doubt_id` sorts by the time of the report."""

    class Meta:
        table_name = "return_doubts"

    subject = UnicodeAttribute(hash_key=True)
    doubt_id = UnicodeAttribute(range_key=True)
    rental_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    station_sn = UnicodeAttribute()
    ended_at = TimeAttribute()
    reported_at = TimeAttribute()
    expires = IntAttribute()


def add(ops: Transaction, doubt: ReturnDoubt) -> None:
    """Stage the doubt in its three lists."""
    doubt_id = f"{sortable_time_text(doubt.reported_at)}#{doubt.rental_id}"
    expires = int((doubt.reported_at + DOUBT_TTL).timestamp())
    for subject in (EVERYONE, customer(doubt.user_id), station(doubt.station_sn)):
        ops.add(ReturnDoubtRow(subject=subject, doubt_id=doubt_id, expires=expires, **values(doubt)))


def customer(user_id: str) -> str:
    return f"customer#{user_id}"


def station(sn: str) -> str:
    return f"station#{sn}"


def newest(subject: str, limit: int, *, since: datetime | None = None) -> list[ReturnDoubt]:
    """The doubts of a list, the newest first, read strongly. Raises Problem("storage_unavailable")."""
    later = ReturnDoubtRow.doubt_id >= sortable_time_text(since) if since is not None else None
    return [entity(row, ReturnDoubt) for row in newest_rows(ReturnDoubtRow, subject, later, limit=limit)]
