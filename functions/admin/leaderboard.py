"""The leaderboard, for operators: /api/admin/leaderboard."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.accounts.score import Category, Period
from chalicelib.domain.rewards.leaderboard import SHOWN_TO_OPERATORS
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.route_decorators import Declared
from chalicelib.services.caller import Caller
from chalicelib.services.rewards import leaderboards
from chalicelib.services.rewards.leaderboards import LeaderboardEntry
from chalicelib.tables.rows import Key
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageQuery, PageNumbers, PageSize
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_USERS)


class AdminLeaderboardQuery(NumberedPageQuery):
    category: Annotated[Category, CaseInsensitive, Field(description="By what customers are ranked")] = (
        Category.OVERALL
    )
    period: Annotated[
        Period, CaseInsensitive, Field(description="The present month or week in Kathmandu, or all time")
    ] = Period.ALL_TIME
    page_size: PageSize = SHOWN_TO_OPERATORS


class AdminLeaderboardEntryResponse(ResponseModel):
    rank: Annotated[int, Field(description="Equal scores have equal ranks")]
    username: str
    profile_picture: str | None
    score: int
    total_rentals: int
    total_points_earned: int
    referrals_count: int
    timely_returns: int
    achievements_count: Annotated[int, Field(description="Of all time, whatever the period")]


class AdminLeaderboardResponse(ResponseModel):
    category: Annotated[str, one_of_upper_case(Category)]
    period: Annotated[str, one_of_upper_case(Period)]
    total_users: Annotated[int, Field(description="How many customers have a score above 0")]
    leaderboard: list[AdminLeaderboardEntryResponse]
    pagination: PageNumbers


def prefetch_keys(query: AdminLeaderboardQuery, user_id: str) -> tuple[Key[Any], ...]:
    return leaderboards.keys(user_id, query.category, query.period, me=False)


LEADERBOARD: Declared = {
    "permission": "admin",
    "response": AdminLeaderboardResponse,
    "prefetch": prefetch_keys,
}
DASHBOARD_SUMMARY = "The fifty best customers, at the path of the operators' dashboard."


@routes.get("/api/admin/users/leaderboard", query=AdminLeaderboardQuery, summary=DASHBOARD_SUMMARY, **LEADERBOARD)
@routes.get("/api/admin/leaderboard", query=AdminLeaderboardQuery, **LEADERBOARD)
def show(query: AdminLeaderboardQuery, caller: Caller) -> Response:
    """The fifty best customers."""
    entries, total_users = leaderboards.for_operator(world(), caller, query.category, query.period)
    return ok(
        AdminLeaderboardResponse(
            category=in_upper_case(query.category),
            period=in_upper_case(query.period),
            total_users=total_users,
            leaderboard=[to_admin_entry_response(entry) for entry in query.to_page().of(entries)],
            pagination=PageNumbers.of(query, len(entries)),
        )
    )


def to_admin_entry_response(entry: LeaderboardEntry) -> AdminLeaderboardEntryResponse:
    counts = entry.counts
    return AdminLeaderboardEntryResponse(
        rank=entry.rank,
        username=entry.user.username,
        profile_picture=entry.user.avatar_url,
        score=entry.score,
        total_rentals=counts.rentals,
        total_points_earned=counts.points,
        referrals_count=counts.referrals,
        timely_returns=counts.on_time,
        achievements_count=entry.achievements_count,
    )
