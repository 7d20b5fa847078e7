"""Lists what operators did, the newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.days import Span
from chalicelib.domain.numbered_page import MAX_LISTED, NumberedPage
from chalicelib.domain.operator import Operator
from chalicelib.tables import admin_log
from chalicelib.tables.admin_log import EntrySummary, LogEntry
from chalicelib.tables.dynamodb import fetch_found
from chalicelib.tables.operators import operator_key
from chalicelib.world import World


@dataclass(frozen=True)
class LogFilter:
    """Which entries are listed. None lists all."""

    span: Span
    admin_id: str | None = None
    action: str | None = None
    target: str | None = None

    def matches(self, entry: EntrySummary) -> bool:
        wanted = ((self.admin_id, entry.admin_id), (self.action, entry.action), (self.target, entry.target))
        return all(expected in (None, value) for expected, value in wanted)

    @property
    def selects(self) -> bool:
        """Whether it leaves out entries of the span."""
        return any((self.admin_id, self.action, self.target))


@dataclass(frozen=True)
class LogPage:
    """Entries with the operators who made them, by id. `following` is the cursor of the next page, and None at the
    end. `listed` counts the entries with page numbers, at most MAX_LISTED."""

    entries: Sequence[LogEntry]
    operators: Mapping[str, Operator]
    following: str | None
    listed: int


def page_of(world: World, wanted: LogFilter, page: NumberedPage, *, before: str | None) -> LogPage:
    """The page after the entry `before`, or the page by number.

    With a filter the newest MAX_LISTED entries are looked at: a page may hold less than it could and still have a
    cursor.
    """
    by_cursor = before is not None
    limit = MAX_LISTED + 1 if wanted.selects else page.read_limit(by_cursor=by_cursor)
    now: datetime = world.now() + timedelta(seconds=1)
    until = min(wanted.span.end or now, now)
    looked_at = admin_log.newest(wanted.span.start, until, before, limit)
    matching = [summary for summary in looked_at[:MAX_LISTED] if wanted.matches(summary)]
    candidates = matching if wanted.selects else looked_at
    of_page, more_follow, listed = page.of_keys(candidates, by_cursor=by_cursor)
    following = of_page[-1].entry if more_follow else None
    if following is None and wanted.selects and len(looked_at) > MAX_LISTED:
        following = looked_at[MAX_LISTED - 1].entry
    keys = [admin_log.entry_key(summary.year, summary.entry) for summary in of_page]
    admins = {summary.admin_id: operator_key(summary.admin_id) for summary in of_page}
    found = fetch_found([*keys, *admins.values()])
    return LogPage(
        [entry for key in keys if (entry := found[key]) is not None],
        {admin_id: operator for admin_id, key in admins.items() if (operator := found[key]) is not None},
        following,
        listed,
    )
