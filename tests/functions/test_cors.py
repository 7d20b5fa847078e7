"""CORS: only configured origins may call and read."""

from typing import Any

import pytest
from chalice.config import Config
from chalice.deploy.swagger import CFNSwaggerGenerator

from app import app
from chalicelib.domain.problems import PROBLEM_KINDS
from infra.local.api_server import Gateway
from infra.openapi.document import routes_of
from tests.http_client import request
from tests.network import Network
from tests.tokens import token_of

OURS, ANOTHERS = "https://ops.example.com", "https://evil.example.com"
PATHS = sorted({route.path for route in routes_of(app)})


def preflight(path: str, origin: str) -> Any:
    url = path.replace("{", "").replace("}", "")
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return request(app, "OPTIONS", url, headers=headers)


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_of_a_configured_origin_lists_the_methods(path: str, network: Network) -> None:
    answer = preflight(path, OURS)
    methods = {route.method for route in routes_of(app) if route.path == path}
    assert (answer.status, answer.text) == (204, "")
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert set(answer.headers["Access-Control-Allow-Methods"].split(", ")) == methods
    allowed = set(answer.headers["Access-Control-Allow-Headers"].lower().split(", "))
    assert {"authorization", "content-type", "idempotency-key"} <= allowed
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize("origin", [ANOTHERS, "", "null", f"{OURS}.evil.example.com", OURS.upper()])
def test_a_preflight_of_another_origin_allows_nothing(origin: str, network: Network) -> None:
    answer = preflight("/api/rentals/start", origin)
    assert answer.status == 204
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_cors_never_allows_all_origins_or_cookies(network: Network) -> None:
    answer = preflight("/api/rentals/start", OURS)
    assert answer.headers["Access-Control-Allow-Origin"] != "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("headers", [{}, {"Origin": OURS}, {"Origin": ANOTHERS}])
def test_a_cached_response_is_not_given_to_another_origin(headers: dict[str, str], network: Network) -> None:
    reply = request(app, "GET", "/api/payment/packages", headers=headers)
    assert reply.headers["Vary"] == "Accept-Language, Origin"


def test_a_configured_origin_can_read_problems(network: Network) -> None:
    reply = request(app, "GET", "/api/auth/me", headers={"Origin": OURS})
    assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (401, OURS)
    exposed = reply.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"X-Request-Id", "Retry-After", "ETag", "Idempotent-Replayed", "Content-Disposition"} == set(exposed)


def test_a_wrong_method_is_refused_with_all_common_headers(network: Network) -> None:
    gateway = Gateway(app, Config(chalice_stage="local"))
    headers = {"origin": OURS, "x-source-ip": "192.0.2.7", "accept-language": "ne", "x-request-id": "mine-1234"}
    answer = gateway.handle_request("DELETE", "/api/auth/me", headers, b"")
    assert answer["statusCode"] == 405
    assert answer["headers"]["X-Request-Id"] == "mine-1234"
    assert answer["headers"]["Access-Control-Allow-Origin"] == OURS
    assert answer["headers"]["Allow"] == "GET, OPTIONS"
    assert PROBLEM_KINDS["method_not_allowed"].ne in answer["body"]


def test_preflights_reach_the_app_locally_and_behind_api_gateway(network: Network) -> None:
    gateway = Gateway(app, Config(chalice_stage="local"))
    content = gateway.handle_request("OPTIONS", "/api/auth/me", {"origin": OURS, "x-source-ip": "192.0.2.7"}, b"")
    assert (content["statusCode"], content["headers"]["Access-Control-Allow-Origin"]) == (204, OURS)
    swagger = CFNSwaggerGenerator().generate_swagger(app)
    for path in PATHS:
        assert swagger["paths"][path]["options"]["x-amazon-apigateway-integration"]["type"] == "aws_proxy"


def test_a_replayed_response_has_its_header(network: Network) -> None:
    token = token_of(network, network.customer())
    order = {"amount": "100", "payment_method": "khalti"}
    headers = {"Idempotency-Key": "one"}
    first = request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token, headers=headers)
    second = request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token, headers=headers)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert (second.status, second.text) == (first.status, first.text)
    other = request(
        app, "POST", "/api/payment/wallet/topup-intent", order | {"amount": "200"}, token=token, headers=headers
    )
    assert (other.status, other.code) == (422, "idempotency_key_reused")
