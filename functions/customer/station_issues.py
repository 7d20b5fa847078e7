"""Issues at stations: /api/stations/{sn}/report-issue and the lists of issues."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.stations.issue import IssueDetails, IssueStatus, StationIssue, StationIssueType
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time, WebAddress
from chalicelib.edge.models import Page, PageQuery, RequestModel, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, created, ok
from chalicelib.services.caller import Caller
from chalicelib.services.issues import intake, station_issues
from chalicelib.wiring import world
from functions.params import FreeText, StationSn, UploadIds
from functions.routing import blueprint
from functions.schemas import time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.STATIONS)


class ReportStationIssue(RequestModel):
    issue_type: StationIssueType
    description: FreeText
    images: UploadIds = ()

    def to_details(self) -> IssueDetails:
        return IssueDetails(self.issue_type.value, self.description, tuple(dict.fromkeys(self.images)))

    def prefetch_keys(self, user_id: str, sn: StationSn) -> tuple[Any, ...]:
        return station_issues.prefetch_keys(user_id, sn, self.to_details())


class PublicStationIssueResponse(ResponseModel):
    """An issue as everybody sees it: without its reporter, and without images, whose addresses name the reporter."""

    id: str
    station_sn: str
    issue_type: StationIssueType
    description: str
    status: IssueStatus
    reported_at: Time
    resolved_at: Time | None


class StationIssueResponse(PublicStationIssueResponse):
    station_name: str
    images: Annotated[list[WebAddress], Field(description="The addresses of the images")]


@routes.post(
    "/api/stations/{sn}/report-issue",
    body=ReportStationIssue,
    response=StationIssueResponse,
    status=201,
    prefetch=ReportStationIssue.prefetch_keys,
    problems=(
        "not_found",
        "issue_already_reported",
        "issue_limit_reached",
        "upload_unusable",
        "media_unavailable",
    ),
)
def report_issue(request: ReportStationIssue, sn: StationSn, caller: Caller) -> Response:
    """Report a problem at a station. A repeated report of the same problem returns the first one."""
    return created(to_station_issue_response(station_issues.report_issue(world(), caller, sn, request.to_details())))


@routes.get("/api/stations/my-reports", query=PageQuery, response=Page[StationIssueResponse])
def list_own_reports(query: PageQuery, cursor: Cursor, caller: Caller) -> Response:
    """The user's issues with stations, newest first."""
    page, following = station_issues.of_caller(caller, limit=query.limit, before=cursor.text("before"))
    results = [to_station_issue_response(issue) for issue in page]
    return ok(Page[StationIssueResponse].of(results, cursor.following(before=following)))


@routes.get(
    "/api/stations/{sn}/issues",
    query=PageQuery,
    response=Page[PublicStationIssueResponse],
    prefetch=station_issues.station_keys,
    problems=("not_found",),
)
def list_station_issues(query: PageQuery, cursor: Cursor, sn: StationSn, caller: Caller) -> Response:
    """Issues with a station, newest first, without their reporters."""
    page, following = station_issues.at_station(caller, sn, limit=query.limit, before=cursor.text("before"))
    results = [PublicStationIssueResponse(**_public_fields(issue)) for issue in page]
    return ok(Page[PublicStationIssueResponse].of(results, cursor.following(before=following)))


def to_station_issue_response(issue: StationIssue) -> StationIssueResponse:
    images = intake.image_addresses(world(), issue.images)
    return StationIssueResponse(**_public_fields(issue), station_name=issue.station_name, images=images)


def _public_fields(issue: StationIssue) -> dict[str, Any]:
    return {
        "id": issue.issue_id,
        "station_sn": issue.station_sn,
        "issue_type": issue.issue_type,
        "description": issue.description,
        "status": issue.status,
        "reported_at": time_text(issue.reported_at),
        "resolved_at": time_or_none(issue.resolved_at),
    }
