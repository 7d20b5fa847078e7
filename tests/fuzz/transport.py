"""Passes requests of the fuzzer to the app in this process, as API Gateway does."""

import io
from dataclasses import dataclass
from typing import Any

import requests
from chalice.app import Chalice
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from chalicelib.domain.problems.problems import Problem
from infra.api_gateway_responses import refusal
from infra.grants import API
from infra.local.aws.iam import running
from tests.scenarios.contract import must_be_documented
from tests.world.http_client import event_of

BASE_URL = "https://api.bijuli.example"


@dataclass
class InProcess(HTTPAdapter):
    """Send a prepared request to the app, and compare the response with the API document."""

    app: Chalice

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        del args, more
        status, headers, text = self._answered(request)
        raw = HTTPResponse(io.BytesIO(text.encode()), headers=headers, status=status, preload_content=False)
        response: requests.Response = self.build_response(request, raw)
        return response

    def _answered(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        method = str(request.method)
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        try:
            event = event_of(self.app, method, str(request.url), headers, body or None)
        except LookupError:
            rendered = refusal(Problem("not_found"), "from-the-gateway")
            return rendered.status, rendered.headers | {"X-Request-Id": "from-the-gateway"}, rendered.body
        with running(API):
            answer = self.app(event, None)
        resource = event["requestContext"]["resourcePath"]
        if answer["statusCode"] != 405:
            must_be_documented(self.app, method, resource, answer)
        return answer["statusCode"], answer["headers"], answer["body"]


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def session_to(app: Chalice) -> requests.Session:
    """A session whose every request goes to the app."""
    session = requests.Session()
    session.mount(BASE_URL, InProcess(app))
    session.trust_env = False
    session.headers.clear()
    return session
