"""The log of the actions of operators."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.domain.text.ids import first_id_of
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values

FIRST_YEAR = 2026
BEFORE_ALL_IDS = "0"
SUMMARY = ("year", "entry", "admin_id", "action", "target")


@dataclass(frozen=True)
class LogEntry:
    """One action of an operator. `year` is `YYYY`, `entry` is an id that sorts by time, and `changes` is JSON.

    `route`, `address` and `user_agent` are those of the request, and empty without one.
    """

    year: str
    entry: str
    admin_id: str
    action: str
    target: str
    changes: dict[str, Any]
    at: datetime
    route: str = ""
    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True)
class EntrySummary:
    """What filters of the log read of an entry."""

    year: str
    entry: str
    admin_id: str
    action: str
    target: str


class AuditLogRow(Row):
    class Meta:
        table_name = "audit_log"

    year = UnicodeAttribute(hash_key=True)
    entry = UnicodeAttribute(range_key=True)
    admin_id = UnicodeAttribute()
    action = UnicodeAttribute()
    target = UnicodeAttribute()
    changes = JSONAttribute()
    at = TimeAttribute()
    route = UnicodeAttribute(null=True)
    address = UnicodeAttribute(null=True)
    user_agent = UnicodeAttribute(null=True)


def entry_key(year: str, entry: str) -> Key[LogEntry]:
    return Key(AuditLogRow, year, entry, lambda row: entity(row, LogEntry))


def add_entry(ops: Transaction, entry: LogEntry) -> None:
    """Stage an entry, in the transaction of the action."""
    present = {name: value for name, value in values(entry).items() if value != ""}
    ops.add(AuditLogRow(**present))


def newest(since: datetime | None, until: datetime, before: str | None, limit: int) -> list[EntrySummary]:
    """At most `limit` entries from `since` to `until`, the newest first, older than the entry `before`.

    Raises Problem("storage_unavailable").
    """
    summaries: list[EntrySummary] = []
    lowest = first_id_of(since) if since else BEFORE_ALL_IDS
    highest = before or first_id_of(until)
    first_year = max(FIRST_YEAR, since.year if since else FIRST_YEAR)
    with storage():
        for year in range(until.year, first_year - 1, -1):
            missing = limit - len(summaries)
            summaries += [
                summary for summary in _of_year(str(year), lowest, highest, missing + 1) if summary.entry != before
            ]
            if len(summaries) >= limit:
                break
    return summaries[:limit]


def _of_year(year: str, lowest: str, highest: str, limit: int) -> list[EntrySummary]:
    if lowest > highest:
        return []
    rows: Any = AuditLogRow.query(
        year,
        AuditLogRow.entry.between(lowest, highest),
        scan_index_forward=False,
        consistent_read=True,
        attributes_to_get=list(SUMMARY),
        limit=limit,
        page_size=limit,
    )
    return [EntrySummary(row.year, row.entry, row.admin_id, row.action, row.target) for row in rows]
