"""API Gateway's own answers, those our code never sees, in our envelope: for the template and for the sandbox."""

from typing import Any

from chalicelib.domain.problems import Problem
from chalicelib.edge.responses import PROBLEM_TYPE, RenderedResponse, render_problem

CODES = {
    "MISSING_AUTHENTICATION_TOKEN": "not_found",
    "RESOURCE_NOT_FOUND": "not_found",
    "BAD_REQUEST_BODY": "malformed_body",
    "BAD_REQUEST_PARAMETERS": "malformed_body",
    "REQUEST_TOO_LARGE": "too_large",
    "UNSUPPORTED_MEDIA_TYPE": "unsupported_media_type",
    "THROTTLED": "rate_limited",
    "QUOTA_EXCEEDED": "rate_limited",
    "INTEGRATION_TIMEOUT": "busy",
    "INTEGRATION_FAILURE": "busy",
    "DEFAULT_5XX": "internal_error",
}
"""What each kind of answer is called with us. API Gateway tells an unknown path by MISSING_AUTHENTICATION_TOKEN."""
RETRY_AFTER_SECONDS = {"rate_limited": 1, "busy": 5}
REQUEST_ID = "$context.requestId"


def refusal(code: str, request_id: str) -> RenderedResponse:
    """A problem as our own doors write it. API Gateway knows no languages: it is in English."""
    return render_problem(Problem(code, retry_after_seconds=RETRY_AFTER_SECONDS.get(code)), "en", request_id)


def template_responses(api: str, allowed_origin: str) -> dict[str, Any]:
    """The CloudFormation resources, by logical id, for the API of that logical id."""
    return {
        "Gateway" + "".join(part.capitalize() for part in kind.split("_")): _response(
            kind, refusal(code, REQUEST_ID), api, allowed_origin
        )
        for kind, code in CODES.items()
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
