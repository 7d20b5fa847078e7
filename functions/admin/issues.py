"""Customers' issues, for operators: /api/admin/stations/issues and /api/admin/rentals/issues."""

from typing import Annotated, Any, Literal, NewType

from pydantic import Field, RootModel

from chalicelib.domain.rentals.rental import rental_code
from chalicelib.domain.stations.issue import (
    IssuePriority,
    IssueStatus,
    RentalIssue,
    RentalIssueType,
    StationIssue,
    StationIssueType,
)
from chalicelib.domain.text.time_text import time_text
from chalicelib.domain.users.user import User
from chalicelib.edge.formats import Time, WebAddress
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.issues import intake, issue_admin
from chalicelib.services.issues.issue_admin import RENTALS, STATIONS, ReportedIssue
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageQuery
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.schemas import time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_STATIONS)
IssueId = NewType("IssueId", str)
AT_STATIONS, ABOUT_RENTALS = "/api/admin/stations/issues", "/api/admin/rentals/issues"
NextStatus = Annotated[Literal["acknowledged", "in_progress", "resolved"], CaseInsensitive]


class IssuesQuery(NumberedPageQuery):
    status: Annotated[
        Literal["reported", "acknowledged", "in_progress", "resolved"] | None,
        CaseInsensitive,
        Field(description="Only issues in this state"),
    ] = None

    def to_status(self) -> IssueStatus | None:
        return IssueStatus(self.status) if self.status else None


class ChangeStationIssue(RequestModel):
    status: Annotated[NextStatus | None, Field(description="`resolved` notifies the reporter, and is the end")] = None
    priority: Annotated[Literal["low", "medium", "high", "critical"] | None, CaseInsensitive] = None


class ChangeRentalIssue(RequestModel):
    status: Annotated[NextStatus, Field(description="`resolved` notifies the reporter, and is the end")]


class AdminStationIssue(ResponseModel):
    id: str
    station_name: str
    station_serial: str
    reporter_name: Annotated[str | None, Field(description="Null while the account is being deleted")]
    issue_type: Annotated[str, one_of_upper_case(StationIssueType)]
    description: str
    priority: Annotated[str, one_of_upper_case(IssuePriority)]
    status: Annotated[str, one_of_upper_case(IssueStatus)]
    images: list[WebAddress]
    reported_at: Time
    resolved_at: Time | None


class AdminStationIssues(RootModel[list[AdminStationIssue]]):
    """A bare list, as the operators' dashboard reads it."""


class AdminRentalIssue(ResponseModel):
    id: str
    rental_code: str
    rental_id: str
    user_email: Annotated[str | None, Field(description="Null without one, and while the account is being deleted")]
    user_name: str | None
    issue_type: Annotated[str, one_of_upper_case(RentalIssueType)]
    description: str
    status: Annotated[str, one_of_upper_case(IssueStatus)]
    images: list[WebAddress]
    reported_at: Time
    resolved_at: Time | None
    station_name: str
    power_bank_serial: str


class AdminRentalIssues(RootModel[list[AdminRentalIssue]]):
    """A bare list, as the operators' dashboard reads it."""


@routes.get(AT_STATIONS, permission="admin", query=IssuesQuery, response=AdminStationIssues)
def list_station_issues(query: IssuesQuery) -> Response:
    """Issues with stations, newest first."""
    issues = issue_admin.page_of(STATIONS, query.to_status(), query.to_page())
    return ok(AdminStationIssues([to_station_issue(reported) for reported in issues]))


@routes.get(f"{AT_STATIONS}/{{issue_id}}", permission="admin", response=AdminStationIssue, problems=("not_found",))
def read_station_issue(issue_id: IssueId) -> Response:
    """One issue with a station."""
    return ok(to_station_issue(issue_admin.read(STATIONS, issue_id)))


@routes.patch(
    f"{AT_STATIONS}/{{issue_id}}",
    body=ChangeStationIssue,
    permission="issues",
    response=AdminStationIssue,
    problems=("not_found", "issue_closed"),
)
def change_station_issue(request: ChangeStationIssue, caller: Caller, issue_id: IssueId) -> Response:
    """Set the status or the priority of an issue with a station."""
    status = IssueStatus(request.status) if request.status else None
    priority = IssuePriority(request.priority) if request.priority else None
    return ok(to_station_issue(issue_admin.change(world(), caller, STATIONS, issue_id, status, priority)))


@routes.get(ABOUT_RENTALS, permission="admin", query=IssuesQuery, response=AdminRentalIssues)
def list_rental_issues(query: IssuesQuery) -> Response:
    """Issues with rentals, newest first."""
    issues = issue_admin.page_of(RENTALS, query.to_status(), query.to_page())
    return ok(AdminRentalIssues([to_rental_issue(reported) for reported in issues]))


@routes.get(f"{ABOUT_RENTALS}/{{issue_id}}", permission="admin", response=AdminRentalIssue, problems=("not_found",))
def read_rental_issue(issue_id: IssueId) -> Response:
    """One issue with a rental."""
    return ok(to_rental_issue(issue_admin.read(RENTALS, issue_id)))


@routes.patch(
    f"{ABOUT_RENTALS}/{{issue_id}}",
    body=ChangeRentalIssue,
    permission="issues",
    response=AdminRentalIssue,
    problems=("not_found", "issue_closed"),
)
def change_rental_issue(request: ChangeRentalIssue, caller: Caller, issue_id: IssueId) -> Response:
    """Set the status of an issue with a rental. A power bank that it set aside stays so until it is taken back."""
    status = IssueStatus(request.status)
    return ok(to_rental_issue(issue_admin.change(world(), caller, RENTALS, issue_id, status)))


def to_station_issue(reported: ReportedIssue[StationIssue]) -> AdminStationIssue:
    issue = reported.issue
    return AdminStationIssue(
        **_shared_fields(issue),
        station_serial=issue.station_sn,
        reporter_name=_name_of(reported.reporter),
        priority=in_upper_case(issue.priority),
    )


def to_rental_issue(reported: ReportedIssue[RentalIssue]) -> AdminRentalIssue:
    issue, reporter = reported.issue, reported.reporter
    return AdminRentalIssue(
        **_shared_fields(issue),
        rental_code=rental_code(issue.rental_id),
        rental_id=issue.rental_id,
        user_email=reporter.email if reporter else None,
        user_name=_name_of(reporter),
        power_bank_serial=issue.powerbank_sn,
    )


def _shared_fields(issue: StationIssue | RentalIssue) -> dict[str, Any]:
    """The fields that both kinds of issues have."""
    return {
        "id": issue.issue_id,
        "station_name": issue.station_name,
        "issue_type": in_upper_case(issue.issue_type),
        "description": issue.description,
        "status": in_upper_case(issue.status),
        "images": intake.image_addresses(world(), issue.images),
        "reported_at": time_text(issue.reported_at),
        "resolved_at": time_or_none(issue.resolved_at),
    }


def _name_of(reporter: User | None) -> str | None:
    return (reporter.full_name or reporter.username) if reporter else None
