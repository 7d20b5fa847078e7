"""Refunds as customers ask for them and see them: /api/payment."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.money import money_text
from chalicelib.domain.refund import Refund, RefundMethod, RefundState
from chalicelib.edge import pagination
from chalicelib.edge.authentication import authenticate
from chalicelib.edge.formats import Currency, Rupees, Time
from chalicelib.edge.models import Page, PageQuery, RequestModel, ResponseModel
from chalicelib.edge.parsing import body, path_param, query
from chalicelib.edge.responses import Response, created, ok
from chalicelib.services.refunds import decisions
from chalicelib.services.refunds import requests as refund_requests
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.schemas import CURRENCY, time_text
from functions.tags import Tag

routes = blueprint(__name__, Tag.REFUNDS)
REFUND_PROBLEMS = ("not_refundable", "already_refunded", "refund_open", "refund_spent", "refund_points_spent")


class RequestRefund(RequestModel):
    reason: Annotated[str, Field(min_length=1, max_length=500, examples=["Topped up twice by mistake"])]


class RefundResponse(ResponseModel):
    refund_id: str
    transaction_id: str
    status: RefundState
    amount: Rupees
    points: int
    """Taken along with a top-up's money, given back with a rental's."""
    currency: Currency
    reason: str
    refunded_to: RefundMethod | None
    payment_method: str | None
    rental_id: str | None
    intent_id: str | None
    rejection_reason: str | None
    requested_at: Time
    processed_at: Time | None


@routes.post(
    "/api/payment/refund/{transaction_id}",
    body=RequestRefund,
    response=RefundResponse,
    status=201,
    idempotent=True,
    problems=("not_found", *REFUND_PROBLEMS),
)
def request_refund(transaction_id: str) -> Response:
    """Ask for a payment back: an operator decides."""
    request = body(routes, RequestRefund)
    caller = authenticate(routes)
    return created(
        to_refund_response(refund_requests.request(world(), caller, path_param(transaction_id), request.reason))
    )


@routes.get("/api/payment/refunds", query=PageQuery, response=Page[RefundResponse])
def my_refunds() -> Response:
    """What was asked back, newest first, and what became of it."""
    request = query(routes, PageQuery)
    caller = authenticate(routes)
    position = pagination.decode_cursor(routes, caller.user_id, request)
    before = str(position["before"]) if position else None
    refunds, following = decisions.list_own(world(), caller, limit=request.limit, before=before)
    following_cursor = (
        pagination.encode_cursor(routes, caller.user_id, request, {"before": following}) if following else None
    )
    return ok(Page[RefundResponse].of([to_refund_response(refund) for refund in refunds], following_cursor))


def to_refund_response(refund: Refund) -> RefundResponse:
    rejected = refund.state is RefundState.REJECTED
    return RefundResponse(
        refund_id=refund.refund_id,
        transaction_id=refund.transaction_id,
        status=refund.state,
        amount=money_text(refund.amount_paisa),
        points=refund.points,
        currency=CURRENCY,
        reason=refund.reason,
        refunded_to=refund.method,
        payment_method=refund.gateway,
        rental_id=refund.rental_id,
        intent_id=refund.intent_id,
        rejection_reason=refund.admin_notes if rejected else None,
        requested_at=time_text(refund.requested_at),
        processed_at=time_text(refund.ended_at),
    )
