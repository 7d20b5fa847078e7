"""The Chalice app. It answers an event that is no request of API Gateway, such as a warm-up ping, with 404."""

from collections.abc import Container
from typing import Any

from chalice.app import Chalice
from chalice.app import Response as ChaliceResponse

from chalicelib import log
from chalicelib.domain.problems.problems import Problem
from chalicelib.edge.rendering import render_problem

OPTIONAL_PARTS = ("headers", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body")
"""Parts of an event that Chalice reads. A test call from the console of API Gateway leaves some of them out."""


class ApiGatewayApp(Chalice):
    """A Chalice app that answers every event. Chalice itself raises KeyError for an event that is no request."""

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        if not _is_request(event, self.routes):
            log.fact("event_ignored", about=type(event).__name__)
            rendered = render_problem(Problem("not_found"), "en", "")
            ignored: dict[str, Any] = ChaliceResponse(
                rendered.body, dict(rendered.headers), rendered.status
            ).to_dict()
            return ignored
        response: dict[str, Any] = super().__call__(dict.fromkeys(OPTIONAL_PARTS) | event, context)
        return response


def _is_request(event: Any, resources: Container[str]) -> bool:
    """True for a proxy event of the REST API that names one of its resources and fills the variables of its path."""
    if not isinstance(event, dict):
        return False
    about, body = event.get("requestContext"), event.get("body")
    parts = [event.get(name) or {} for name in OPTIONAL_PARTS if name != "body"]
    if not isinstance(about, dict) or not all(isinstance(part, dict) for part in parts):
        return False
    resource, method, path = about.get("resourcePath"), about.get("httpMethod"), event.get("pathParameters") or {}
    return (
        isinstance(about.get("identity") or {}, dict)
        and isinstance(resource, str)
        and resource in resources
        and isinstance(method, str)
        and isinstance(body, str | None)
        and all(isinstance(values, list) for values in (event.get("multiValueQueryStringParameters") or {}).values())
        and all(isinstance(path.get(name[1:-1]), str) for name in resource.split("/") if name.startswith("{"))
    )
