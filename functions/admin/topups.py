"""Operators: top-ups whose money nobody could place by itself: /api/admin/intents."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.payment_gateway import Outcome, Paid
from chalicelib.domain.topup import Intent, IntentState
from chalicelib.edge.authentication import caller
from chalicelib.edge.formats import Currency, Rupees, Time, in_capitals
from chalicelib.edge.models import Asked, Told
from chalicelib.edge.parsing import body, path_text, query
from chalicelib.edge.responses import Answer, money_text, ok
from chalicelib.services.topups import review
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageAsked, PageNumbers, page_numbers
from functions.params import EitherCase
from functions.routing import doors
from functions.schemas import CURRENCY, time_text
from functions.tags import Tag

routes = doors(__name__, Tag.ADMIN_TOPUPS)


class DisputesAsked(NumberedPageAsked):
    state: Annotated[Literal["disputed"], EitherCase, Field(description="The state of the top-ups")] = "disputed"


class DisputeView(Told):
    id: str
    user_id: str
    payment_method: str
    amount: Rupees
    currency: Currency
    status: Annotated[str, in_capitals(IntentState)]
    reason: str | None
    order_reference: str
    gateway_reference: str | None
    told_amount: Rupees | None
    told_reference: str | None
    created_at: Time
    handed_over_at: Time | None
    closed_at: Time | None


class Disputes(Told):
    intents: list[DisputeView]
    pagination: PageNumbers


class Resolve(Asked):
    action: Annotated[Literal["look_again", "close"], EitherCase]
    note: Annotated[str, Field(min_length=1, max_length=500)]


class GatewaySaid(Told):
    """What the gateway said just now; the amount and reference only of something paid."""

    status: Annotated[str, in_capitals(Paid)]
    reason: str
    amount: Rupees | None
    reference: str | None


class Resolved(DisputeView):
    gateway_said: GatewaySaid | None


@routes.get("/api/admin/intents", right="money", query=DisputesAsked, answer=Disputes)
def listing() -> Answer:
    """Top-ups that wait for somebody to find out, the newest handed over first."""
    caller(routes)
    asked = query(routes, DisputesAsked)
    found, total = review.waiting(world(), page=asked.page, page_size=asked.page_size)
    pages = page_numbers(asked.page, asked.page_size, total)
    return ok(Disputes(intents=[DisputeView(**_view(one)) for one in found], pagination=pages))


@routes.post(
    "/api/admin/intents/{intent_id}/resolve",
    right="money",
    asks=Resolve,
    answer=Resolved,
    problems=("not_found", "intent_not_disputed"),
)
def resolve(intent_id: str) -> Answer:
    """Ask the gateway anew and credit what matches, or close it: each is on record with its note."""
    who = caller(routes)
    asked, named = body(routes, Resolve), path_text(intent_id)
    if asked.action == "close":
        closed = review.close(world(), who, named, asked.note)
        return ok(Resolved(**_view(closed), gateway_said=None))
    standing = review.look_again(world(), who, named, asked.note)
    return ok(Resolved(**_view(standing.intent), gateway_said=_said(standing.outcome)))


def _view(intent: Intent) -> dict[str, Any]:
    return {
        "id": intent.intent_id,
        "user_id": intent.user_id,
        "payment_method": intent.gateway,
        "amount": money_text(intent.amount_paisa),
        "currency": CURRENCY,
        "status": intent.state.value.upper(),
        "reason": intent.reason,
        "order_reference": intent.order_ref,
        "gateway_reference": intent.credited_ref or intent.gateway_ref,
        "told_amount": _money(intent.told_paisa),
        "told_reference": intent.told_ref,
        "created_at": time_text(intent.created_at),
        "handed_over_at": time_text(intent.settled_at) if intent.settled_at else None,
        "closed_at": time_text(intent.closed_at) if intent.closed_at else None,
    }


def _said(outcome: Outcome | None) -> GatewaySaid | None:
    if outcome is None:
        return None
    return GatewaySaid(
        status=outcome.paid.value.upper(),
        reason=outcome.reason,
        amount=_money(outcome.amount_paisa),
        reference=outcome.reference,
    )


def _money(paisa: int | None) -> str | None:
    return None if paisa is None else money_text(paisa)
