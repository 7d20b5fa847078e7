"""Completes the app: binary uploads, preflights, HEAD, and our envelope for Chalice's own errors."""

from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import Chalice
from chalice.app import Response as ChaliceResponse

from chalicelib.domain.problems.problem_codes import FinalCode
from chalicelib.domain.problems.problems import Problem
from chalicelib.edge.context import request_id_of
from chalicelib.edge.cors import preflight, with_cors
from chalicelib.edge.language import language_of
from chalicelib.edge.rendering import chalice_response, render_problem, with_header
from chalicelib.world import Unavailable, World

PROBLEM_CODES: Mapping[int, FinalCode] = {405: "method_not_allowed", 415: "unsupported_media_type"}


def install_middleware(app: Chalice, world: Callable[[], World]) -> None:
    """Must be called after every route is registered."""
    app.api.binary_types.append("multipart/form-data")
    for path, methods in list(app.routes.items()):
        get = methods.get("GET")
        _register_preflights(app, path, ", ".join(sorted(methods)), world)
        if get is not None:
            app.route(path, methods=["HEAD"], content_types=[], name=f"head {path}")(get.view_function)

    @app.middleware("http")
    def omit_body_of_head(request: Any, get_response: Callable[[Any], ChaliceResponse]) -> ChaliceResponse:
        response = get_response(request)
        if request.method == "HEAD":
            response.body = ""
        return response

    @app.middleware("http")
    def translate_chalice_errors(request: Any, get_response: Callable[[Any], ChaliceResponse]) -> ChaliceResponse:
        try:
            world()
        except Unavailable as unavailable:
            # A new process has no settings yet, so the response names no origin and no id of ours.
            busy = Problem("busy", retry_after_seconds=unavailable.retry_after_seconds)
            request_id = str(request.context.get("requestId", ""))
            return chalice_response(render_problem(busy, language_of(request), request_id))
        response = get_response(request)
        if not isinstance(response.body, dict) or "Code" not in response.body:
            return response
        request_id = request_id_of(request, world())
        problem = Problem(PROBLEM_CODES.get(response.status_code, "internal_error"))
        rendered = render_problem(problem, language_of(request), request_id, world().urls.problems_url)
        if "Allow" in response.headers:
            rendered = with_header(rendered, "Allow", str(response.headers["Allow"]))
        return chalice_response(with_cors(with_header(rendered, "X-Request-Id", request_id), request, world()))


def _register_preflights(app: Chalice, path: str, methods: str, world: Callable[[], World]) -> None:
    """Chalice's own CORS allows one origin. With several, the response depends on the request's origin."""

    def options(**parts: str) -> ChaliceResponse:
        del parts
        request = app.current_request
        rendered = preflight(methods, request, world())
        return chalice_response(with_header(rendered, "X-Request-Id", request_id_of(request, world())))

    app.route(path, methods=["OPTIONS"], content_types=[], name=f"options {path}")(options)
