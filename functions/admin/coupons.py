"""Coupons, for admins: /api/admin/promotions/coupons."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal, NewType

from pydantic import Field

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rewards.coupon import (
    MAX_POINTS,
    MAX_TOTAL_USES,
    MAX_USES_PER_USER,
    Coupon,
    CouponStatus,
    CouponUse,
)
from chalicelib.domain.text.days import day_of
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, created, ok
from chalicelib.edge.text_conversion import AsInteger
from chalicelib.services.caller import Caller
from chalicelib.services.promotions import coupon_admin, coupon_usages
from chalicelib.wiring import world
from functions.admin.paging import AnyPage, AnyPageQuery, page_fields
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.params import Day, span_of
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_PROMOTIONS)
PATH = "/api/admin/promotions/coupons"
CouponCode = NewType("CouponCode", str)
Name = Annotated[str, Field(min_length=1, max_length=60, examples=["Dashain 2083"])]
Points = Annotated[int, Field(strict=True, ge=1, le=MAX_POINTS), AsInteger]
UsesPerUser = Annotated[int, Field(strict=True, ge=1, le=MAX_USES_PER_USER), AsInteger]
TotalUses = Annotated[int, Field(strict=True, ge=1, le=MAX_TOTAL_USES), AsInteger]


class CreateCoupon(RequestModel):
    code: Annotated[str, Field(min_length=1, max_length=32, examples=["DASHAIN50"])]
    name: Name
    points_value: Points
    max_uses_per_user: UsesPerUser = 1
    max_total_uses: TotalUses | None = None
    valid_from: Annotated[Day, Field(description="The first day, in Kathmandu")]
    valid_until: Annotated[Day, Field(description="The last day, in Kathmandu; included")]


class ChangeCoupon(RequestModel):
    name: Name | None = None
    points_value: Points | None = None
    max_uses_per_user: UsesPerUser | None = None
    max_total_uses: TotalUses | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
    status: Annotated[Literal["active", "inactive"] | None, CaseInsensitive] = None

    def changes(self) -> dict[str, Any]:
        """The changed fields of the coupon. A field that is left out stays; a null total cap removes the cap."""
        span = span_of(self.valid_from, self.valid_until)
        fields: dict[str, Any] = {
            "name": self.name,
            "points": self.points_value,
            "max_uses_per_user": self.max_uses_per_user,
            "valid_from": span.start,
            "valid_until": span.end,
            "active": None if self.status is None else self.status == CouponStatus.ACTIVE.value,
        }
        changes: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
        if "max_total_uses" in self.model_fields_set:
            changes["max_total_uses"] = self.max_total_uses
        return changes


class CouponResponse(ResponseModel):
    id: str
    code: str
    name: str
    points_value: int
    max_uses_per_user: int
    max_total_uses: int | None
    valid_from: Time
    valid_until: Time
    status: Annotated[str, one_of_upper_case(CouponStatus)]
    is_currently_valid: bool
    days_remaining: int
    total_uses: int


class CouponsResponse(AnyPage[CouponResponse]):
    pass


class CouponUseResponse(ResponseModel):
    id: str
    user_id: str
    username: Annotated[str | None, Field(description="Null while the account is being deleted")]
    points_awarded: int
    used_at: Time


class CouponUsesResponse(AnyPage[CouponUseResponse]):
    total_uses: Annotated[int, Field(description="All uses, with those of accounts that were deleted since")]


@routes.get(PATH, permission="promotions", query=AnyPageQuery, response=CouponsResponse)
def list_coupons(query: AnyPageQuery, cursor: Cursor) -> Response:
    """Coupons by code, with their uses."""
    page = coupon_admin.listing(query.to_page(), after=cursor.text("after"))
    return ok(
        CouponsResponse(
            results=[to_coupon_response(coupon, uses) for coupon, uses in page.coupons],
            **page_fields(query, cursor, page.listed, after=page.following),
        )
    )


@routes.get(f"{PATH}/{{code}}", permission="promotions", response=CouponResponse, problems=("not_found",))
def read_coupon(code: CouponCode) -> Response:
    """One coupon with its uses."""
    coupon = coupon_admin.read(code)
    return ok(to_coupon_response(coupon, coupon_admin.total_uses(coupon.code)))


@routes.post(
    PATH,
    body=CreateCoupon,
    permission="promotions",
    response=CouponResponse,
    status=201,
    problems=("name_taken", "dates_wrong"),
)
def create_coupon(request: CreateCoupon, caller: Caller) -> Response:
    """Issue a coupon. Its code is folded, so that look-alike codes are one."""
    span = span_of(request.valid_from, request.valid_until)
    if span.start is None or span.end is None:
        raise Problem("dates_wrong")
    coupon = Coupon(
        request.code,
        request.name,
        request.points_value,
        request.max_uses_per_user,
        span.start,
        span.end,
        request.max_total_uses,
    )
    return created(to_coupon_response(coupon_admin.create(world(), caller, coupon), 0))


@routes.put(
    f"{PATH}/{{code}}",
    body=ChangeCoupon,
    permission="promotions",
    response=CouponResponse,
    problems=("not_found", "dates_wrong"),
)
def change_coupon(request: ChangeCoupon, caller: Caller, code: CouponCode) -> Response:
    """Change a coupon or end it. The total cap can be raised or removed, and not lowered."""
    coupon = coupon_admin.change(world(), caller, code, request.changes())
    return ok(to_coupon_response(coupon, coupon_admin.total_uses(coupon.code)))


@routes.get(
    f"{PATH}/{{code}}/usages",
    permission="promotions",
    query=AnyPageQuery,
    response=CouponUsesResponse,
    problems=("not_found",),
)
def list_uses(query: AnyPageQuery, code: CouponCode, cursor: Cursor) -> Response:
    """Who used a coupon, newest first."""
    page = coupon_usages.page_of(code, query.to_page(), before=cursor.text("before"))
    return ok(
        CouponUsesResponse(
            results=[to_use_response(use, page.usernames) for use in page.uses],
            **page_fields(query, cursor, page.listed, before=page.following),
            total_uses=page.total,
        )
    )


def to_use_response(use: CouponUse, usernames: Mapping[str, str]) -> CouponUseResponse:
    return CouponUseResponse(
        id=use.use_id,
        user_id=use.user_id,
        username=usernames.get(use.user_id),
        points_awarded=use.points,
        used_at=time_text(use.used_at),
    )


def to_coupon_response(coupon: Coupon, total_uses: int) -> CouponResponse:
    now = world().now()
    status = coupon.status_at(now)
    last_day: date = day_of(coupon.valid_until)
    return CouponResponse(
        id=coupon.code,
        code=coupon.code,
        name=coupon.name,
        points_value=coupon.points,
        max_uses_per_user=coupon.max_uses_per_user,
        max_total_uses=coupon.max_total_uses,
        valid_from=time_text(coupon.valid_from),
        valid_until=time_text(coupon.valid_until),
        status=in_upper_case(status),
        is_currently_valid=status is CouponStatus.ACTIVE and coupon.valid_from <= now,
        days_remaining=max((last_day - day_of(now)) // timedelta(days=1) + 1, 0),
        total_uses=total_uses,
    )
