"""What the app needs beside its doors: uploads, preflights, and our words for Chalice's own refusals."""

from collections.abc import Callable
from typing import Any

from chalice.app import Chalice, Response

from chalicelib.domain.problems import Problem
from chalicelib.edge.context import request_id_of
from chalicelib.edge.cors import for_browsers, preflight
from chalicelib.edge.language import language_of
from chalicelib.edge.responses import Sent, told, with_header
from chalicelib.world import World

CODES = {405: "method_not_allowed", 415: "unsupported_media_type"}


def prepare(app: Chalice, world: Callable[[], World]) -> None:
    """Call it when every door is registered."""
    app.api.binary_types.append("multipart/form-data")
    for path, doors in list(app.routes.items()):
        _answer_preflights(app, path, ", ".join(sorted(doors)), world)

    @app.middleware("http")
    def in_our_words(request: Any, get_response: Callable[[Any], Response]) -> Response:
        response = get_response(request)
        if not isinstance(response.body, dict) or "Code" not in response.body:
            return response
        request_id = request_id_of(request, world())
        problem = Problem(CODES.get(response.status_code, "internal_error"))
        one = told(problem, language_of(request), request_id)
        if "Allow" in response.headers:
            one = with_header(one, "Allow", str(response.headers["Allow"]))
        return _response(for_browsers(with_header(one, "X-Request-Id", request_id), request, world()))


def _answer_preflights(app: Chalice, path: str, methods: str, world: Callable[[], World]) -> None:
    """Chalice's own CORS tells every browser of one origin: with several, the answer depends on who asks."""

    def options(**parts: str) -> Response:
        del parts
        request = app.current_request
        answer = preflight(methods, request, world())
        return _response(with_header(answer, "X-Request-Id", request_id_of(request, world())))

    app.route(path, methods=["OPTIONS"], content_types=[], name=f"options {path}")(options)


def _response(one: Sent) -> Response:
    return Response(one.body, headers=dict(one.headers), status_code=one.status)
