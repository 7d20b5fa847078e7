"""Routes of the control API that explain: its own routes, and every problem of the service's API."""

from html import escape

from flask import Blueprint, Flask, Response, current_app, jsonify, request

from chalicelib.domain.problems import PROBLEM_KINDS

OWN_METHODS = ("GET", "POST", "DELETE")


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
            return Response(_page(rows), mimetype="text/html")
        return jsonify(rows)

    @blueprint.get("/openapi.json")
    def description() -> Response:
        """The control API's own document."""
        return jsonify(_document(current_app))

    return blueprint


def _page(rows: list[dict[str, object]]) -> str:
    """A table whose rows are the targets of `#code`, to which the `type` of an error points."""
    lines = "".join(
        f'<tr id="{row["code"]}"><th scope="row">{row["code"]}</th><td>{row["status"]}</td>'
        f'<td lang="en">{escape(str(row["en"]))}</td><td lang="ne">{escape(str(row["ne"]))}</td></tr>'
        for row in rows
    )
    head = "<thead><tr><th>code</th><th>status</th><th>English</th><th>नेपाली</th></tr></thead>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Problems</title></head>'
        f"<body><h1>Problems of the API</h1><table>{head}<tbody>{lines}</tbody></table></body></html>"
    )


def _document(app: Flask) -> dict[str, object]:
    """Paths, methods and descriptions of the control API. The simulated companies document themselves."""
    paths: dict[str, dict[str, object]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        if not view.__module__.startswith("infra.local.control"):
            continue
        path = rule.rule.replace("<int:", "<").replace("<path:", "<").replace("<", "{").replace(">", "}")
        for method in sorted((rule.methods or set()).intersection(OWN_METHODS)):
            summary = (view.__doc__ or rule.endpoint.partition(".")[2].replace("_", " ")).strip()
            operation = {"summary": summary, "responses": {"200": {"description": "as the summary says"}}}
            paths.setdefault(path, {})[method.lower()] = operation
    info = {"title": "Control API of the sandbox", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths}
