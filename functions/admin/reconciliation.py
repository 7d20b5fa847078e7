"""Operators: every gateway's day held against ours, to read and to download: /api/admin/reconciliation."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from chalicelib.domain.payment_gateway import Paid
from chalicelib.domain.problems import Problem
from chalicelib.domain.reconciliation import Finding, Line, Report, ReportState
from chalicelib.domain.topup import IntentState
from chalicelib.edge import pagination
from chalicelib.edge.authentication import caller
from chalicelib.edge.coercion import AsInteger
from chalicelib.edge.formats import DayText, Rupees, Time, in_capitals
from chalicelib.edge.models import Asked, PageAsked, Told
from chalicelib.edge.parsing import body, path_text, query
from chalicelib.edge.responses import Answer, Table, accepted, money_text, ok, table
from chalicelib.services.reconciliation import reports
from chalicelib.wiring import world
from functions.params import Day, EitherCase, FirstDay, LastDay
from functions.routing import doors
from functions.schemas import time_text
from functions.tags import Tag

routes = doors(__name__, Tag.ADMIN_RECONCILIATION)
DAY: TypeAdapter[date] = TypeAdapter(Day)
Outcome = Annotated[
    Literal["matched", "ours_only", "theirs_only", "differs", "unknown"],
    EitherCase,
    Field(description="Only lines with this outcome"),
]
Gateway = Annotated[Literal["khalti", "esewa", "stripe"], EitherCase, Field(description="Only this payment gateway")]


class ReportsAsked(Asked):
    since: Annotated[FirstDay | None, Field(alias="from")] = None
    until: Annotated[LastDay | None, Field(alias="to")] = None


class LinesAsked(PageAsked):
    outcome: Outcome | None = None
    gateway: Gateway | None = None


class FileAsked(Asked):
    outcome: Outcome | None = None
    gateway: Gateway | None = None
    part: Annotated[
        int, Field(strict=True, ge=1, le=1000, description="Which file of the day, from 1"), AsInteger
    ] = 1


class CompareAnew(Asked):
    pass


class TotalView(Told):
    count: int
    our_amount: Rupees
    their_amount: Rupees


class ReportView(Told):
    day: DayText
    gateway: str
    status: Annotated[str, in_capitals(ReportState)]
    edition: int
    lines_count: int
    outcomes: dict[str, TotalView]
    """By MATCHED, OURS_ONLY, THEIRS_ONLY, DIFFERS, UNKNOWN."""
    started_at: Time
    finished_at: Time | None


class Reports(Told):
    results: list[ReportView]


class LineView(Told):
    gateway: str
    outcome: Annotated[str, in_capitals(Finding)]
    intent_id: str | None
    user_id: str | None
    our_amount: Rupees | None
    their_amount: Rupees | None
    our_reference: str | None
    their_reference: str | None
    our_status: Annotated[str, in_capitals(IntentState)] | None
    their_status: Annotated[str, in_capitals(Paid)] | None
    reason: str | None
    compared_at: Time


COLUMNS = ["day", *LineView.model_fields]


class DayView(Told):
    day: DayText
    reports: list[ReportView]
    results: list[LineView]
    next_cursor: str | None
    csv_parts: int
    """In how many files the day's lines can be downloaded, without filters."""


@routes.get("/api/admin/reconciliation", right="money", query=ReportsAsked, answer=Reports)
def list_reports() -> Answer:
    """Reports, newest day first: those of the last 30 days, or of up to 92 from one day to another."""
    caller(routes)
    asked = query(routes, ReportsAsked)
    found = reports.of_days(world(), asked.since, asked.until)
    return ok(Reports(results=[report_view(report) for report in found]))


@routes.get("/api/admin/reconciliation/{day}", right="money", query=LinesAsked, answer=DayView)
def read_day(day: str) -> Answer:
    """A day's summaries and its lines, page by page."""
    who = caller(routes)
    asked = query(routes, LinesAsked)
    position = pagination.opened(routes, who.user_id, asked)
    found = reports.of_day(world(), _day(day).isoformat(), asked.gateway)
    if position is not None and position["day"] != found[0].day:
        raise Problem("invalid_cursor")
    lines, behind = reports.page(
        found,
        finding=Finding(asked.outcome) if asked.outcome else None,
        after=(position["gateway"], position["line"]) if position else None,
        limit=asked.limit,
    )
    place = {"gateway": behind[0], "line": behind[1], "day": found[0].day} if behind else None
    return ok(
        DayView(
            day=found[0].day,
            reports=[report_view(report) for report in found],
            results=[line_view(report, line) for report, line in lines],
            next_cursor=pagination.sealed(routes, who.user_id, asked, place) if place else None,
            csv_parts=reports.parts_count(world(), found),
        )
    )


@routes.get("/api/admin/reconciliation/{day}/csv", right="money", query=FileAsked, answer=Table)
def download_day(day: str) -> Answer:
    """A day's lines as a file, with its header. A long day has several `part`s: how many is told with the day."""
    caller(routes)
    asked = query(routes, FileAsked)
    found = reports.of_day(world(), _day(day).isoformat(), asked.gateway)
    lines = reports.part(world(), found, asked.part, finding=Finding(asked.outcome) if asked.outcome else None)
    named = filter(None, ("reconciliation", found[0].day, asked.gateway, asked.outcome, f"part-{asked.part}"))
    return table("-".join(named), COLUMNS, (_cells(report, line) for report, line in lines))


@routes.post("/api/admin/reconciliation/{day}", right="money", asks=CompareAnew, answer=Reports, status=202)
def compare_day(day: str) -> Answer:
    """Have a day of the last 90 compared anew, or now: by the next runs, an hour at most from now."""
    who = caller(routes)
    body(routes, CompareAnew)
    asked = reports.compare_anew(world(), who, _day(day))
    return accepted(Reports(results=[report_view(report) for report in asked]))


def report_view(report: Report) -> ReportView:
    return ReportView(
        day=report.day,
        gateway=report.gateway,
        status=report.state.value.upper(),
        edition=report.edition,
        lines_count=report.lines_count,
        outcomes={
            name.upper(): TotalView(
                count=total.count,
                our_amount=money_text(total.ours_paisa),
                their_amount=money_text(total.theirs_paisa),
            )
            for name, total in report.totals.items()
        },
        started_at=time_text(report.started_at),
        finished_at=time_text(report.finished_at),
    )


def line_view(report: Report, line: Line) -> LineView:
    return LineView(
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


def _cells(report: Report, line: Line) -> list[str]:
    return [report.day, *(said or "" for said in line_view(report, line).model_dump().values())]


def _money(paisa: int | None) -> str | None:
    return None if paisa is None else money_text(paisa)


def _upper(word: str | None) -> str | None:
    return word.upper() if word else None


def _day(part: str) -> date:
    """Raises Problem("not_found") for what is no day."""
    try:
        return DAY.validate_python(path_text(part))
    except ValidationError as error:
        raise Problem("not_found") from error
