"""Callbacks of the payment gateways, and browsers that return from them: /api/payment/webhook."""

from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain.problem_codes import ProblemCode
from chalicelib.domain.problems import Problem
from chalicelib.domain.topup import Intent
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.parsing import RawRequest
from chalicelib.edge.responses import Response, ok, redirect
from chalicelib.services.topups import webhooks
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.CALLBACKS)
PARSING_PROBLEMS: tuple[ProblemCode, ...] = ("malformed_body", "too_large", "unsupported_media_type", "invalid_input")
RETURN_PROBLEMS: tuple[ProblemCode, ...] = ("not_found", "malformed_body", "too_large", "invalid_input")


class Callback(BaseModel):
    """The fields of a gateway's message that the service reads. Other fields are allowed."""

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


class Received(ResponseModel):
    received: bool = True


@routes.post(
    "/api/payment/webhook/khalti",
    callback=KhaltiCallback,
    response=Received,
    problems=("not_found", *PARSING_PROBLEMS),
)
def khalti_called(raw: RawRequest) -> Response:
    """Khalti's callback about a payment. Its content is not trusted: the payment is looked up at Khalti."""
    return _receive("khalti", raw)


@routes.get("/api/payment/webhook/khalti", callback=KhaltiCallback, status=303, problems=RETURN_PROBLEMS)
def khalti_returned(raw: RawRequest) -> Response:
    """Return of the customer's browser from Khalti."""
    return _redirect_to_app("khalti", raw)


@routes.post(
    "/api/payment/webhook/esewa",
    callback=EsewaCallback,
    response=Received,
    problems=("not_found", "webhook_forged", *PARSING_PROBLEMS),
)
def esewa_called(raw: RawRequest) -> Response:
    """eSewa's signed callback about a payment. The payment is looked up at eSewa."""
    return _receive("esewa", raw)


@routes.get(
    "/api/payment/webhook/esewa", callback=EsewaReturn, status=303, problems=("webhook_forged", *RETURN_PROBLEMS)
)
def esewa_returned(raw: RawRequest) -> Response:
    """Return of the customer's browser from eSewa. After a failure eSewa sends no data."""
    if "data" not in raw.query:
        return redirect(world().urls.app_return_urls[0])
    return _redirect_to_app("esewa", raw)


@routes.post(
    "/api/payment/webhook/stripe",
    callback=StripeEvent,
    signature="Stripe-Signature",
    response=Received,
    problems=("not_found", "webhook_forged", *PARSING_PROBLEMS),
)
def stripe_called(raw: RawRequest) -> Response:
    """Stripe's signed event. The payment is looked up at Stripe. An event about no payment of ours is accepted."""
    return _receive("stripe", raw)


@routes.get("/api/payment/webhook/stripe", callback=StripeReturn, status=303, problems=RETURN_PROBLEMS)
def stripe_returned(raw: RawRequest) -> Response:
    """Return of the customer's browser from Stripe, after a payment or without one."""
    return _redirect_to_app("stripe", raw)


def _receive(gateway: str, raw: RawRequest) -> Response:
    webhooks.receive(world(), gateway, raw.headers, raw.body)
    return ok(Received())


def _redirect_to_app(gateway: str, raw: RawRequest) -> Response:
    """To the app, at an address that was allowed when the top-up was opened."""
    intent: Intent | None = webhooks.receive(world(), gateway, raw.headers, raw.body)
    if intent is None:
        raise Problem("not_found")
    where = intent.return_url or world().urls.app_return_urls[0]
    return redirect(f"{where}{'&' if '?' in where else '?'}{urlencode({'intent_id': intent.intent_id})}")
