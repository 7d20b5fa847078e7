"""CORS: only configured origins may call and read."""

from typing import Any

import pytest
from chalice.config import Config
from chalice.deploy.swagger import CFNSwaggerGenerator

from app import app
from chalicelib.domain.problems.problems import PROBLEM_KINDS
from infra.local.aws.api_server import Gateway
from infra.openapi.document import routes_of
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of

OUR_ORIGIN, OTHER_ORIGIN = "https://ops.example.com", "https://evil.example.com"
PATHS = sorted({route.path for route in routes_of(app)})


def preflight(path: str, origin: str) -> Any:
    url = path.replace("{", "").replace("}", "")
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return request(app, "OPTIONS", url, headers=headers)


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_of_a_configured_origin_lists_the_methods(path: str, network: Network) -> None:
    reply = preflight(path, OUR_ORIGIN)
    methods = {route.method for route in routes_of(app) if route.path == path}
    assert (reply.status, reply.text) == (204, "")
    assert reply.headers["Access-Control-Allow-Origin"] == OUR_ORIGIN
    assert set(reply.headers["Access-Control-Allow-Methods"].split(", ")) == methods
    allowed = set(reply.headers["Access-Control-Allow-Headers"].lower().split(", "))
    assert {"authorization", "content-type", "idempotency-key"} <= allowed
    assert reply.headers["X-Request-Id"]


@pytest.mark.parametrize("origin", [OTHER_ORIGIN, "", "null", f"{OUR_ORIGIN}.evil.example.com", OUR_ORIGIN.upper()])
def test_a_preflight_of_another_origin_allows_nothing(origin: str, network: Network) -> None:
    reply = preflight("/api/rentals/start", origin)
    assert reply.status == 204
    assert not [name for name in reply.headers if name.startswith("Access-Control")]


def test_cors_never_allows_all_origins_or_cookies(network: Network) -> None:
    reply = preflight("/api/rentals/start", OUR_ORIGIN)
    assert reply.headers["Access-Control-Allow-Origin"] != "*"
    assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.parametrize("headers", [{}, {"Origin": OUR_ORIGIN}, {"Origin": OTHER_ORIGIN}])
def test_a_cached_response_is_not_given_to_another_origin(headers: dict[str, str], network: Network) -> None:
    reply = request(app, "GET", "/api/payment/packages", headers=headers)
    assert reply.headers["Vary"] == "Accept-Language, Origin"


def test_only_a_response_that_depends_on_the_caller_varies_by_token(network: Network) -> None:
    token = token_of(network, network.customer())
    for path, names in (
        ("/api/payment/packages", "Accept-Language, Origin"),
        ("/api/app/stations", "Accept-Language, Authorization, Origin"),
    ):
        fresh = request(app, "GET", path, token=token)
        unchanged = request(app, "GET", path, token=token, headers={"If-None-Match": fresh.headers["ETag"]})
        assert (fresh.status, unchanged.status) == (200, 304)
        assert {request(app, "GET", path).headers["Vary"], fresh.headers["Vary"], unchanged.headers["Vary"]} == {
            names
        }


def test_a_configured_origin_can_read_problems(network: Network) -> None:
    reply = request(app, "GET", "/api/auth/me", headers={"Origin": OUR_ORIGIN})
    assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (401, OUR_ORIGIN)
    exposed = reply.headers["Access-Control-Expose-Headers"].split(", ")
    assert {
        "X-Request-Id",
        "Retry-After",
        "ETag",
        "Idempotent-Replayed",
        "Content-Disposition",
        "X-Next-Cursor",
    } == set(exposed)


def test_a_wrong_method_is_refused_with_all_common_headers(network: Network) -> None:
    gateway = Gateway(app, Config(chalice_stage="local"))
    headers = {"origin": OUR_ORIGIN, "x-source-ip": "192.0.2.7", "accept-language": "ne", "x-request-id": "mine-1234"}
    reply = gateway.handle_request("DELETE", "/api/auth/me", headers, b"")
    assert reply["statusCode"] == 405
    assert reply["headers"]["X-Request-Id"] == "mine-1234"
    assert reply["headers"]["Access-Control-Allow-Origin"] == OUR_ORIGIN
    assert reply["headers"]["Allow"] == "GET, OPTIONS, HEAD"
    assert PROBLEM_KINDS["method_not_allowed"].ne in reply["body"]


def test_preflights_reach_the_app_locally_and_behind_api_gateway(network: Network) -> None:
    gateway = Gateway(app, Config(chalice_stage="local"))
    local_reply = gateway.handle_request(
        "OPTIONS", "/api/auth/me", {"origin": OUR_ORIGIN, "x-source-ip": "192.0.2.7"}, b""
    )
    assert (local_reply["statusCode"], local_reply["headers"]["Access-Control-Allow-Origin"]) == (204, OUR_ORIGIN)
    swagger = CFNSwaggerGenerator().generate_swagger(app)
    for path in PATHS:
        assert swagger["paths"][path]["options"]["x-amazon-apigateway-integration"]["type"] == "aws_proxy"


def test_a_replayed_response_has_its_header(network: Network) -> None:
    token = token_of(network, network.customer())
    topup_body = {"amount": "100", "payment_method": "khalti"}
    headers = {"Idempotency-Key": "one"}
    first = request(app, "POST", "/api/payment/wallet/topup-intent", topup_body, token=token, headers=headers)
    second = request(app, "POST", "/api/payment/wallet/topup-intent", topup_body, token=token, headers=headers)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert (second.status, second.text) == (first.status, first.text)
    changed_body_reply = request(
        app, "POST", "/api/payment/wallet/topup-intent", topup_body | {"amount": "200"}, token=token, headers=headers
    )
    assert (changed_body_reply.status, changed_body_reply.code) == (422, "idempotency_key_reused")
