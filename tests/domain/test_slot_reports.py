"""The reports of a slot that a rental keeps."""

from datetime import timedelta

import pytest

from chalicelib.domain.cabinets.slot_reports import MAX_KEPT, ReportKind, SlotReport, with_report
from tests.domain.rental_samples import NOW


def report(minute: int, kind: ReportKind) -> SlotReport:
    at = NOW + timedelta(minutes=minute)
    return SlotReport(at, kind, at)


@pytest.mark.parametrize("absent_at", [0, 9, 20, 39])
def test_a_list_without_the_power_bank_is_kept_among_many_lists(absent_at: int) -> None:
    reports: tuple[SlotReport, ...] = ()
    for minute in range(40):
        kind = ReportKind.ABSENT if minute == absent_at else ReportKind.SNAPSHOT
        reports = with_report(reports, report(minute, kind))
        assert len(reports) <= MAX_KEPT
    assert report(absent_at, ReportKind.ABSENT) in reports
    assert list(reports) == sorted(reports, key=lambda one: one.at)
