"""The routes that payment gateways call, and to which they send browsers back: two for each gateway."""

from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, create_model

from chalicelib.domain.configuration.gateway_registry import GATEWAYS, CallbackSpec, webhook_path
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.problems.problem_codes import ProblemCode
from chalicelib.domain.problems.problems import must_exist
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.request_parsing import RawRequest
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


class Received(ResponseModel):
    received: bool = True


def _model(spec: CallbackSpec) -> type[Callback]:
    """The gateway's fields as a model for the API document."""
    fields: dict[str, Any] = {}
    for item in spec.fields:
        kind: Any = dict[str, Any] if item.is_object else str
        if item.description:
            kind = Annotated[kind, Field(description=item.description)]
        fields[item.name] = (kind, ...) if item.required else (kind | None, None)
    return create_model(spec.model, __base__=Callback, **fields)


def _add_callback(gateway: str, spec: CallbackSpec) -> None:
    """The route that the gateway itself calls."""

    def called(raw: RawRequest) -> Response:
        webhooks.receive(world(), gateway, raw.headers, raw.body)
        return ok(Received())

    called.__name__ = f"{gateway}_called"
    routes.post(
        webhook_path(gateway),
        summary=spec.summary,
        callback=_model(spec),
        signature=spec.signature_header,
        response=Received,
        problems=("not_found", *_signature_problems(spec), *PARSING_PROBLEMS),
    )(called)


def _add_browser_return(gateway: str, spec: CallbackSpec) -> None:
    """The route to which the gateway sends the customer's browser."""

    def returned(raw: RawRequest) -> Response:
        if spec.absent_after_failure and spec.absent_after_failure not in raw.query:
            return redirect(world().urls.app_return_urls[0])
        return _redirect_to_app(gateway, raw)

    returned.__name__ = f"{gateway}_returned"
    routes.get(
        webhook_path(gateway),
        summary=spec.summary,
        callback=_model(spec),
        status=303,
        problems=(*_signature_problems(spec), *RETURN_PROBLEMS),
    )(returned)


def _signature_problems(spec: CallbackSpec) -> tuple[ProblemCode, ...]:
    return ("webhook_forged",) if spec.signed else ()


def _redirect_to_app(gateway: str, raw: RawRequest) -> Response:
    """To the app, at an address that was allowed when the top-up was opened."""
    intent: Intent = must_exist(webhooks.receive(world(), gateway, raw.headers, raw.body))
    return_url = intent.return_url or world().urls.app_return_urls[0]
    return redirect(f"{return_url}{'&' if '?' in return_url else '?'}{urlencode({'intent_id': intent.intent_id})}")


for _spec in GATEWAYS.values():
    _add_callback(_spec.name, _spec.callback)
    _add_browser_return(_spec.name, _spec.browser_return)
