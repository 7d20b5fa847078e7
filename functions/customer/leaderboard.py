"""The leaderboard: /api/users/leaderboard."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.accounts.score import Category, Period
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.text_conversion import Boolean
from chalicelib.services.caller import Caller
from chalicelib.services.rewards import leaderboards
from chalicelib.services.rewards.leaderboards import LeaderboardEntry
from chalicelib.tables.rows import Key
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.SOCIAL)


class LeaderboardQuery(RequestModel):
    category: Annotated[Category, Field(description="By what customers are ranked")] = Category.OVERALL
    period: Annotated[Period, Field(description="The present month or week in Kathmandu, or all time")] = (
        Period.ALL_TIME
    )
    me: Annotated[Boolean, Field(description="Whether to include the caller's own entry")] = False


class LeaderboardEntryResponse(ResponseModel):
    rank: Annotated[int, Field(description="Equal scores have equal ranks")]
    username: str
    score: int
    total_rentals: int
    points: int
    referrals: int
    timely_returns: int
    achievements_count: Annotated[int, Field(description="Of all time, whatever the period")]


class LeaderboardResponse(ResponseModel):
    leaderboard: list[LeaderboardEntryResponse]
    me: LeaderboardEntryResponse | None


def prefetch_keys(query: LeaderboardQuery, user_id: str) -> tuple[Key[Any], ...]:
    return leaderboards.keys(user_id, query.category, query.period, me=query.me)


@routes.get("/api/users/leaderboard", query=LeaderboardQuery, response=LeaderboardResponse, prefetch=prefetch_keys)
def show(query: LeaderboardQuery, caller: Caller) -> Response:
    """The ten best customers, and with `me=true` the caller. New scores count within a minute or two."""
    entries, own = leaderboards.for_customer(world(), caller, query.category, query.period, me=query.me)
    return ok(
        LeaderboardResponse(
            leaderboard=[to_entry_response(entry) for entry in entries],
            me=to_entry_response(own) if own is not None else None,
        )
    )


def to_entry_response(entry: LeaderboardEntry) -> LeaderboardEntryResponse:
    counts = entry.counts
    return LeaderboardEntryResponse(
        rank=entry.rank,
        username=entry.user.username,
        score=entry.score,
        total_rentals=counts.rentals,
        points=counts.points,
        referrals=counts.referrals,
        timely_returns=counts.on_time,
        achievements_count=entry.achievements_count,
    )
