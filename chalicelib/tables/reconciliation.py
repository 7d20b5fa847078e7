"""Reconciliation reports, one for each gateway and day, and their lines."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.payments.reconciliation import Report, ReportState, Total
from chalicelib.domain.payments.reconciliation_line import Finding, ReportLine
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import due_in, storage
from chalicelib.tables.rows import Key, Row, WaitingIndex, entity, shard_of, values

PAGE_SIZE = 500


class ReportsRunning(WaitingIndex, name="running"):
    """Reports that are not finished."""


class ReportRow(Row):
    class Meta:
        table_name = "reports"

    day = UnicodeAttribute(hash_key=True)
    gateway = UnicodeAttribute(range_key=True)
    revision = IntAttribute()
    state = EnumAttribute(ReportState)
    progress = UnicodeAttribute()
    started_at = TimeAttribute()
    finished_at = TimeAttribute(null=True)
    totals: DocumentAttribute[Mapping[str, Total]] = DocumentAttribute(dict[str, Total])
    alerted = BooleanAttribute()
    shard = UnicodeAttribute(null=True)
    wait_until = TimeAttribute(null=True)
    version = IntAttribute()
    running = ReportsRunning()


class ReportLineRow(Row):
    class Meta:
        table_name = "report_lines"

    report = UnicodeAttribute(hash_key=True)
    line_id = UnicodeAttribute(range_key=True)
    finding = EnumAttribute(Finding)
    revision = IntAttribute()
    compared_at = TimeAttribute()
    intent_id = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    ours_paisa = IntAttribute(null=True)
    theirs_paisa = IntAttribute(null=True)
    refunded_paisa = IntAttribute(null=True)
    our_ref = UnicodeAttribute(null=True)
    their_ref = UnicodeAttribute(null=True)
    our_state = UnicodeAttribute(null=True)
    their_state = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    version = IntAttribute()


def report_key(day: str, gateway: str) -> Key[Report]:
    return Key(ReportRow, day, gateway, lambda row: entity(row, Report))


def line_key(report: str, line_id: str) -> Key[ReportLine]:
    return Key(ReportLineRow, report, line_id, lambda row: entity(row, ReportLine))


def save(ops: Transaction, report: Report) -> None:
    """Stage a report. The index `running` lists it until it is finished."""
    row = ReportRow(**values(report))
    if report.state is ReportState.RUNNING:
        row.shard, row.wait_until = shard_of(report.name), report.started_at
    ops.save(row, report.version)


def save_line(ops: Transaction, report: Report, line: ReportLine) -> None:
    ops.save(ReportLineRow(report=report.name, **values(line)), line.version)


def running(now: datetime, limit: int) -> list[Report]:
    """Unfinished reports for the job of each hour, the oldest first."""
    reports = due_in(ReportRow.running, lambda row: report_key(row.day, row.gateway), now, limit, every_minutes=60)
    return [report for report in reports if report.state is ReportState.RUNNING]


def lines(report: Report, *, after: str = "", finding: Finding | None = None) -> Iterator[ReportLine]:
    """The lines of the report's revision with ids above `after`, in order. Reads are strongly consistent."""
    behind = ReportLineRow.line_id > after if after else None
    condition = ReportLineRow.revision == report.revision
    if finding is not None:
        condition = condition & (ReportLineRow.finding == finding)
    with storage():
        for row in ReportLineRow.query(
            report.name, behind, filter_condition=condition, consistent_read=True, page_size=PAGE_SIZE
        ):
            yield entity(row, ReportLine)
