"""HEAD answers where GET does: with the same status and headers, and without a body."""

import re

import pytest
from chalice.config import Config
from chalice.deploy.swagger import CFNSwaggerGenerator

from app import app
from infra.local.aws.api_server import Gateway
from infra.openapi.document import routes_of
from tests.functions.callbacks import APP, KHALTI, TopUp
from tests.functions.request_samples import token_for_route
from tests.world.http_client import Reply, request
from tests.world.network import Network

GETS = [route.name for route in routes_of(app) if route.method == "GET"]
QUERY = {"GET /api/app/version": "?platform=ios", "GET /api/app/stations/nearby": "?lat=27.7&lng=85.3"}


def pair(url: str, token: str | None = None, **headers: str) -> tuple[Reply, Reply]:
    sent = {"X-Request-Id": "the-same-id", "Origin": "https://ops.bijuli.example", **headers}
    get, head = (request(app, method, url, token=token, headers=sent) for method in ("GET", "HEAD"))
    return get, head


@pytest.mark.parametrize("route", GETS)
@pytest.mark.parametrize("signed_in", [True, False])
def test_head_answers_as_get_without_a_body(
    route: str, signed_in: bool, network: Network, tokens: dict[str, str]
) -> None:
    path = re.sub(r"\{[a-z_]+\}", "nobodys", route.removeprefix("GET ")) + QUERY.get(route, "")
    get, head = pair(path, token_for_route(route, tokens) if signed_in else None)
    assert (head.status, head.headers, head.text) == (get.status, get.headers, "")


def test_head_of_an_unchanged_resource_is_304(network: Network) -> None:
    get, _ = pair("/api/payment/packages")
    again, head = pair("/api/payment/packages", **{"If-None-Match": get.headers["ETag"]})
    assert (head.status, head.headers) == (304, again.headers)


def test_head_of_a_browser_return_leads_where_get_does(top_up: TopUp) -> None:
    get, head = pair(f"{KHALTI}?pidx={top_up.pidx}")
    assert (head.status, head.headers["Location"]) == (303, f"{APP}?intent_id={top_up.khalti}")
    assert (head.headers, head.text) == (get.headers, "")


def test_head_exists_behind_api_gateway_and_in_the_sandbox(network: Network) -> None:
    paths = CFNSwaggerGenerator().generate_swagger(app)["paths"]
    assert {path for path, methods in paths.items() if "head" in methods} == {
        path for path, methods in paths.items() if "get" in methods
    }
    assert paths["/api/app/health"]["head"]["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
    gateway = Gateway(app, Config(chalice_stage="local"))
    reply = gateway.handle_request("HEAD", "/api/app/health", {"x-source-ip": "192.0.2.7"}, b"")
    assert (reply["statusCode"], reply["body"]) == (200, "")


def test_head_has_no_body_where_get_fails(network: Network) -> None:
    gateway = Gateway(app, Config(chalice_stage="local"))
    reply = gateway.handle_request("HEAD", "/api/rentals/start", {"x-source-ip": "192.0.2.7"}, b"")
    assert (reply["statusCode"], reply["body"]) == (405, "")
