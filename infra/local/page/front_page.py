"""The front page of the sandbox, and the page of one rental: static files, no build step (decision 0074)."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, request, send_from_directory
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from infra.local.control.help import document

STATIC = Path(__file__).parent / "static"
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"


def front_page_blueprint(is_rental: Callable[[str], bool]) -> Blueprint:
    """The routes /, /r/{code} and /static. `is_rental` says whether a rental has the code."""
    blueprint = Blueprint("front_page", __name__, static_folder=str(STATIC), static_url_path="/static")

    @blueprint.get("/")
    def front() -> Response:
        """The page for a browser, and the control API's own document for anyone else."""
        if "text/html" in request.headers.get("Accept", ""):
            return send_from_directory(STATIC, "front_page.html")
        return document()

    @blueprint.get("/r/<code>")
    def rental(code: str) -> Response:
        """The page of a rental. The page itself reads the code from its address, and says if it finds nothing."""
        if not is_rental(code):
            # Never 304, as for the page of a rental that is there: the status is the answer.
            return FlaskResponse((STATIC / "rental.html").read_bytes(), HTTPStatus.NOT_FOUND, mimetype="text/html")
        return send_from_directory(STATIC, "rental.html")

    @blueprint.after_request
    def restrict(response: FlaskResponse) -> FlaskResponse:
        """Let the page load and ask nothing but its own origin."""
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return blueprint
