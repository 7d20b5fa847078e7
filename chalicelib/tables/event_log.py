"""The event log: entries by cabinet, and by the rental that they belong to."""

from collections.abc import Sequence

from pynamodb.attributes import BinaryAttribute, JSONAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from chalicelib.domain.cabinets.event_log import EVENT_TTL, EventKind, LogEntry
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.batch_writes import put_all
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.newest_first import newest_rows
from chalicelib.tables.rows import Row, entity, values


class EventsOfRental(GlobalSecondaryIndex["EventRow"]):  # type: ignore[no-untyped-call]
    """Whole entries by rental. An entry without a rental is not in it. No decision reads it."""

    class Meta:
        index_name = "of_rental"
        projection = AllProjection()

    rental_id = UnicodeAttribute(hash_key=True)
    entry_id = UnicodeAttribute(range_key=True)


class EventRow(Row):
    class Meta:
        table_name = "event_log"

    source = UnicodeAttribute(hash_key=True)
    entry_id = UnicodeAttribute(range_key=True)
    kind = EnumAttribute(EventKind)
    name = UnicodeAttribute()
    at = TimeAttribute()
    recorded_at = TimeAttribute()
    outcome = UnicodeAttribute()
    message_id = UnicodeAttribute()
    rental_id = UnicodeAttribute(null=True)
    raw = BinaryAttribute(null=True, legacy_encoding=False)
    fields = JSONAttribute(null=True)
    expires = IntAttribute()
    of_rental = EventsOfRental()


def write(entries: Sequence[LogEntry]) -> None:
    """Put the entries, 25 in each call. Raises Problem("storage_unavailable")."""
    put_all([_row(entry) for entry in entries])


def stage(ops: Transaction, entry: LogEntry) -> None:
    """Stage an entry in the transaction of what it is about. It replaces an entry with the same id."""
    ops.put(_row(entry))


def of_rental(rental_id: str, *, after: str | None, limit: int) -> list[LogEntry]:
    """Up to `limit` entries of a rental, the oldest first, after the entry id `after`."""
    later = EventsOfRental.entry_id > after if after is not None else None
    with storage():
        rows = EventRow.of_rental.query(rental_id, later, limit=limit, page_size=limit)
        return [entity(row, LogEntry) for row in rows]


def newest(source: str, *, limit: int) -> list[LogEntry]:
    """Up to `limit` entries of a cabinet, the newest first. Raises Problem("storage_unavailable")."""
    return [entity(row, LogEntry) for row in newest_rows(EventRow, source, limit=limit)]


def _row(entry: LogEntry) -> EventRow:
    expires = int((entry.recorded_at + EVENT_TTL).timestamp())
    content = {name: value for name, value in values(entry).items() if value not in (b"", {})}
    return EventRow(**content, entry_id=entry.entry_id, expires=expires)
