"""The dashboard of operators: /api/admin/analytics/dashboard."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.stations.issue import IssueStatus, StationIssue, StationIssueType
from chalicelib.domain.stations.station import StationStatus
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import DayText, Time
from chalicelib.edge.models import FormatQuery, ReportData, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.analytics import dashboard
from chalicelib.services.analytics.dashboard import Dashboard
from chalicelib.wiring import world
from functions.admin.analytics_forms import RupeeNumber, rupee_number
from functions.admin.analytics_money import revenue_paisa
from functions.admin.upper_case import in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_ANALYTICS)


class RecentIssue(ResponseModel):
    id: str
    station_name: str
    station_serial: str
    issue_type: Annotated[str, one_of_upper_case(StationIssueType)]
    description: str
    status: Annotated[str, one_of_upper_case(IssueStatus)]
    reported_at: Time


class DashboardResponse(ReportData):
    """Counters are a minute or two old. A day begins at midnight in Kathmandu. The file has one row."""

    csv_rows_field = None

    date: Annotated[DayText, Field(description="The day in Kathmandu that `today` means")]
    revenue_today: RupeeNumber
    topups_today: RupeeNumber
    rentals_today: int
    new_users_today: int
    total_users: Annotated[int, Field(description="Customers with an account")]
    active_users: Annotated[int, Field(description="Accounts that are not suspended")]
    total_rentals: int
    active_rentals: Annotated[int, Field(description="Power banks out, also late ones")]
    overdue_rentals: Annotated[int, Field(description="Out after their due time, or lost")]
    total_stations: int
    online_stations: int
    offline_stations: int
    maintenance_stations: int
    recent_issues: list[RecentIssue]


@routes.get("/api/admin/analytics/dashboard", permission="admin", query=FormatQuery, response=DashboardResponse)
def show() -> Response:
    """The figures of today and of now."""
    return ok(to_dashboard(dashboard.read(world())))


def to_dashboard(figures: Dashboard) -> DashboardResponse:
    users = {status: figures.all_time[f"users.{status}"] for status in Status}
    overdue = figures.all_time["rentals.overdue"]
    return DashboardResponse(
        date=figures.day.isoformat(),
        revenue_today=rupee_number(revenue_paisa(figures.of_today)),
        topups_today=rupee_number(figures.of_today["topups.paisa"]),
        rentals_today=figures.of_today["rentals"],
        new_users_today=figures.of_today["users.registered"],
        total_users=users[Status.ACTIVE] + users[Status.BANNED],
        active_users=users[Status.ACTIVE],
        total_rentals=figures.all_time["rentals"],
        active_rentals=figures.all_time["rentals.active"] + overdue,
        overdue_rentals=overdue,
        total_stations=figures.network.stations,
        online_stations=figures.network.by_status[StationStatus.ONLINE],
        offline_stations=figures.network.by_status[StationStatus.OFFLINE],
        maintenance_stations=figures.network.by_status[StationStatus.MAINTENANCE],
        recent_issues=[to_recent_issue(issue) for issue in figures.recent_issues],
    )


def to_recent_issue(issue: StationIssue) -> RecentIssue:
    return RecentIssue(
        id=issue.issue_id,
        station_name=issue.station_name,
        station_serial=issue.station_sn,
        issue_type=in_upper_case(issue.issue_type),
        description=issue.description,
        status=in_upper_case(issue.status),
        reported_at=time_text(issue.reported_at),
    )
