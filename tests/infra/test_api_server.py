"""The sandbox gives our functions the same events as API Gateway."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from chalice.app import Chalice, Response

from infra.local.aws.api_server import api_server
from infra.local.serving import Serving
from tests.infra.engines import run_concurrently


def echo() -> Chalice:
    """An app that returns its event."""
    app = Chalice(app_name="echo")
    app.api.binary_types.append("multipart/form-data")

    def return_event(**parts: str) -> Response:
        request = app.current_request
        event = request.to_original_event() if request else {}
        return Response(json.dumps({"event": event, "parts": parts}), headers={"X-Told": "yes", "X-Two": ["1", "2"]})

    for path in ("/things", "/things/{name}", "/{kind}/{name}/parts"):
        app.route(path, methods=["GET", "POST"], content_types=[], name=path)(return_event)
    return app


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    serving = api_server(echo(), 0).start()
    yield serving
    serving.stop()


def event(answer: requests.Response) -> dict[str, Any]:
    content: dict[str, Any] = answer.json()["event"]
    return content


def test_an_event_has_the_fields_that_chalices_events_lack(server: Serving) -> None:
    content = event(requests.get(f"{server.url}/things?a=1&a=2&b=", timeout=60))
    assert (content["path"], content["resource"], content["httpMethod"]) == ("/things", "/things", "GET")
    assert content["queryStringParameters"] == {"a": "2", "b": ""}
    assert content["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [""]}
    assert content["requestContext"]["requestId"]
    assert content["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert event(requests.get(f"{server.url}/things", timeout=60))["queryStringParameters"] is None


def test_a_client_can_not_set_its_source_address(server: Serving) -> None:
    content = event(requests.get(f"{server.url}/things", headers={"X-Source-Ip": "10.1.1.1"}, timeout=60))
    assert content["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert "x-source-ip" not in content["headers"]


def test_path_parameters_stay_escaped_and_are_those_of_this_path(server: Serving) -> None:
    answer = requests.get(f"{server.url}/things/a%20b", timeout=60)
    assert answer.json()["parts"] == {"name": "a%20b"}
    assert event(answer)["pathParameters"] == {"name": "a%20b"}


def test_text_bodies_are_text_and_binary_bodies_are_base64(server: Serving) -> None:
    text = event(requests.post(f"{server.url}/things", json={"name": "é"}, timeout=60))
    assert (json.loads(text["body"]), text["isBase64Encoded"]) == ({"name": "é"}, False)
    files = {"file": ("a.bin", b"\x00\xff", "application/octet-stream")}
    binary = event(requests.post(f"{server.url}/things", files=files, timeout=60))
    assert binary["isBase64Encoded"]
    assert b"\x00\xff" in base64.b64decode(binary["body"])


def test_a_response_header_may_repeat(server: Serving) -> None:
    answer = requests.get(f"{server.url}/things", timeout=60)
    assert answer.raw.headers.getlist("X-Two") == ["1", "2"]
    assert answer.headers["X-Told"] == "yes"


def test_an_unknown_path_gets_our_envelope(server: Serving) -> None:
    answer = requests.get(f"{server.url}/nothing", timeout=60)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["error"]["code"] == "not_found"
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


def test_more_than_ten_megabytes_never_reach_the_app(server: Serving) -> None:
    answer = requests.post(f"{server.url}/things", data=b"x" * (10 * 1024 * 1024 + 1), timeout=60)
    assert answer.json()["error"]["code"] == "too_large"


def test_concurrent_requests_do_not_mix(server: Serving) -> None:
    def ask(number: int) -> str:
        path = f"{server.url}/things/{number}"
        text: str = requests.get(path, timeout=60).json()["parts"]["name"]
        return text

    assert run_concurrently(16, ask) == [str(number) for number in range(16)]
