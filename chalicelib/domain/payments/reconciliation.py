"""Reconciliation of one day at one gateway: the report, and the totals of its lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.payments.reconciliation_line import Finding, ReportLine

MAX_REPORT_AGE = timedelta(days=7)
"""How long the service asks a gateway again for payments that the gateway did not report."""
END = "z"
"""The progress of a report that has compared every payment. It sorts after every intent id."""
DIFFERENT = frozenset({Finding.OURS_ONLY, Finding.THEIRS_ONLY, Finding.DIFFERS})


@dataclass(frozen=True)
class Total:
    """The number of lines with one finding, and the money of both sides in them."""

    count: int = 0
    ours_paisa: int = 0
    theirs_paisa: int = 0


class ReportState(StrEnum):
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True)
class Report:
    """The report of one gateway's day. Every intent up to the id `progress` has its line.

    `lines_count` and `totals` are those of the last count; they are final once the report is done.
    """

    day: str
    gateway: str
    started_at: datetime
    revision: int = 1
    state: ReportState = ReportState.RUNNING
    progress: str = ""
    finished_at: datetime | None = None
    totals: Mapping[str, Total] = field(default_factory=dict)
    alerted: bool = False
    """Whether the alarm about its differences has been raised."""
    version: int = 0

    @property
    def name(self) -> str:
        return f"{self.day}#{self.gateway}"

    @property
    def lines_count(self) -> int:
        return sum(total.count for total in self.totals.values())

    @property
    def all_compared(self) -> bool:
        return self.progress == END

    @property
    def differs(self) -> bool:
        return any(self.totals[finding].count for finding in DIFFERENT if finding in self.totals)

    @property
    def unknown_count(self) -> int:
        return self.totals.get(Finding.UNKNOWN, Total()).count

    def advanced(self, progress: str) -> "Report":
        """The report with `progress`, unless it is further on already."""
        return replace(self, progress=max(self.progress, progress))

    def with_totals(self, totals: Mapping[str, Total]) -> "Report":
        return replace(self, totals=dict(totals))

    @property
    def unreported_differences(self) -> bool:
        """Whether all payments are compared and their differences have raised no alarm yet."""
        return self.all_compared and self.differs and not self.alerted

    def given_up(self, now: datetime) -> bool:
        """Whether something is still unknown after MAX_REPORT_AGE."""
        return now - self.started_at > MAX_REPORT_AGE and not (self.all_compared and not self.unknown_count)

    def closed(self, now: datetime) -> "Report":
        """Marked as alerted. Also marked as done, once everything is known or the report is given up."""
        alerted = replace(self, alerted=self.alerted or self.unreported_differences)
        if self.given_up(now) or (self.all_compared and not self.unknown_count):
            return replace(alerted, state=ReportState.DONE, finished_at=now)
        return alerted

    def restarted(self, now: datetime) -> "Report":
        """A new revision that compares the day from its beginning. Lines of earlier revisions no longer count."""
        return replace(
            self,
            started_at=now,
            revision=self.revision + 1,
            state=ReportState.RUNNING,
            progress="",
            finished_at=None,
            totals={},
            alerted=False,
        )


def totals_of(lines: Iterable[ReportLine]) -> dict[str, Total]:
    """A Total for each finding, in the order of Finding. A finding without lines has an empty Total."""
    totals = {finding.value: Total() for finding in Finding}
    for line in lines:
        before = totals[line.finding]
        totals[line.finding] = Total(
            before.count + 1,
            before.ours_paisa + (line.ours_paisa or 0),
            before.theirs_paisa + (line.theirs_paisa or 0),
        )
    return totals
