"""Operators: every gateway's day held against ours, to read and to download: /api/admin/reconciliation."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from chalicelib.domain.money import money_text
from chalicelib.domain.payment_gateway import PaymentState
from chalicelib.domain.problems import Problem
from chalicelib.domain.reconciliation import Finding, Report, ReportLine, ReportState
from chalicelib.domain.topup import IntentState
from chalicelib.edge import pagination
from chalicelib.edge.authentication import authenticate
from chalicelib.edge.coercion import AsInteger
from chalicelib.edge.formats import DayText, Rupees, Time, in_capitals
from chalicelib.edge.models import PageQuery, RequestModel, ResponseModel
from chalicelib.edge.parsing import body, path_param, query
from chalicelib.edge.responses import CsvFile, Response, accepted, csv_file, ok
from chalicelib.services.reconciliation import reports
from chalicelib.wiring import world
from functions.params import Day, EitherCase, FirstDay, LastDay
from functions.routing import blueprint
from functions.schemas import time_text
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_RECONCILIATION)
DAY: TypeAdapter[date] = TypeAdapter(Day)
Outcome = Annotated[
    Literal["matched", "ours_only", "theirs_only", "differs", "unknown"],
    EitherCase,
    Field(description="Only lines with this outcome"),
]
Gateway = Annotated[Literal["khalti", "esewa", "stripe"], EitherCase, Field(description="Only this payment gateway")]


class ReportsQuery(RequestModel):
    since: Annotated[FirstDay | None, Field(alias="from")] = None
    until: Annotated[LastDay | None, Field(alias="to")] = None


class LinesQuery(PageQuery):
    outcome: Outcome | None = None
    gateway: Gateway | None = None


class FileQuery(RequestModel):
    outcome: Outcome | None = None
    gateway: Gateway | None = None
    part: Annotated[
        int, Field(strict=True, ge=1, le=1000, description="Which file of the day, from 1"), AsInteger
    ] = 1


class RerunReconciliation(RequestModel):
    pass


class TotalResponse(ResponseModel):
    count: int
    our_amount: Rupees
    their_amount: Rupees


class ReportResponse(ResponseModel):
    day: DayText
    gateway: str
    status: Annotated[str, in_capitals(ReportState)]
    revision: int
    lines_count: int
    outcomes: dict[str, TotalResponse]
    """By MATCHED, OURS_ONLY, THEIRS_ONLY, DIFFERS, UNKNOWN."""
    started_at: Time
    finished_at: Time | None


class ReportsResponse(ResponseModel):
    results: list[ReportResponse]


class ReportLineResponse(ResponseModel):
    gateway: str
    outcome: Annotated[str, in_capitals(Finding)]
    intent_id: str | None
    user_id: str | None
    our_amount: Rupees | None
    their_amount: Rupees | None
    our_reference: str | None
    their_reference: str | None
    our_status: Annotated[str, in_capitals(IntentState)] | None
    their_status: Annotated[str, in_capitals(PaymentState)] | None
    reason: str | None
    compared_at: Time


COLUMNS = ["day", *ReportLineResponse.model_fields]


class ReportDayResponse(ResponseModel):
    day: DayText
    reports: list[ReportResponse]
    results: list[ReportLineResponse]
    next_cursor: str | None
    file_count: int
    """In how many files the day's lines can be downloaded, without filters."""


@routes.get("/api/admin/reconciliation", permission="money", query=ReportsQuery, response=ReportsResponse)
def list_reports() -> Response:
    """Reports, newest day first: those of the last 30 days, or of up to 92 from one day to another."""
    authenticate(routes)
    request = query(routes, ReportsQuery)
    reports_found = reports.of_days(world(), request.since, request.until)
    return ok(ReportsResponse(results=[to_report_response(report) for report in reports_found]))


@routes.get("/api/admin/reconciliation/{day}", permission="money", query=LinesQuery, response=ReportDayResponse)
def read_day(day: str) -> Response:
    """A day's summaries and its lines, page by page."""
    caller = authenticate(routes)
    request = query(routes, LinesQuery)
    position = pagination.decode_cursor(routes, caller.user_id, request)
    reports_found = reports.of_day(world(), _day(day).isoformat(), request.gateway)
    if position is not None and position["day"] != reports_found[0].day:
        raise Problem("invalid_cursor")
    lines, behind = reports.page(
        reports_found,
        finding=Finding(request.outcome) if request.outcome else None,
        after=(position["gateway"], position["line"]) if position else None,
        limit=request.limit,
    )
    place = {"gateway": behind[0], "line": behind[1], "day": reports_found[0].day} if behind else None
    return ok(
        ReportDayResponse(
            day=reports_found[0].day,
            reports=[to_report_response(report) for report in reports_found],
            results=[to_report_line_response(report, line) for report, line in lines],
            next_cursor=pagination.encode_cursor(routes, caller.user_id, request, place) if place else None,
            file_count=reports.file_count(world(), reports_found),
        )
    )


@routes.get("/api/admin/reconciliation/{day}/csv", permission="money", query=FileQuery, response=CsvFile)
def download_day(day: str) -> Response:
    """A day's lines as a file, with its header. A long day has several `part`s: how many is told with the day."""
    authenticate(routes)
    request = query(routes, FileQuery)
    reports_found = reports.of_day(world(), _day(day).isoformat(), request.gateway)
    lines = reports.part(
        world(), reports_found, request.part, finding=Finding(request.outcome) if request.outcome else None
    )
    name_parts = filter(
        None, ("reconciliation", reports_found[0].day, request.gateway, request.outcome, f"part-{request.part}")
    )
    return csv_file("-".join(name_parts), COLUMNS, (_cells(report, line) for report, line in lines))


@routes.post(
    "/api/admin/reconciliation/{day}",
    permission="money",
    body=RerunReconciliation,
    response=ReportsResponse,
    status=202,
)
def rerun_day(day: str) -> Response:
    """Have a day of the last 90 compared anew, or now: by the next runs, an hour at most from now."""
    caller = authenticate(routes)
    body(routes, RerunReconciliation)
    restarted = reports.rerun(world(), caller, _day(day))
    return accepted(ReportsResponse(results=[to_report_response(report) for report in restarted]))


def to_report_response(report: Report) -> ReportResponse:
    return ReportResponse(
        day=report.day,
        gateway=report.gateway,
        status=report.state.value.upper(),
        revision=report.revision,
        lines_count=report.lines_count,
        outcomes={
            name.upper(): TotalResponse(
                count=total.count,
                our_amount=money_text(total.ours_paisa),
                their_amount=money_text(total.theirs_paisa),
            )
            for name, total in report.totals.items()
        },
        started_at=time_text(report.started_at),
        finished_at=time_text(report.finished_at),
    )


def to_report_line_response(report: Report, line: ReportLine) -> ReportLineResponse:
    return ReportLineResponse(
        gateway=report.gateway,
        outcome=line.finding.value.upper(),
        intent_id=line.intent_id,
        user_id=line.user_id,
        our_amount=_money(line.ours_paisa),
        their_amount=_money(line.theirs_paisa),
        our_reference=line.our_ref,
        their_reference=line.their_ref,
        our_status=_upper(line.our_state),
        their_status=_upper(line.their_state),
        reason=line.reason,
        compared_at=time_text(line.compared_at),
    )


def _cells(report: Report, line: ReportLine) -> list[str]:
    return [report.day, *(value or "" for value in to_report_line_response(report, line).model_dump().values())]


def _money(paisa: int | None) -> str | None:
    return None if paisa is None else money_text(paisa)


def _upper(word: str | None) -> str | None:
    return word.upper() if word else None


def _day(part: str) -> date:
    """Raises Problem("not_found") for what is no day."""
    try:
        return DAY.validate_python(path_param(part))
    except ValidationError as error:
        raise Problem("not_found") from error
