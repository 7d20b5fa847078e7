"""Routes: parses a request, authenticates its caller, calls the handler, and renders every outcome."""

import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from chalice.app import Blueprint
from chalice.app import Response as ChaliceResponse

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operations.idempotency import StoredResponse
from chalicelib.domain.operators.network_address import is_in_networks
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.days import day_of
from chalicelib.edge.authentication import authenticate, find_caller, read_token
from chalicelib.edge.context import RequestContext, RouteSpec, request_id_of
from chalicelib.edge.cors import with_cors
from chalicelib.edge.csv_files import as_csv, wants_file
from chalicelib.edge.handler_binding import Endpoint, Handler, bind
from chalicelib.edge.language import language_of
from chalicelib.edge.rendering import (
    JSON_TYPE,
    RenderedResponse,
    chalice_response,
    render,
    render_problem,
    to_json,
    with_fields,
    with_header,
    without_fields,
)
from chalicelib.edge.request_parsing import client_address, parse
from chalicelib.edge.route_decorators import RouteDecorator
from chalicelib.services import audit_log, event_log, idempotency
from chalicelib.world import Unavailable, World
from chalicelib.world.time_left import limited_to

REPLAYED = "Idempotent-Replayed"
REPLAYED_ERRORS = (409, 502, 503)
"""Statuses of errors with which an earlier attempt ended after it made its resource."""


class Routes(Blueprint):
    """The routes of one file. Each needs an access token unless PUBLIC lists it."""

    def __init__(self, import_name: str, world: Callable[[], World], tag: str = "") -> None:
        super().__init__(import_name)
        self.tag = tag
        self.declared: dict[str, tuple[RouteSpec, Handler]] = {}
        """Each route with its handler, by the route's name, for the routes that are aliases of them."""
        self.world = world
        self.get, self.post, self.put, self.patch, self.delete = (
            RouteDecorator(method, self._register) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        )

    def _register(self, method: str, path: str, declared: dict[str, Any]) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            summary = handler.__doc__ or ""
            self.serve(RouteSpec(method, path, **{"summary": summary, "tag": self.tag, **declared}), handler)
            return handler

        return register

    def serve(self, route: RouteSpec, handler: Handler) -> None:
        """Serve a route by a handler. Raises InvalidRoute when the handler does not match the declaration."""
        endpoint = bind(route, handler)

        def respond(**path_params: str) -> ChaliceResponse:
            return self._respond(endpoint, path_params)

        respond.__name__ = handler.__name__
        respond.__doc__ = handler.__doc__
        respond.route = route  # type: ignore[attr-defined]
        # An empty list lets every content type in: `parse_body` decides which ones are refused, and how.
        self.route(route.path, methods=[route.method], content_types=[])(respond)
        self.declared[route.name] = route, handler

    def _respond(self, endpoint: Endpoint, path_params: dict[str, str]) -> ChaliceResponse:
        started = time.perf_counter()
        world, request, route = self.world(), self.current_request, endpoint.route
        context = RequestContext(route, request, world, request_id_of(request, world), language_of(request))
        call = event_log.call(route.name, context.request_id, is_operator=route.permission is not None)
        sender = audit_log.request_from(route.name, client_address(request), context.header("user-agent"))
        with limited_to(self.lambda_context), call, sender:
            rendered, code = _outcome(context, endpoint, path_params)
        if rendered.status >= HTTPStatus.INTERNAL_SERVER_ERROR and context.caller and context.caller.idempotency:
            # The client will retry with the same key: this attempt must not answer it "in progress".
            with suppress(Problem):
                idempotency.release(world, context.caller.idempotency)
        log.fact(
            "request",
            request_id=context.request_id,
            method=request.method,
            path=route.path,
            status=rendered.status,
            code=code,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )
        return chalice_response(with_cors(with_header(rendered, "X-Request-Id", context.request_id), request, world))


def _outcome(
    context: RequestContext, endpoint: Endpoint, path_params: dict[str, str]
) -> tuple[RenderedResponse, str]:
    """The response, and the code of the problem if it is one."""
    try:
        return _handle(context, endpoint, path_params), ""
    except Problem as problem:
        rendered = _rendered(problem, context)
        earlier = context.caller and context.caller.earlier_resource_id
        if earlier and problem.status in REPLAYED_ERRORS and problem.code in context.route.problems:
            rendered = with_header(rendered, REPLAYED, "true")
        return rendered, problem.code
    except Unavailable as unavailable:
        busy = Problem("busy", retry_after_seconds=unavailable.retry_after_seconds)
        return _rendered(busy, context), "busy"
    except Exception as error:  # noqa: BLE001  a client must see no detail of a bug, only the request's id
        log.alarm(
            Alarm.UNHANDLED_EXCEPTION,
            request_id=context.request_id,
            path=context.route.path,
            error=_error_location(error),
        )
        return _rendered(Problem("internal_error"), context), "internal_error"


def _rendered(problem: Problem, context: RequestContext) -> RenderedResponse:
    return render_problem(problem, context.language, context.request_id, context.world.urls.problems_url)


def _handle(context: RequestContext, endpoint: Endpoint, path_params: dict[str, str]) -> RenderedResponse:
    route = context.route
    _must_come_from_allowed_network(context)
    if not route.is_public:
        read_token(context)
    parts = parse(route, endpoint.path_types, context.request, path_params)
    if not route.is_public:
        context.caller = authenticate(context, parts, endpoint.prefetch(context, parts))
        if context.caller.replay is not None:
            return _replayed(context.caller.replay)
    elif route.optional_caller:
        find_caller(context, parts, endpoint.prefetch)
    if parts.path is None:
        raise Problem("not_found")
    with _acting_operator(context):
        response = endpoint.call(context, parts)
    if response.status not in route.statuses:
        raise RuntimeError(f"{route.name} does not declare status {response.status}")
    if wants_file(parts.query):
        response = as_csv(response, f"{route.noun}-{day_of(context.world.now())}")
    elif route.shape is not None:
        response = replace(response, data=route.shape(to_json(response.data)))
    response = replace(response, varies_by_caller=route.optional_caller)
    return _stored(context, render(response, context.language, context.header("if-none-match")))


def _acting_operator(context: RequestContext) -> AbstractContextManager[None]:
    """A block whose entries in the audit log require that the operator still has the role that the request found.

    For a customer's route it requires nothing.
    """
    if context.route.permission is None or context.caller is None:
        return nullcontext()
    return audit_log.acting_as(context.caller.account.role)


def _must_come_from_allowed_network(context: RequestContext) -> None:
    """Routes of operators answer only to the networks of the settings, if there are any."""
    networks = context.world.settings().admin_networks if context.route.is_for_operators else ()
    if networks and not is_in_networks(client_address(context.request), networks):
        raise Problem("address_not_allowed")


def _stored(context: RequestContext, rendered: RenderedResponse) -> RenderedResponse:
    """The response, stored under the request's Idempotency-Key if it has one and succeeded."""
    claim = context.caller.idempotency if context.caller else None
    if claim is None or not 200 <= rendered.status < 300:
        return rendered
    if claim.stored_body is not None:
        return with_header(with_fields(claim.stored_body, rendered), REPLAYED, "true")
    body = without_fields(rendered, context.route.unstored_fields)
    idempotency.store_response(claim, StoredResponse(rendered.status, body))
    return rendered


def _replayed(stored: StoredResponse) -> RenderedResponse:
    headers = {"Content-Type": JSON_TYPE, "Cache-Control": "no-store", REPLAYED: "true"}
    return RenderedResponse(stored.status, stored.body, headers)


def _error_location(error: Exception) -> str:
    """The type of the error and where it was raised. Its text is left out: it may quote personal data."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return f"{type(error).__name__} at " + " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames))
