"""The page on which every call of the API can be tried: Swagger UI on the service's own document (decision 0074)."""

import json
from pathlib import Path

from flask import Blueprint, jsonify, send_from_directory
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from infra.local.page.front_page import STATIC

DOCUMENT = Path(__file__).parents[3] / "docs" / "openapi.json"
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"


def api_page_blueprint() -> Blueprint:
    """The routes /docs and /docs/openapi.json."""
    blueprint = Blueprint("api_page", __name__)

    @blueprint.get("/docs")
    def page() -> Response:
        return send_from_directory(STATIC, "api_page.html")

    @blueprint.get("/docs/openapi.json")
    def document() -> FlaskResponse:
        """The document of the service. Its calls go to the page's own origin."""
        content = json.loads(DOCUMENT.read_text())
        return jsonify({**content, "servers": [{"url": "/", "description": "This sandbox"}]})

    @blueprint.after_request
    def restrict(response: FlaskResponse) -> FlaskResponse:
        """Let the page load and ask nothing but its own origin, and stand in the front page only."""
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return blueprint
