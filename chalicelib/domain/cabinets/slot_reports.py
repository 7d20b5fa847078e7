"""What a station reports of the slot that a rental's power bank was to leave, and whether the power bank is back.

The rental stores the reports, sorted by their own times. The decision reads only their content and their
times, so that it does not depend on the order in which they arrive.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MAX_EARLIEST = MAX_LATEST = 8
"""A rental keeps this many of its first and of its last reports."""
MAX_KEPT = MAX_EARLIEST + MAX_LATEST + 1
"""Those, and between them the last list without the power bank."""


class ReportKind(StrEnum):
    """Which frame reported the slot, and whether the power bank was in it."""

    ABSENT = "absent"
    """A snapshot showed the slot without the power bank."""
    RETURN = "return"
    SLOT_CHANGE = "slot_change"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True)
class SlotReport:
    """A report at `at`, the platform's time. `since` is the earliest time at which the power bank can have come.

    `changed` says that the cabinet did not list the power bank there before, or has read its slots again since.
    A snapshot that only repeats an earlier list proves nothing. `digest` is the digest of a snapshot's bytes.
    """

    at: datetime
    kind: ReportKind
    since: datetime
    battery_percent: int | None = None
    changed: bool = False
    digest: str | None = None


@dataclass(frozen=True)
class Comeback:
    """The power bank is back in the slot that it left. `certain` is True for an accepted return frame."""

    report: SlotReport
    certain: bool


def with_report(reports: Iterable[SlotReport], report: SlotReport) -> tuple[SlotReport, ...]:
    """The reports with one more, sorted by time. A repeated report changes nothing."""
    by_time = {(item.at, item.kind): item for item in (report, *reports)}
    ordered = tuple(by_time[key] for key in sorted(by_time))
    if len(ordered) <= MAX_EARLIEST + MAX_LATEST:
        return ordered
    between = ordered[MAX_EARLIEST:-MAX_LATEST]
    absent = [item for item in between if item.kind is ReportKind.ABSENT][-1:]
    return (*ordered[:MAX_EARLIEST], *absent, *ordered[-MAX_LATEST:])


def comeback(reports: Iterable[SlotReport], out_at: datetime, grace: timedelta) -> Comeback | None:
    """How the power bank that came out at `out_at` came back. None while no report proves it.

    An accepted return frame proves it. Two other reports prove it together, unless an absence lies between them. A
    snapshot counts only after a change of the slot or as a new reading, and not within `grace`: the cabinet may list
    what it ejected. Snapshots of the same bytes count once.
    """
    sights = sights_of(reports, out_at, grace)
    certain = any(_proves_return(report, out_at) for report in sights)
    return Comeback(sights[0], certain) if certain or len(sights) > 1 else None


def hint_at_return(reports: Iterable[SlotReport], out_at: datetime | None, grace: timedelta) -> bool:
    """Whether reports hint that the power bank that came out at `out_at` is back, and do not prove it yet."""
    if out_at is None or comeback(reports, out_at, grace) is not None:
        return False
    return bool(sights_of(reports, out_at, grace))


def sights_of(reports: Iterable[SlotReport], out_at: datetime, grace: timedelta) -> list[SlotReport]:
    """The reports that hint at a return of the power bank that came out at `out_at`, up to a return frame.

    The platform's times are whole seconds. A change of the slot in the second of the eject may have come before it or
    after it, so that even a return frame of that second only hints at a return.
    """
    believable, sights = False, list[SlotReport]()
    for report in reports:
        if report.at < out_at:
            continue
        if report.kind is ReportKind.ABSENT:
            believable, sights = True, []
            continue
        at_once = report.kind in (ReportKind.RETURN, ReportKind.SLOT_CHANGE)
        believable = believable or at_once or (report.changed and report.at > out_at)
        repeated = report.digest is not None and any(sight.digest == report.digest for sight in sights)
        if believable and not repeated and (at_once or report.at - out_at >= grace):
            sights.append(report)
        if _proves_return(report, out_at):
            break
    return sights


def _proves_return(report: SlotReport, out_at: datetime) -> bool:
    return report.kind is ReportKind.RETURN and report.at > out_at
