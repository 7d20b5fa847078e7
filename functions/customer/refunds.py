"""Requests for refunds, and their outcomes: /api/payment."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.operators.rejection_reasons import reason_text
from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Currency, Rupees, Time
from chalicelib.edge.models import Page, PageQuery, RequestModel, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, created, ok
from chalicelib.services.caller import Caller
from chalicelib.services.refunds import decisions
from chalicelib.services.refunds import requests as refund_requests
from chalicelib.wiring import world
from functions.params import FreeText, TransactionId
from functions.routing import blueprint
from functions.schemas import CURRENCY, REFUND_PROBLEMS, time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.REFUNDS)


class RequestRefund(RequestModel):
    reason: Annotated[FreeText, Field(examples=["Topped up twice by mistake"])]


class RefundResponse(ResponseModel):
    refund_id: str
    transaction_id: str
    status: RefundState
    amount: Rupees
    points: int
    """Points that a top-up's refund takes back, or that a rental's refund returns."""
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
def request_refund(request: RequestRefund, caller: Caller, transaction_id: TransactionId, language: str) -> Response:
    """Request a refund of a payment. An operator decides it."""
    refund = refund_requests.request(world(), caller, transaction_id, request.reason)
    return created(to_refund_response(refund, language))


@routes.get("/api/payment/refunds", query=PageQuery, response=Page[RefundResponse])
def my_refunds(query: PageQuery, caller: Caller, cursor: Cursor, language: str) -> Response:
    """The user's refund requests with their outcomes, newest first."""
    refunds, following = decisions.list_own(caller, limit=query.limit, before=cursor.text("before"))
    results = [to_refund_response(refund, language) for refund in refunds]
    return ok(Page[RefundResponse].of(results, cursor.following(before=following)))


def to_refund_response(refund: Refund, language: str) -> RefundResponse:
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
        rejection_reason=reason_text(refund.admin_notes, language) if rejected and refund.admin_notes else None,
        requested_at=time_text(refund.requested_at),
        processed_at=time_or_none(refund.ended_at),
    )
