"""Responses that API Gateway makes itself, in our envelope, for the template and the sandbox."""

from typing import Any

from chalicelib.domain.problems.problems import DEFAULT_PROBLEMS_URL, Problem
from chalicelib.edge.rendering import PROBLEM_TYPE, RenderedResponse, render_problem
from infra.camel_case import camel_case

RATE_LIMITED, BUSY = Problem("rate_limited", retry_after_seconds=1), Problem("busy", retry_after_seconds=5)
PROBLEMS = {
    "MISSING_AUTHENTICATION_TOKEN": Problem("not_found"),
    "RESOURCE_NOT_FOUND": Problem("not_found"),
    "BAD_REQUEST_BODY": Problem("malformed_body"),
    "BAD_REQUEST_PARAMETERS": Problem("malformed_body"),
    "REQUEST_TOO_LARGE": Problem("too_large"),
    "UNSUPPORTED_MEDIA_TYPE": Problem("unsupported_media_type"),
    "THROTTLED": RATE_LIMITED,
    "QUOTA_EXCEEDED": RATE_LIMITED,
    "INTEGRATION_TIMEOUT": BUSY,
    "INTEGRATION_FAILURE": BUSY,
    "DEFAULT_5XX": Problem("internal_error"),
}
"""Our problem for each kind of gateway response. An unknown path has the kind MISSING_AUTHENTICATION_TOKEN."""
REQUEST_ID = "$context.requestId"


def refusal(problem: Problem, request_id: str, problems_url: str = DEFAULT_PROBLEMS_URL) -> RenderedResponse:
    """The problem in our envelope, in English: API Gateway can't choose a language."""
    return render_problem(problem, "en", request_id, problems_url)


def template_responses(api: str, allowed_origin: str) -> dict[str, Any]:
    """The CloudFormation resources, by logical id, for the API of that logical id."""
    return {
        "Gateway" + camel_case(kind): _response(kind, refusal(problem, REQUEST_ID), api, allowed_origin)
        for kind, problem in PROBLEMS.items()
    }


def _response(kind: str, message: RenderedResponse, api: str, allowed_origin: str) -> dict[str, Any]:
    fixed = {name: f"'{value}'" for name, value in message.headers.items() if name != "Content-Type"}
    sent = fixed | {"Access-Control-Allow-Origin": f"'{allowed_origin}'", "X-Request-Id": "context.requestId"}
    return {
        "Type": "AWS::ApiGateway::GatewayResponse",
        "Properties": {
            "RestApiId": {"Ref": api},
            "ResponseType": kind,
            "StatusCode": str(message.status),
            "ResponseTemplates": {PROBLEM_TYPE: message.body},
            "ResponseParameters": {f"gatewayresponse.header.{name}": value for name, value in sorted(sent.items())},
        },
    }
