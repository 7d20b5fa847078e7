"""Coupons of the signed-in customer: /api/promotions."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.rewards.coupon import CouponStatus
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import Page, PageQuery, RequestModel, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.promotions import coupons
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.PROMOTIONS)


class ApplyCoupon(RequestModel):
    code: Annotated[str, Field(min_length=1, max_length=64, examples=["DASHAIN50"])]

    def prefetch_keys(self, user_id: str) -> tuple[Any, ...]:
        return coupons.apply_keys(user_id, self.code)


class CouponAppliedResponse(ResponseModel):
    points_awarded: int


class OwnCouponUseResponse(ResponseModel):
    code: str
    name: str
    points_awarded: int
    used_at: Time
    status: Annotated[CouponStatus, Field(description="The present status of the coupon")]


@routes.post(
    "/api/promotions/apply-coupon",
    body=ApplyCoupon,
    response=CouponAppliedResponse,
    prefetch=ApplyCoupon.prefetch_keys,
    idempotent=True,
    problems=(
        "not_found",
        "coupon_unknown",
        "coupon_not_started",
        "coupon_expired",
        "coupon_used_up",
        "coupon_already_used",
        "rate_limited",
    ),
)
def apply_coupon(request: ApplyCoupon, caller: Caller, client_address: str) -> Response:
    """Use a coupon for points. Letters that look alike count as the same."""
    use = coupons.apply_coupon(world(), caller, request.code, client_address)
    return ok(CouponAppliedResponse(points_awarded=use.points))


@routes.get("/api/promotions/my-coupons", query=PageQuery, response=Page[OwnCouponUseResponse])
def list_own(query: PageQuery, cursor: Cursor, caller: Caller) -> Response:
    """The coupons that the user has used, newest first."""
    uses, following = coupons.uses_of_caller(world(), caller, limit=query.limit, before=cursor.text("before"))
    results = [
        OwnCouponUseResponse(
            code=use.code,
            name=use.name,
            points_awarded=use.points,
            used_at=time_text(use.used_at),
            status=status,
        )
        for use, status in uses
    ]
    return ok(Page[OwnCouponUseResponse].of(results, cursor.following(before=following)))
