"""What gateways call back, and where they send browsers back to: /api/payment/webhook."""

from urllib.parse import urlencode

from chalicelib.domain.payment import Intent
from chalicelib.domain.problems import Problem
from chalicelib.edge.body import Told, query_text, raw_of
from chalicelib.edge.http import Answer, ok, redirect
from chalicelib.services import webhooks
from chalicelib.wiring import world
from functions.doors import doors

routes = doors(__name__)
UNREADABLE = ("malformed_body", "too_large", "unsupported_media_type", "invalid_input")
RETURNED = ("not_found", "malformed_body", "too_large", "invalid_input")


class Received(Told):
    received: bool = True


@routes.post("/api/payment/webhook/khalti", answer=Received, problems=("not_found", *UNREADABLE))
def khalti_called() -> Answer:
    """Khalti points at a payment: it is looked up, nothing here is believed."""
    return _received("khalti")


@routes.get("/api/payment/webhook/khalti", problems=RETURNED)
def khalti_returned() -> Answer:
    """The customer's browser comes back from Khalti."""
    return _back("khalti")


@routes.post("/api/payment/webhook/esewa", answer=Received, problems=("not_found", "webhook_forged", *UNREADABLE))
def esewa_called() -> Answer:
    """eSewa's signed data: checked, then looked up."""
    return _received("esewa")


@routes.get("/api/payment/webhook/esewa", problems=("webhook_forged", *RETURNED))
def esewa_returned() -> Answer:
    """The customer's browser comes back from eSewa; a failure brings no data and decides nothing."""
    if "data" not in query_text(routes):
        return redirect(world().places.app_return_urls[0])
    return _back("esewa")


@routes.post("/api/payment/webhook/stripe", answer=Received, problems=("not_found", "webhook_forged", *UNREADABLE))
def stripe_called() -> Answer:
    """Stripe's signed event: checked, then looked up; one about nothing of ours is taken all the same."""
    return _received("stripe")


@routes.get("/api/payment/webhook/stripe", problems=RETURNED)
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
