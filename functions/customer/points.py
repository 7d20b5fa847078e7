"""Points: /api/points."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.rewards.point_sources import PointChange, PointSource
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Rupees, Time
from chalicelib.edge.models import Page, PageQuery, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.rewards import points_history
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.WALLET)
ChangeType = Literal["earned", "spent"]
SourceName = Literal[
    "signup",
    "topup",
    "rental_completed",
    "on_time_return",
    "referral",
    "coupon",
    "achievement",
    "other",
    "rental",
    "extension",
    "late_fee",
    "due",
    "refund",
    "account_closed",
]
"""Every PointSource by its value."""


class PointsQuery(PageQuery):
    type: Annotated[ChangeType, Field(description="Only points that were earned, or spent")] | None = None
    source: Annotated[SourceName, Field(description="Only points of this source")] | None = None

    def matches(self, change: PointChange) -> bool:
        return self.type in (None, _type_of(change)) and self.source in (None, change.source)


class PointChangeResponse(ResponseModel):
    id: str
    points: Annotated[int, Field(description="Negative for spending, and for points that were taken back")]
    type: ChangeType
    source: PointSource
    description: str
    rental_id: str | None
    created_at: Time


class PointsSummaryResponse(ResponseModel):
    current_points: int
    points_value: Rupees
    total_earned: int
    total_spent: Annotated[int, Field(description="With what an open rental holds, less what came back")]
    by_source: Annotated[
        dict[str, int],
        Field(description="Points by source, negative for spending, which add up to current_points"),
    ]


@routes.get("/api/points/history", query=PointsQuery, response=Page[PointChangeResponse])
def history(query: PointsQuery, caller: Caller, cursor: Cursor, language: str) -> Response:
    """Points that the user earned and spent, newest first."""
    changes, following = points_history.history(
        caller, limit=query.limit, before=cursor.number("before"), matches=query.matches
    )
    results = [to_point_change_response(change, language) for change in changes]
    return ok(Page[PointChangeResponse].of(results, cursor.following(before=following)))


@routes.get("/api/points/summary", response=PointsSummaryResponse)
def summary(caller: Caller) -> Response:
    """The user's points, and where they come from."""
    totals = points_history.summary(caller.account)
    return ok(
        PointsSummaryResponse(
            current_points=totals.points,
            points_value=money_text(totals.value_paisa),
            total_earned=totals.earned,
            total_spent=totals.spent,
            by_source=dict(totals.by_source),
        )
    )


def to_point_change_response(change: PointChange, language: str) -> PointChangeResponse:
    return PointChangeResponse(
        id=change.change_id,
        points=change.points,
        type=_type_of(change),
        source=change.source,
        description=change.text.render(language),
        rental_id=change.rental_id,
        created_at=time_text(change.at),
    )


def _type_of(change: PointChange) -> ChangeType:
    return "earned" if change.earned else "spent"
