"""Review by operators of top-ups that could not be matched automatically: /api/admin/intents."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Currency, Rupees, Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.topups import review
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageQuery, PageNumbers
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.params import FreeText, IntentId
from functions.routing import blueprint
from functions.schemas import CURRENCY, money_or_none, time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_TOPUPS)


class ReviewQuery(NumberedPageQuery):
    state: Annotated[Literal["disputed"], CaseInsensitive, Field(description="The state of the top-ups")] = "disputed"


class IntentInReview(ResponseModel):
    id: str
    user_id: str
    payment_method: str
    amount: Rupees
    currency: Currency
    status: Annotated[str, one_of_upper_case(IntentState)]
    reason: str | None
    order_reference: str
    gateway_reference: str | None
    gateway_amount: Rupees | None
    gateway_refunded_amount: Rupees | None
    """What the payment service gave back of `gateway_amount`. Null when it reported no sum."""
    gateway_reference_seen: str | None
    created_at: Time
    review_since: Time | None
    closed_at: Time | None


class IntentsInReviewResponse(ResponseModel):
    intents: list[IntentInReview]
    pagination: PageNumbers


class ResolveIntent(RequestModel):
    action: Annotated[Literal["recheck", "close"], CaseInsensitive]
    note: FreeText


class GatewayStatus(ResponseModel):
    """The gateway's answer to this check. Amount and reference are there only for a payment that was paid."""

    status: Annotated[str, one_of_upper_case(PaymentState)]
    reason: str
    amount: Rupees | None
    refunded_amount: Rupees | None
    reference: str | None


class ResolvedIntent(IntentInReview):
    gateway_status: GatewayStatus | None


@routes.get("/api/admin/intents", permission="money", query=ReviewQuery, response=IntentsInReviewResponse)
def list_intents(query: ReviewQuery) -> Response:
    """Top-ups that need review, newest first."""
    intents, total = review.list_in_review(query.to_page())
    in_review = [IntentInReview(**_to_fields(intent)) for intent in intents]
    return ok(IntentsInReviewResponse(intents=in_review, pagination=PageNumbers.of(query, total)))


@routes.post(
    "/api/admin/intents/{intent_id}/resolve",
    permission="money",
    body=ResolveIntent,
    response=ResolvedIntent,
    problems=("not_found", "intent_not_disputed"),
)
def resolve(request: ResolveIntent, caller: Caller, intent_id: IntentId) -> Response:
    """Check a top-up at its gateway again and credit it if the payment matches, or close it.

    The note is recorded in the audit log.
    """
    if request.action == "close":
        closed = review.close(world(), caller, intent_id, request.note)
        return ok(ResolvedIntent(**_to_fields(closed), gateway_status=None))
    result = review.recheck(world(), caller, intent_id, request.note)
    return ok(ResolvedIntent(**_to_fields(result.intent), gateway_status=_to_gateway_status(result.payment_status)))


def _to_fields(intent: Intent) -> dict[str, Any]:
    return {
        "id": intent.intent_id,
        "user_id": intent.user_id,
        "payment_method": intent.gateway,
        "amount": money_text(intent.amount_paisa),
        "currency": CURRENCY,
        "status": in_upper_case(intent.state),
        "reason": intent.reason,
        "order_reference": intent.order_ref,
        "gateway_reference": intent.credited_ref or intent.gateway_ref,
        "gateway_amount": money_or_none(intent.reported_paisa),
        "gateway_refunded_amount": money_or_none(intent.reported_refunded_paisa),
        "gateway_reference_seen": intent.reported_reference,
        "created_at": time_text(intent.created_at),
        "review_since": time_or_none(intent.resolved_at),
        "closed_at": time_or_none(intent.closed_at),
    }


def _to_gateway_status(payment_status: PaymentStatus | None) -> GatewayStatus | None:
    if payment_status is None:
        return None
    return GatewayStatus(
        status=in_upper_case(payment_status.state),
        reason=payment_status.reason,
        amount=money_or_none(payment_status.amount_paisa),
        refunded_amount=money_or_none(payment_status.refunded_paisa),
        reference=payment_status.reference,
    )
