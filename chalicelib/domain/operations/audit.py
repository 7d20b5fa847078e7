"""The audit: a violation, one audit of all tables, and the progress of each of its walks."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

NIGHTLY = "schedule"
"""Stands for the operator who started an audit that the nightly schedule started."""
MAX_OPEN_AGE = timedelta(hours=1)
"""How late the work of a sweep may be before it is a violation. Sweeps run each minute."""


@dataclass(frozen=True)
class Violation:
    """A rule that does not hold. `row` is the id of the row."""

    rule: str
    row: str
    detail: str = ""


class AuditState(StrEnum):
    """Running: some rows are not judged yet."""

    RUNNING = "running"
    FINISHED = "finished"


@dataclass(frozen=True)
class Audit:
    """One audit of all tables. The counts are those of all its walks, and are known when it has finished.

    `unsettled_count` counts subjects that looked wrong and changed at each look: the next audit judges them.
    """

    audit_id: str
    started_at: datetime
    started_by: str
    state: AuditState = AuditState.RUNNING
    finished_at: datetime | None = None
    rows_count: int = 0
    violations_count: int = 0
    unsettled_count: int = 0
    version: int = 0

    @property
    def running(self) -> bool:
        return self.state is AuditState.RUNNING


@dataclass(frozen=True)
class AuditWalk:
    """The checkpoint of one walk: a segment of one table, judged up to the row with the key `position`.

    `position` is empty at the beginning. `name` is the check and the number of the segment.
    """

    audit_id: str
    name: str
    position: str = ""
    done: bool = False
    rows_count: int = 0
    violations_count: int = 0
    unsettled_count: int = 0
    version: int = 0

    def advanced(self, *, rows: int, violations: int, unsettled: int) -> "AuditWalk":
        """The walk with the counts of one more page."""
        return replace(
            self,
            rows_count=self.rows_count + rows,
            violations_count=self.violations_count + violations,
            unsettled_count=self.unsettled_count + unsettled,
        )
