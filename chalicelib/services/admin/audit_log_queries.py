"""Lists what operators did, the newest first, and reads one entry whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.operators.operator import Operator
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.text.days import Span
from chalicelib.domain.text.ids import year_of_id
from chalicelib.services.newest_pages import NewestPage, Position, read_page
from chalicelib.tables import audit_log
from chalicelib.tables.audit_log import EntrySummary, LogEntry
from chalicelib.tables.dynamodb import fetch_all, fetch_one
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
        conditions = ((self.admin_id, entry.admin_id), (self.action, entry.action), (self.target, entry.target))
        return all(expected in (None, value) for expected, value in conditions)

    @property
    def selects(self) -> bool:
        """Whether it leaves out entries of the span."""
        return any((self.admin_id, self.action, self.target))


@dataclass(frozen=True)
class LoggedAction:
    """An entry with the operator who made it: None for one who was removed."""

    entry: LogEntry
    operator: Operator | None


def page_of(world: World, criteria: LogFilter, page: NumberedPage, *, before: str | None) -> NewestPage[LoggedAction]:
    """The page after the entry `before`, or the page by number."""
    now = world.now() + timedelta(seconds=1)
    until = min(criteria.span.end or now, now)

    def read(limit: int) -> list[Position[EntrySummary]]:
        summaries = audit_log.newest(criteria.span.start, until, before, limit)
        return [Position(summary.entry, summary) for summary in summaries]

    matches_key = criteria.matches if criteria.selects else None
    return read_page(read, _load, page, by_cursor=before is not None, matches_key=matches_key)


def read(entry_id: str) -> LoggedAction:
    """One entry, whole. Raises Problem("not_found")."""
    try:
        key = audit_log.entry_key(year_of_id(entry_id), entry_id)
    except ValueError:
        raise Problem("not_found") from None
    entry = must_exist(fetch_one(key))
    return LoggedAction(entry, fetch_one(operator_key(entry.admin_id)))


def _load(summaries: Sequence[EntrySummary]) -> Mapping[EntrySummary, LoggedAction]:
    keys = {summary: audit_log.entry_key(summary.year, summary.entry) for summary in summaries}
    operators = {summary.admin_id: operator_key(summary.admin_id) for summary in summaries}
    found = fetch_all([*keys.values(), *operators.values()])
    return {
        summary: LoggedAction(entry, found[operators[summary.admin_id]])
        for summary, key in keys.items()
        if (entry := found[key]) is not None
    }
