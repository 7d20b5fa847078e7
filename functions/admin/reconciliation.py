"""Daily reconciliation with the payment gateways, to read and to download: /api/admin/reconciliation."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chalicelib.domain.configuration.gateway_registry import GATEWAYS
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.payments.payment_gateway import PaymentState
from chalicelib.domain.payments.reconciliation import Report, ReportState
from chalicelib.domain.payments.reconciliation_line import Finding, ReportLine
from chalicelib.domain.payments.topup_intent import IntentState
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.csv_files import csv_file
from chalicelib.edge.formats import DayText, Rupees, Time
from chalicelib.edge.models import EmptyRequest, RequestModel, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import CsvFile, Response, accepted, ok
from chalicelib.edge.text_conversion import AsInteger
from chalicelib.services.caller import Caller
from chalicelib.services.reconciliation import reports
from chalicelib.wiring import world
from functions.admin.paging import AnyPageQuery, NumberedPageQuery, PageNumbers, PageSize
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case, upper_case_or_none
from functions.params import Day, FirstDay, LastDay
from functions.routing import blueprint
from functions.schemas import money_or_none, time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_RECONCILIATION)
LineOutcome = Annotated[
    Literal["matched", "ours_only", "theirs_only", "differs", "unknown"],
    CaseInsensitive,
    Field(description="Only lines with this outcome"),
]
if TYPE_CHECKING:
    GatewayName = str
else:
    GatewayName = Literal[tuple(GATEWAYS)]
Gateway = Annotated[GatewayName, CaseInsensitive, Field(description="Only this payment gateway")]


class ReportsQuery(NumberedPageQuery):
    page_size: PageSize = 100
    since: Annotated[FirstDay | None, Field(alias="from")] = None
    until: Annotated[LastDay | None, Field(alias="to")] = None


class LinesQuery(AnyPageQuery):
    outcome: LineOutcome | None = None
    gateway: Gateway | None = None


class FileQuery(RequestModel):
    outcome: LineOutcome | None = None
    gateway: Gateway | None = None
    part: Annotated[
        int, Field(strict=True, ge=1, le=1000, description="Which file of the day, from 1"), AsInteger
    ] = 1


class RerunReconciliation(EmptyRequest):
    pass


class TotalResponse(ResponseModel):
    count: int
    our_amount: Rupees
    their_amount: Rupees


class ReportResponse(ResponseModel):
    day: DayText
    gateway: str
    status: Annotated[str, one_of_upper_case(ReportState)]
    revision: int
    lines_count: int
    outcomes: dict[str, TotalResponse]
    """Totals by outcome: MATCHED, OURS_ONLY, THEIRS_ONLY, DIFFERS, UNKNOWN."""
    started_at: Time
    finished_at: Time | None


class RestartedReportsResponse(ResponseModel):
    results: list[ReportResponse]


class ReportsResponse(ResponseModel):
    results: list[ReportResponse]
    pagination: PageNumbers


class ReportLineResponse(ResponseModel):
    gateway: str
    outcome: Annotated[str, one_of_upper_case(Finding)]
    intent_id: str | None
    user_id: str | None
    our_amount: Rupees | None
    their_amount: Rupees | None
    """What the payment service has of the payment, without `refunded_amount`."""
    refunded_amount: Rupees | None
    """What the payment service gave back. Null when it reported no sum."""
    our_reference: str | None
    their_reference: str | None
    our_status: Annotated[str, one_of_upper_case(IntentState)] | None
    their_status: Annotated[str, one_of_upper_case(PaymentState)] | None
    reason: str | None
    compared_at: Time


COLUMNS = ["day", *ReportLineResponse.model_fields]


class ReportDayResponse(ResponseModel):
    day: DayText
    reports: list[ReportResponse]
    results: list[ReportLineResponse]
    next_cursor: str | None
    pagination: PageNumbers | None
    """Null for a page that a cursor chose."""
    file_count: int
    """The number of CSV files that hold all lines of the day, without filters."""


@routes.get("/api/admin/reconciliation", permission="money", query=ReportsQuery, response=ReportsResponse)
def list_reports(query: ReportsQuery) -> Response:
    """Reconciliation reports, newest day first: of the last 30 days, or of at most 92 days in a range."""
    in_span = reports.of_days(world(), query.since, query.until)
    results = [to_report_response(report) for report in query.to_page().of(in_span)]
    return ok(ReportsResponse(results=results, pagination=PageNumbers.of(query, len(in_span))))


@routes.get("/api/admin/reconciliation/{day}", permission="money", query=LinesQuery, response=ReportDayResponse)
def read_day(query: LinesQuery, cursor: Cursor, day: Day) -> Response:
    """The reports of one day, and a page of their lines."""
    of_day = reports.of_day(world(), day.isoformat(), query.gateway)
    gateway, line = cursor.text("gateway"), cursor.text("line")
    after = None if gateway is None or line is None else (gateway, line)
    page = query.to_page() if after is None else NumberedPage(1, query.limit)
    lines, last = reports.page_of_lines(of_day, finding=_finding(query), after=after, page=page)
    next_cursor = cursor.following(gateway=last[0], line=last[1]) if last else None
    pagination = None if after else PageNumbers.of(query, _total(query, of_day, page.first + len(lines), last))
    return ok(to_report_day_response(of_day, lines, next_cursor, pagination))


@routes.get("/api/admin/reconciliation/{day}/csv", permission="money", query=FileQuery, response=CsvFile)
def download_day(query: FileQuery, day: Day) -> Response:
    """The lines of one day as a CSV file with a header row.

    A long day has several parts: `file_count` of the day says how many.
    """
    of_day = reports.of_day(world(), day.isoformat(), query.gateway)
    lines = reports.lines_of_file(world(), of_day, query.part, finding=_finding(query))
    name_parts = ("reconciliation", day.isoformat(), query.gateway, query.outcome, f"part-{query.part}")
    return csv_file("-".join(filter(None, name_parts)), COLUMNS, (_cells(report, line) for report, line in lines))


@routes.post(
    "/api/admin/reconciliation/{day}",
    permission="money",
    body=RerunReconciliation,
    response=RestartedReportsResponse,
    status=202,
)
def rerun_day(caller: Caller, day: Day) -> Response:
    """Compare one of the last 90 days again. The comparison starts with the next hourly run."""
    restarted = reports.rerun(world(), caller, day)
    return accepted(RestartedReportsResponse(results=[to_report_response(report) for report in restarted]))


def to_report_day_response(
    of_day: list[Report],
    lines: list[tuple[Report, ReportLine]],
    next_cursor: str | None,
    pagination: PageNumbers | None,
) -> ReportDayResponse:
    return ReportDayResponse(
        day=of_day[0].day,
        reports=[to_report_response(report) for report in of_day],
        results=[to_report_line_response(report, line) for report, line in lines],
        next_cursor=next_cursor,
        pagination=pagination,
        file_count=reports.file_count(world(), of_day),
    )


def to_report_response(report: Report) -> ReportResponse:
    return ReportResponse(
        day=report.day,
        gateway=report.gateway,
        status=in_upper_case(report.state),
        revision=report.revision,
        lines_count=report.lines_count,
        outcomes={
            in_upper_case(name): TotalResponse(
                count=total.count,
                our_amount=money_text(total.ours_paisa),
                their_amount=money_text(total.theirs_paisa),
            )
            for name, total in report.totals.items()
        },
        started_at=time_text(report.started_at),
        finished_at=time_or_none(report.finished_at),
    )


def to_report_line_response(report: Report, line: ReportLine) -> ReportLineResponse:
    return ReportLineResponse(
        gateway=report.gateway,
        outcome=in_upper_case(line.finding),
        intent_id=line.intent_id,
        user_id=line.user_id,
        our_amount=money_or_none(line.ours_paisa),
        their_amount=money_or_none(line.theirs_paisa),
        refunded_amount=money_or_none(line.refunded_paisa),
        our_reference=line.our_ref,
        their_reference=line.their_ref,
        our_status=upper_case_or_none(line.our_state),
        their_status=upper_case_or_none(line.their_state),
        reason=line.reason,
        compared_at=time_text(line.compared_at),
    )


def _finding(query: LinesQuery | FileQuery) -> Finding | None:
    return Finding(query.outcome) if query.outcome else None


def _total(query: LinesQuery, of_day: list[Report], read_count: int, last: tuple[str, str] | None) -> int:
    """The number of lines. The counts of a report that still runs are behind, so that more may have been read."""
    counted = reports.lines_count(of_day, _finding(query))
    return max(counted, read_count + (last is not None))


def _cells(report: Report, line: ReportLine) -> list[str]:
    return [report.day, *(value or "" for value in to_report_line_response(report, line).model_dump().values())]
