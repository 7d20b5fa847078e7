"""Top-ups of the wallet: opened, verified, cancelled: /api/payment."""

from html import escape
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.payments.payment_gateway import Checkout
from chalicelib.domain.payments.topup_failure import topup_text
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.texts import Text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Currency, Rupees, Time, WebAddress
from chalicelib.edge.models import EmptyRequest, Money, OpenRequestModel, RequestModel, ResponseModel
from chalicelib.edge.responses import Response, created, html_page, ok
from chalicelib.services.caller import Caller
from chalicelib.services.topups import intents
from chalicelib.wiring import world
from functions.params import Id, IntentId
from functions.routing import blueprint
from functions.schemas import CURRENCY
from functions.tags import Tag

routes = blueprint(__name__, Tag.TOPUPS)
CONTINUE = Text("Continue to payment", "भुक्तानीमा जानुहोस्")
RETURN_URL = "Where the browser goes after the payment, with `intent_id` added. The allowed addresses are configured"
SUBMIT_SCRIPT = "document.forms[0].submit()"


class OpenIntent(RequestModel):
    amount: Money
    payment_method: Annotated[str, Field(min_length=1, max_length=32, examples=["khalti"])]
    return_url: Annotated[str, Field(max_length=2048, description=RETURN_URL)] | None = None


class VerifyTopup(OpenRequestModel):
    """Any field that the gateway gave to the browser or to the app is accepted, and none is read."""

    intent_id: Id

    def prefetch_keys(self, user_id: str) -> tuple[Any, ...]:
        return intents.prefetch_keys(user_id, self.intent_id)


class CancelIntent(EmptyRequest):
    pass


class IntentResponse(ResponseModel):
    intent_id: str
    status: IntentState
    reason: Annotated[str | None, Field(description="A code: `expired`, `cancelled_by_user`, or the gateway's own")]
    reason_text: Annotated[str | None, Field(description="For the customer, of a failed, cancelled or disputed one")]
    amount: Rupees
    currency: Currency
    payment_method: str
    created_at: Time
    expires_at: Time


class OpenedIntentResponse(IntentResponse):
    payment_url: WebAddress
    method: Annotated[
        Literal["GET", "POST"], Field(description="How to open `payment_url`: GET for each gateway so far")
    ]
    form_fields: Annotated[dict[str, str] | None, Field(description="What to post to `payment_url`; null with GET")]


class VerifiedTopupResponse(IntentResponse):
    new_balance: Rupees


@routes.post(
    "/api/payment/wallet/topup-intent",
    body=OpenIntent,
    response=OpenedIntentResponse,
    status=201,
    idempotent=True,
    problems=(
        "payment_method_unavailable",
        "amount_out_of_range",
        "return_url_not_allowed",
        "gateway_unavailable",
        "topup_over",
        "rate_limited",
    ),
)
def open_intent(request: OpenIntent, caller: Caller, language: str) -> Response:
    """Open a top-up, and get the address where the customer pays. With 5 unpaid ones, the oldest is returned."""
    amount_paisa, method, return_url = request.amount, request.payment_method, request.return_url
    intent, checkout = intents.open_intent(
        world(), caller, amount_paisa=amount_paisa, method=method, return_url=return_url
    )
    return created(to_opened_intent_response(intent, checkout.payment_url, language))


def to_opened_intent_response(intent: Intent, payment_url: str, language: str) -> OpenedIntentResponse:
    # The checkout page posts signed form fields itself: the app only opens `payment_url`.
    return OpenedIntentResponse(
        **_to_fields(intent, language), payment_url=payment_url, method="GET", form_fields=None
    )


@routes.post(
    "/api/payment/verify-topup",
    body=VerifyTopup,
    response=VerifiedTopupResponse,
    prefetch=VerifyTopup.prefetch_keys,
    problems=("not_found",),
)
def verify_topup(request: VerifyTopup, caller: Caller, language: str) -> Response:
    """Check a top-up at its gateway, and credit the wallet if it was paid.

    A top-up that was checked a few seconds ago is answered as it is, without another check.
    """
    result = intents.verify(world(), caller, request.intent_id)
    return ok(
        VerifiedTopupResponse(**_to_fields(result.intent, language), new_balance=money_text(result.wallet_paisa))
    )


@routes.get("/api/payment/status/{intent_id}", response=IntentResponse, problems=("not_found",))
def status(caller: Caller, intent_id: IntentId, language: str) -> Response:
    """The last known status of a top-up."""
    return ok(IntentResponse(**_to_fields(intents.get_own(caller.user_id, intent_id), language)))


@routes.post(
    "/api/payment/cancel/{intent_id}",
    body=CancelIntent,
    response=IntentResponse,
    prefetch=intents.prefetch_keys,
    problems=("not_found", "intent_not_cancellable"),
)
def cancel(caller: Caller, intent_id: IntentId, language: str) -> Response:
    """Cancel a pending top-up. A payment that arrives later is still credited."""
    return ok(IntentResponse(**_to_fields(intents.cancel(world(), caller, intent_id), language)))


@routes.get("/api/payment/checkout/{intent_id}")
def checkout(intent_id: IntentId, language: str) -> Response:
    """A page that posts the signed form to the gateway."""
    return html_page(form_page(intents.checkout(world(), intent_id), language), script=SUBMIT_SCRIPT)


def form_page(checkout: Checkout, language: str) -> str:
    """A form that submits itself, with a button for browsers without scripts."""
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in checkout.form_fields.items()
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Bijuli</title></head>'
        f'<body><form method="post" action="{escape(checkout.payment_url)}">'
        f'{fields}<button type="submit">{CONTINUE.render(language)}</button></form>'
        f"<script>{SUBMIT_SCRIPT}</script></body></html>"
    )


def _to_fields(intent: Intent, language: str) -> dict[str, Any]:
    now = world().now()
    state, reason = intent.shown_state(now)
    text = topup_text(intent, now)
    return {
        "intent_id": intent.intent_id,
        "status": state,
        "reason": reason,
        "reason_text": text.render(language) if text else None,
        "amount": money_text(intent.amount_paisa),
        "currency": CURRENCY,
        "payment_method": intent.gateway,
        "created_at": time_text(intent.created_at),
        "expires_at": time_text(intent.expires_at),
    }
