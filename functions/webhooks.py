"""What gateways call back, and where they send browsers back to: /api/payment/webhook."""

from urllib.parse import urlencode

from chalicelib.domain.payment import Intent
from chalicelib.edge.body import Told, query_text, said
from chalicelib.edge.http import Answer, ok, redirect
from chalicelib.services import payments
from chalicelib.wiring import world
from functions.doors import doors

routes = doors(__name__)
UNREADABLE = ("malformed_body", "too_large", "unsupported_media_type", "invalid_input")


class Received(Told):
    received: bool = True


@routes.post("/api/payment/webhook/khalti", answer=Received, problems=("not_found", *UNREADABLE))
def khalti_called() -> Answer:
    """Khalti points at a payment: it is looked up, nothing here is believed."""
    payments.heard(world(), "khalti", said(routes))
    return ok(Received())


@routes.get("/api/payment/webhook/khalti", problems=("not_found", "invalid_input"))
def khalti_returned() -> Answer:
    """The customer's browser comes back from Khalti."""
    return _back(payments.heard(world(), "khalti", query_text(routes)))


@routes.post("/api/payment/webhook/esewa", answer=Received, problems=("not_found", "webhook_forged", *UNREADABLE))
def esewa_called() -> Answer:
    """eSewa's signed data: checked, then looked up."""
    payments.heard(world(), "esewa", said(routes))
    return ok(Received())


@routes.get("/api/payment/webhook/esewa", problems=("not_found", "webhook_forged", "invalid_input"))
def esewa_returned() -> Answer:
    """The customer's browser comes back from eSewa; a failure brings no data and decides nothing."""
    fields = query_text(routes)
    if "data" not in fields:
        return redirect(world().places.app_return_urls[0])
    return _back(payments.heard(world(), "esewa", fields))


def _back(intent: Intent) -> Answer:
    """To the app, by an address that was allowed when the intent was opened."""
    where = intent.return_url or world().places.app_return_urls[0]
    return redirect(f"{where}{'&' if '?' in where else '?'}{urlencode({'intent_id': intent.intent_id})}")
