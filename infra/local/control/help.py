"""Routes of the control API that explain: its own routes, and every problem of the service's API."""

import re
from collections.abc import Callable
from html import escape
from inspect import cleandoc
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from werkzeug.routing import Rule

from chalicelib.domain.problems.problems import PROBLEM_KINDS
from infra.local.control.request_shapes import TEXT, is_of_control_api, shape_of
from infra.local.page.html_pages import html_page

CONVERTER = re.compile(r"<\w+:")
OWN_METHODS = ("GET", "POST", "DELETE")
DESCRIPTION = (
    "Bodies are JSON objects. Unknown fields and query parameters are refused. A refusal is {error}, with a status of"
    " 4xx. The service's own API is at /api/*; its document at /docs/openapi.json, as a page at /docs."
)


def help_blueprint() -> Blueprint:
    """The routes /problems and /openapi.json."""
    blueprint = Blueprint("help", __name__)

    @blueprint.get("/problems")
    def problems() -> Response:
        """Every error code with its status and its texts: a page for browsers, else JSON."""
        rows: list[dict[str, object]] = [
            {"code": code, "status": kind.status, "en": kind.en, "ne": kind.ne}
            for code, kind in sorted(PROBLEM_KINDS.items())
        ]
        if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
            return _page(rows)
        return jsonify(rows)

    @blueprint.get("/openapi.json")
    def description() -> Response:
        """The control API's own document."""
        return document()

    return blueprint


def document() -> Response:
    """The control API's own document, of the app that runs."""
    return jsonify(_document(current_app))


def _page(rows: list[dict[str, object]]) -> Response:
    """A table whose rows are the targets of `#code`, to which the `type` of an error points."""
    lines = "".join(
        f'<tr id="{row["code"]}"><th scope="row">{row["code"]}</th><td>{row["status"]}</td>'
        f'<td lang="en">{escape(str(row["en"]))}</td><td lang="ne">{escape(str(row["ne"]))}</td></tr>'
        for row in rows
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("code", "status", "English"))
    head = f'<thead><tr>{heads}<th scope="col" lang="ne">नेपाली</th></tr></thead>'
    return html_page(
        "Problems of the API",
        '<header><h1>Problems of the API</h1><a href="/">the city</a></header><main class="plain wide">'
        f'<div class="panel"><table class="problems">{head}<tbody>{lines}</tbody></table></div></main>',
    )


def _document(app: Flask) -> dict[str, object]:
    """Paths, methods and descriptions of the control API. The simulated companies document themselves."""
    paths: dict[str, dict[str, object]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        if not is_of_control_api(view):
            continue
        path = CONVERTER.sub("<", rule.rule).replace("<", "{").replace(">", "}")
        for method in sorted((rule.methods or set()).intersection(OWN_METHODS)):
            summary, _, more = cleandoc(view.__doc__ or "").partition("\n\n")
            operation = {
                "operationId": f"{rule.endpoint}-{method}".lower(),
                "summary": " ".join(summary.split()),
                **({"description": more} if more else {}),
                **_request(rule, view),
                "responses": {"200": {"description": "as the summary says"}},
            }
            paths.setdefault(path, {})[method.lower()] = operation
    info = {"title": "Control API of the sandbox", "version": "1", "description": DESCRIPTION}
    return {"openapi": "3.1.0", "info": info, "paths": paths}


def _request(rule: Rule, view: Callable[..., Any]) -> dict[str, object]:
    """The parameters and the body of an operation."""
    shape = shape_of(view)
    in_path = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in sorted(rule.arguments)]
    in_query = [{"name": name, "in": "query", "schema": schema} for name, schema in shape.query.items()]
    operation: dict[str, object] = {"parameters": [*in_path, *in_query]}
    if shape.body is not None:
        fields = {"properties": shape.body, "required": shape.required, "additionalProperties": False}
        operation["requestBody"] = {"content": {"application/json": {"schema": {"type": "object", **fields}}}}
    return operation
