"""Top-ups: opened, verified, given up: /api/payment."""

from html import escape
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.payment_gateway import Checkout
from chalicelib.domain.topup import Intent, IntentState
from chalicelib.edge.authentication import caller
from chalicelib.edge.formats import Currency, Rupees, Time, WebAddress
from chalicelib.edge.models import Asked, Money, Told
from chalicelib.edge.parsing import body, path_text
from chalicelib.edge.responses import Answer, created, money_text, ok, page
from chalicelib.services.caller import Caller
from chalicelib.services.topups import intents
from chalicelib.wiring import world
from functions.params import Id
from functions.routing import doors
from functions.schemas import CURRENCY, time_text
from functions.tags import Tag

routes = doors(__name__, Tag.TOPUPS)
SEND = "document.forms[0].submit()"


class OpenIntent(Asked):
    amount: Money
    payment_method: Annotated[str, Field(min_length=1, max_length=32, examples=["khalti"])]
    return_url: Annotated[str, Field(max_length=2048)] | None = None


class VerifyTopup(Asked):
    """What the gateway gave the browser may come along; nothing of it is believed."""

    intent_id: Id
    pidx: Annotated[str, Field(max_length=255)] | None = None
    data: Annotated[str, Field(max_length=8192)] | None = None
    status: Annotated[str, Field(max_length=64)] | None = None
    transaction_id: Annotated[str, Field(max_length=255)] | None = None


class Cancel(Asked):
    pass


class IntentView(Told):
    intent_id: str
    status: IntentState
    reason: str | None
    amount: Rupees
    currency: Currency
    payment_method: str
    created_at: Time
    expires_at: Time


class OpenedIntent(IntentView):
    payment_url: WebAddress
    method: Literal["GET", "POST"]
    form_fields: dict[str, str] | None


class Verified(IntentView):
    new_balance: Rupees


@routes.post(
    "/api/payment/wallet/topup-intent",
    asks=OpenIntent,
    answer=OpenedIntent,
    status=201,
    idempotent=True,
    problems=(
        "payment_method_unavailable",
        "amount_out_of_range",
        "return_url_not_allowed",
        "gateway_unavailable",
        "topup_over",
    ),
)
def open_intent() -> Answer:
    """Begin a top-up: where to send the customer to pay."""
    asked = body(routes, OpenIntent)
    intent, checkout = intents.open_intent(
        world(),
        caller(routes),
        amount_paisa=asked.amount,
        method=asked.payment_method,
        return_url=asked.return_url,
    )
    return created(
        OpenedIntent(
            **_intent(intent),
            payment_url=checkout.payment_url,
            method="GET",
            # Ours is the page that posts them.
            form_fields=None,
        )
    )


@routes.post("/api/payment/verify-topup", asks=VerifyTopup, answer=Verified, problems=("not_found",))
def verify_topup() -> Answer:
    """Ask the gateway whether it was paid, and credit it if so."""
    asked = body(routes, VerifyTopup)
    standing = intents.verify(world(), _caller_with(asked.intent_id), asked.intent_id)
    return ok(Verified(**_intent(standing.intent), new_balance=money_text(standing.wallet_paisa)))


@routes.get("/api/payment/status/{intent_id}", answer=IntentView, problems=("not_found",))
def status(intent_id: str) -> Answer:
    """Where a top-up stands, as far as we know."""
    who = caller(routes)
    return ok(IntentView(**_intent(intents.mine(world(), who.user_id, path_text(intent_id)))))


@routes.post(
    "/api/payment/cancel/{intent_id}",
    asks=Cancel,
    answer=IntentView,
    problems=("not_found", "intent_not_cancellable"),
)
def cancel(intent_id: str) -> Answer:
    """Give up a pending top-up; money that arrives all the same is credited."""
    body(routes, Cancel)
    known = path_text(intent_id)
    cancelled = intents.cancel(world(), _caller_with(known), known)
    return ok(IntentView(**_intent(cancelled)))


@routes.get("/api/payment/checkout/{intent_id}")
def checkout(intent_id: str) -> Answer:
    """The page that posts the signed form to the gateway by itself."""
    return page(form_page(intents.checkout(world(), path_text(intent_id))), script=SEND)


def form_page(checkout: Checkout) -> str:
    """A form that sends itself; a button for browsers that run no scripts."""
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in checkout.form_fields.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bijuli</title></head>'
        f'<body><form method="post" action="{escape(checkout.payment_url)}">'
        f'{fields}<button type="submit">Continue to pay</button></form><script>{SEND}</script></body></html>'
    )


def _caller_with(intent_id: str) -> Caller:
    """The caller, and the intent of theirs in the same read."""
    return caller(routes, *intents.keys_of(str(routes.claims()["sub"]), intent_id))


def _intent(intent: Intent) -> dict[str, Any]:
    state, reason = intent.shown_state(world().now())
    return {
        "intent_id": intent.intent_id,
        "status": state,
        "reason": reason,
        "amount": money_text(intent.amount_paisa),
        "currency": CURRENCY,
        "payment_method": intent.gateway,
        "created_at": time_text(intent.created_at),
        "expires_at": time_text(intent.expires_at),
    }
