"""What gateways call back, and where they send browsers back to: /api/payment/webhook."""

from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain.problems import Problem
from chalicelib.domain.topup import Intent
from chalicelib.edge.models import Told
from chalicelib.edge.parsing import query_text, raw_of
from chalicelib.edge.responses import Answer, ok, redirect
from chalicelib.services.topups import webhooks
from chalicelib.wiring import world
from functions.routing import doors
from functions.tags import Tag

routes = doors(__name__, Tag.CALLBACKS)
UNREADABLE = ("malformed_body", "too_large", "unsupported_media_type", "invalid_input")
RETURNED = ("not_found", "malformed_body", "too_large", "invalid_input")


class Callback(BaseModel):
    """A gateway's fields, of which only these are read."""

    model_config = ConfigDict(extra="allow", defer_build=True)


class KhaltiCallback(Callback):
    pidx: Annotated[str, Field(description="Khalti's reference of the payment")]
    status: Annotated[str, Field(description="Khalti's word for the state of the payment")] | None = None


class EsewaCallback(Callback):
    data: Annotated[str, Field(description="Base64 of eSewa's signed JSON object")]


class EsewaReturn(Callback):
    data: Annotated[str, Field(description="Base64 of eSewa's signed JSON object. Absent after a failure")] | None = (
        None
    )


class StripeEvent(Callback):
    id: str
    type: str
    data: dict[str, Any]


class StripeReturn(Callback):
    order_ref: Annotated[str, Field(description="Our reference of the order")]
    outcome: Annotated[str, Field(description="`success` or `cancel`")] | None = None


class Received(Told):
    received: bool = True


@routes.post(
    "/api/payment/webhook/khalti", callback=KhaltiCallback, answer=Received, problems=("not_found", *UNREADABLE)
)
def khalti_called() -> Answer:
    """Khalti points at a payment: it is looked up, nothing here is believed."""
    return _received("khalti")


@routes.get("/api/payment/webhook/khalti", callback=KhaltiCallback, status=303, problems=RETURNED)
def khalti_returned() -> Answer:
    """The customer's browser comes back from Khalti."""
    return _back("khalti")


@routes.post(
    "/api/payment/webhook/esewa",
    callback=EsewaCallback,
    answer=Received,
    problems=("not_found", "webhook_forged", *UNREADABLE),
)
def esewa_called() -> Answer:
    """eSewa's signed data: checked, then looked up."""
    return _received("esewa")


@routes.get("/api/payment/webhook/esewa", callback=EsewaReturn, status=303, problems=("webhook_forged", *RETURNED))
def esewa_returned() -> Answer:
    """The customer's browser comes back from eSewa; a failure brings no data and decides nothing."""
    if "data" not in query_text(routes):
        return redirect(world().places.app_return_urls[0])
    return _back("esewa")


@routes.post(
    "/api/payment/webhook/stripe",
    callback=StripeEvent,
    signature="Stripe-Signature",
    answer=Received,
    problems=("not_found", "webhook_forged", *UNREADABLE),
)
def stripe_called() -> Answer:
    """Stripe's signed event: checked, then looked up; one about nothing of ours is taken all the same."""
    return _received("stripe")


@routes.get("/api/payment/webhook/stripe", callback=StripeReturn, status=303, problems=RETURNED)
def stripe_returned() -> Answer:
    """The customer's browser comes back from Stripe, whether anything was paid there or not."""
    return _back("stripe")


def _received(gateway: str) -> Answer:
    webhooks.heard(world(), gateway, *raw_of(routes))
    return ok(Received())


def _back(gateway: str) -> Answer:
    """To the app, by an address that was allowed when the intent was opened."""
    intent: Intent | None = webhooks.heard(world(), gateway, *raw_of(routes))
    if intent is None:
        raise Problem("not_found")
    where = intent.return_url or world().places.app_return_urls[0]
    return redirect(f"{where}{'&' if '?' in where else '?'}{urlencode({'intent_id': intent.intent_id})}")
