"""Refunds as customers ask for them and see them: /api/payment."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.refund import Refund, RefundState, Way
from chalicelib.edge import pagination
from chalicelib.edge.authentication import caller
from chalicelib.edge.formats import Currency, Rupees, Time
from chalicelib.edge.models import Asked, Listed, PageAsked, Told
from chalicelib.edge.parsing import body, path_text, query
from chalicelib.edge.responses import Answer, created, money_text, ok
from chalicelib.services.refunds import decisions
from chalicelib.services.refunds import requests as refund_requests
from chalicelib.wiring import world
from functions.routing import doors
from functions.schemas import CURRENCY, time_text
from functions.tags import Tag

routes = doors(__name__, Tag.REFUNDS)
REFUSALS = ("not_refundable", "already_refunded", "refund_open", "refund_spent", "refund_points_spent")


class AskRefund(Asked):
    reason: Annotated[str, Field(min_length=1, max_length=500, examples=["Topped up twice by mistake"])]


class RefundView(Told):
    refund_id: str
    transaction_id: str
    status: RefundState
    amount: Rupees
    points: int
    """Taken along with a top-up's money, given back with a rental's."""
    currency: Currency
    reason: str
    refunded_to: Way | None
    payment_method: str | None
    rental_id: str | None
    intent_id: str | None
    rejection_reason: str | None
    requested_at: Time
    processed_at: Time | None


@routes.post(
    "/api/payment/refund/{transaction_id}",
    asks=AskRefund,
    answer=RefundView,
    status=201,
    idempotent=True,
    problems=("not_found", *REFUSALS),
)
def ask_refund(transaction_id: str) -> Answer:
    """Ask for a payment back: an operator decides."""
    asked = body(routes, AskRefund)
    who = caller(routes)
    return created(refund_view(refund_requests.request(world(), who, path_text(transaction_id), asked.reason)))


@routes.get("/api/payment/refunds", query=PageAsked, answer=Listed[RefundView])
def my_refunds() -> Answer:
    """What was asked back, newest first, and what became of it."""
    asked = query(routes, PageAsked)
    who = caller(routes)
    position = pagination.opened(routes, who.user_id, asked)
    before = str(position["before"]) if position else None
    found, following = decisions.mine(world(), who, limit=asked.limit, before=before)
    following_cursor = pagination.sealed(routes, who.user_id, asked, {"before": following}) if following else None
    return ok(Listed[RefundView].of([refund_view(one) for one in found], following_cursor))


def refund_view(refund: Refund) -> RefundView:
    rejected = refund.state is RefundState.REJECTED
    return RefundView(
        refund_id=refund.refund_id,
        transaction_id=refund.transaction_id,
        status=refund.state,
        amount=money_text(refund.amount_paisa),
        points=refund.points,
        currency=CURRENCY,
        reason=refund.reason,
        refunded_to=refund.way,
        payment_method=refund.gateway,
        rental_id=refund.rental_id,
        intent_id=refund.intent_id,
        rejection_reason=refund.admin_notes if rejected else None,
        requested_at=time_text(refund.requested_at),
        processed_at=time_text(refund.ended_at),
    )
