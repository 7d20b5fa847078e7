"""Customers and their achievements by day, week or month, for operators."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.analytics.report_period import share
from chalicelib.domain.rewards.achievement import CriteriaType
from chalicelib.edge.formats import DayText
from chalicelib.edge.models import FormatQuery, ReportData, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.analytics import achievements as unlocked_achievements
from chalicelib.services.analytics import users as user_reports
from chalicelib.services.analytics.achievements import AchievementReport, UnlockedCount
from chalicelib.services.analytics.users import Cohort, UserReport
from chalicelib.wiring import world
from functions.admin.analytics_forms import (
    Chart,
    Percent,
    ReportQuery,
    ReportSpanResponse,
    chart,
    entry_fields,
    span_fields,
)
from functions.admin.upper_case import in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_ANALYTICS)


class UsersSummary(ResponseModel):
    total_users: Annotated[int, Field(description="Customers with an account")]
    active_users: Annotated[int, Field(description="Accounts that are not suspended")]
    inactive_users: Annotated[int, Field(description="Deleted accounts")]
    suspended_users: int
    new_users_today: int
    new_users_this_week: int
    new_users_this_month: int


class Engagement(ResponseModel):
    """Customers with any posting of that time, each once, also with one that an operator or a gateway caused."""

    active_today: int
    active_this_week: int
    active_this_month: int


class RetentionRow(ResponseModel):
    week: Annotated[DayText, Field(description="The Sunday that the week of the registrations began with")]
    registered: int
    active: Annotated[list[int], Field(description="How many were active in that week, and in each week after it")]
    retention_rates: list[Percent]


class UsersEntry(ResponseModel):
    date: DayText
    label: str
    new_users: int
    active_users: Annotated[int, Field(description="Customers with a posting in that time, each once")]


class UsersReportResponse(ReportSpanResponse):
    csv_summed_columns = ("new_users",)

    summary: UsersSummary
    engagement: Engagement
    user_growth_chart: Chart
    user_status_chart: Chart
    retention: list[RetentionRow]
    chart_data: list[UsersEntry]


class UnlockedAchievementCount(ResponseModel):
    id: str
    name: str
    total_unlocked: int
    unlock_rate: Annotated[float, Field(description="Per cent of the customers with an account")]
    points_awarded: int


class CriteriaCompletion(ResponseModel):
    criteria_type: Annotated[str, one_of_upper_case(CriteriaType)]
    total_achievements: int
    total_unlocked: int
    completion_rate: Annotated[float, Field(description="Per cent of what all customers could have unlocked")]


class AchievementsReportResponse(ReportData):
    csv_rows_field = "most_unlocked_achievements"
    csv_summed_columns = ("total_unlocked", "points_awarded")

    total_achievements: int
    active_achievements: int
    total_unlocked: int
    total_points_awarded: int
    most_unlocked_achievements: list[UnlockedAchievementCount]
    completion_by_criteria_type: list[CriteriaCompletion]


@routes.get("/api/admin/analytics/users", permission="admin", query=ReportQuery, response=UsersReportResponse)
def users_report(query: ReportQuery) -> Response:
    """Growth, activity and retention of customers."""
    report = user_reports.of_period(world(), query.period, query.start_date, query.end_date)
    entries = _to_users_entries(report)
    return ok(
        UsersReportResponse(
            **span_fields(report.report.span),
            summary=_to_summary(report),
            engagement=Engagement(
                active_today=report.of_today["users.active"],
                active_this_week=report.of_week["users.active_in_week"],
                active_this_month=report.of_month["users.active_in_month"],
            ),
            **_charts(report, entries),
            retention=[_to_retention(cohort) for cohort in report.cohorts],
            chart_data=entries,
        )
    )


@routes.get(
    "/api/admin/achievements/analytics", permission="admin", query=FormatQuery, response=AchievementsReportResponse
)
def achievements_report() -> Response:
    """How many customers unlocked each achievement, of all time."""
    report = unlocked_achievements.of_all_time(world())
    return ok(
        AchievementsReportResponse(
            total_achievements=len(report.counts),
            active_achievements=report.active_count,
            total_unlocked=sum(count.unlocked for count in report.counts),
            total_points_awarded=sum(count.points for count in report.counts),
            most_unlocked_achievements=[_to_unlocked_count(count, report.users) for count in report.counts],
            completion_by_criteria_type=_to_completions(report),
        )
    )


def _to_summary(report: UserReport) -> UsersSummary:
    by_status = {status: report.all_time[f"users.{status}"] for status in Status}
    return UsersSummary(
        total_users=by_status[Status.ACTIVE] + by_status[Status.BANNED],
        active_users=by_status[Status.ACTIVE],
        inactive_users=by_status[Status.DELETED],
        suspended_users=by_status[Status.BANNED],
        new_users_today=report.of_today["users.registered"],
        new_users_this_week=report.of_week["users.registered"],
        new_users_this_month=report.of_month["users.registered"],
    )


def _to_users_entries(report: UserReport) -> list[UsersEntry]:
    span = report.report.span
    active = {"daily": "users.active", "weekly": "users.active_in_week", "monthly": "users.active_in_month"}
    return [
        UsersEntry(
            **entry_fields(span, first),
            new_users=counts["users.registered"],
            active_users=counts[active[span.period]],
        )
        for first, counts in report.report.entries.items()
    ]


def _charts(report: UserReport, entries: Sequence[UsersEntry]) -> dict[str, Any]:
    growth = {
        "New users": [float(entry.new_users) for entry in entries],
        "Active users": [float(entry.active_users) for entry in entries],
    }
    statuses = [float(report.all_time[f"users.{status}"]) for status in Status]
    return {
        "user_growth_chart": chart([entry.label for entry in entries], growth),
        "user_status_chart": chart([in_upper_case(status) for status in Status], {"Users": statuses}),
    }


def _to_retention(cohort: Cohort) -> RetentionRow:
    return RetentionRow(
        week=cohort.week.isoformat(),
        registered=cohort.registered,
        active=list(cohort.active),
        retention_rates=[share(active, cohort.registered) for active in cohort.active],
    )


def _to_unlocked_count(count: UnlockedCount, users: int) -> UnlockedAchievementCount:
    return UnlockedAchievementCount(
        id=count.achievement.achievement_id,
        name=count.achievement.name.en,
        total_unlocked=count.unlocked,
        unlock_rate=share(count.unlocked, users),
        points_awarded=count.points,
    )


def _to_completions(report: AchievementReport) -> list[CriteriaCompletion]:
    kinds: Counter[CriteriaType] = Counter(count.achievement.criteria_type for count in report.counts)
    unlocked: Counter[CriteriaType] = Counter()
    for count in report.counts:
        unlocked[count.achievement.criteria_type] += count.unlocked
    return [
        CriteriaCompletion(
            criteria_type=in_upper_case(kind),
            total_achievements=kinds[kind],
            total_unlocked=unlocked[kind],
            completion_rate=share(unlocked[kind], kinds[kind] * report.users),
        )
        for kind in CriteriaType
    ]
