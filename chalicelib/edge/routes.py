"""Routes: wraps each view once, so that whatever happens behind a door leaves it as the contract says."""

import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from chalice.app import Blueprint
from chalice.app import Response as ChaliceResponse

from chalicelib import log
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.idempotency import StoredResponse
from chalicelib.domain.problems import Problem
from chalicelib.edge.context import RequestContext, RouteSpec, bearer_token, request_context, request_id_of
from chalicelib.edge.cors import with_cors
from chalicelib.edge.language import LANGUAGES, language_of, requested_language
from chalicelib.edge.public_routes import PUBLIC
from chalicelib.edge.responses import (
    RenderedResponse,
    Response,
    render,
    render_problem,
    with_fields,
    with_header,
    without_fields,
)
from chalicelib.services.caller import Caller
from chalicelib.services.idempotency import IdempotencyClaim
from chalicelib.world import Unavailable, World

Handler = Callable[..., Response]
ACCESS = "access"
REPLAYED = "Idempotent-Replayed"


class ReplayResponse(Exception):
    """This request was answered before: the same answer again."""

    def __init__(self, response: StoredResponse) -> None:
        self.response = response
        super().__init__("replay")


class Routes(Blueprint):
    """A file's doors. Guarded unless listed in PUBLIC; `permission` names what an operator's door needs."""

    def __init__(
        self,
        import_name: str,
        world: Callable[[], World],
        authenticate: Callable[..., Caller],
        store_response: Callable[[World, IdempotencyClaim, StoredResponse], None],
        release_key: Callable[[World, IdempotencyClaim], None],
        tag: str = "",
    ) -> None:
        super().__init__(import_name)
        self.tag = tag
        self.world = world
        self.authenticate = authenticate
        self._store_response = store_response
        self._release_key = release_key

    def get(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self._route("GET", path, declared)

    def post(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self._route("POST", path, declared)

    def put(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self._route("PUT", path, declared)

    def patch(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self._route("PATCH", path, declared)

    def delete(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self._route("DELETE", path, declared)

    def language(self) -> str:
        """What the caller reads, by the request's headers: `en` or `ne`."""
        return request_context.get().language

    def claims(self) -> dict[str, Any]:
        """The token's claims, verified; the account behind them has not been looked at."""
        return dict(request_context.get().claims or {})

    def _route(self, method: str, path: str, declared: dict[str, Any]) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            route = RouteSpec(method, path, summary=handler.__doc__ or "", **{"tag": self.tag, **declared})

            def respond(**parts: str) -> ChaliceResponse:
                return self._respond(route, handler, parts)

            respond.__name__ = handler.__name__
            respond.__doc__ = handler.__doc__
            respond.route = route  # type: ignore[attr-defined]
            # Every content type comes in: which ones are read, and how others are refused, is ours to say.
            self.route(path, methods=[method], content_types=[])(respond)
            return handler

        return register

    def _respond(self, route: RouteSpec, handler: Handler, parts: dict[str, str]) -> ChaliceResponse:
        started = time.perf_counter()
        world, request = self.world(), self.current_request
        context = RequestContext(route, request, world, request_id_of(request, world), language_of(request))
        token = request_context.set(context)
        try:
            rendered, code = self._handled(context, handler, parts)
        finally:
            request_context.reset(token)
        if rendered.status >= HTTPStatus.INTERNAL_SERVER_ERROR and context.caller and context.caller.idempotency:
            # Told to come again, with the same key: this try must not hold that one up.
            with suppress(Problem):
                self._release_key(world, context.caller.idempotency)
        log.fact(
            "request",
            request_id=context.request_id,
            method=route.method,
            path=route.path,
            status=rendered.status,
            code=code,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )
        return _chalice_response(with_cors(with_header(rendered, "X-Request-Id", context.request_id), request, world))

    def _handled(
        self, context: RequestContext, handler: Handler, parts: dict[str, str]
    ) -> tuple[RenderedResponse, str]:
        """What goes out, and the code of the problem if it is one."""
        try:
            return self._call_handler(context, handler, parts), ""
        except ReplayResponse as replay:
            headers = {"Content-Type": "application/json", "Cache-Control": "no-store", REPLAYED: "true"}
            return RenderedResponse(replay.response.status, replay.response.body, headers), ""
        except Problem as problem:
            return render_problem(problem, context.language, context.request_id), problem.code
        except Unavailable as away:
            busy = Problem("busy", retry_after_seconds=away.retry_after_seconds)
            return render_problem(busy, context.language, context.request_id), "busy"
        except Exception as error:  # noqa: BLE001  nothing of a bug may leave this house but its number
            log.alarm(
                Alarm.UNHANDLED_EXCEPTION,
                request_id=context.request_id,
                path=context.route.path,
                error=_error_location(error),
            )
            return render_problem(Problem("internal_error"), context.language, context.request_id), "internal_error"

    def _call_handler(self, context: RequestContext, handler: Handler, parts: dict[str, str]) -> RenderedResponse:
        guarded = context.route.name not in PUBLIC
        if guarded:
            context.claims = context.world.tokens.read(bearer_token(context.request), audience=ACCESS)
            if requested_language(context.request) is None and context.claims.get("lang") in LANGUAGES:
                context.language = str(context.claims["lang"])
        response = handler(**parts)
        if guarded and context.caller is None:
            raise RuntimeError(f"{context.route.name} never asked who calls")
        if response.status not in context.route.statuses:
            raise RuntimeError(f"{context.route.name} does not declare status {response.status}")
        rendered = render(response, context.language, context.header("if-none-match"))
        claim = context.caller.idempotency if context.caller else None
        if claim is None or not context.route.idempotent or not 200 <= rendered.status < 300:
            return rendered
        if claim.stored_body is not None:
            return with_header(with_fields(claim.stored_body, rendered), REPLAYED, "true")
        self._store_response(
            context.world,
            claim,
            StoredResponse(rendered.status, without_fields(rendered, context.route.unstored_fields)),
        )
        return rendered


def _error_location(error: Exception) -> str:
    """The kind of error and where it rose: never its text, which may quote what somebody sent."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return f"{type(error).__name__} at " + " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames))


def _chalice_response(rendered: RenderedResponse) -> ChaliceResponse:
    return ChaliceResponse(rendered.body, headers=dict(rendered.headers), status_code=rendered.status)
