"""Invalid query parameters: each request is a 422 with its code."""

import pytest

from app import app
from infra.openapi.document import routes_of
from tests.functions.request_samples import route_of, token_for_route
from tests.world.http_client import request
from tests.world.network import Network

QUERIES = [
    "limit=0",
    "limit=101",
    "limit=x",
    "limit=१०१",
    "limit=1_0",
    "limit=5.0",
    "limit=%2B5",
    "has_powerbank=1",
    "has_powerbank=yes",
    "has_free_slot=TRUE",
    "open_now=on",
    "is_read=0",
    "overdue=1",
    "overdue=TRUE",
    "page=1_0",
    "part=0x1",
    "limit=10&limit=20",
    "cursor=.",
    "cursor=abc",
    "cursor=abc.def",
    f"cursor={'x' * 2000}",
    "unknown=1",
    "status=nonsense",
    "category=nonsense",
    "period=hourly",
    "me=yes",
]


@pytest.mark.parametrize("route", [route.name for route in routes_of(app) if route.query is not None])
def test_invalid_query_parameters_are_refused(route: str, network: Network, tokens: dict[str, str]) -> None:
    method, path = route.replace("{day}", "2026-11-23").split(" ")
    for query_string in QUERIES:
        name = query_string.partition("=")[0]
        if name != "unknown" and name not in route_of(route).query.model_fields:
            continue
        reply = request(app, method, f"{path}?{query_string}", token=token_for_route(route, tokens))
        assert reply.status == 422, (query_string, reply.text)
        assert reply.code in ("invalid_input", "invalid_cursor")


@pytest.mark.parametrize(
    "query_string",
    [
        "lat=nan&lng=85",
        "lat=inf&lng=85",
        "lat=91&lng=85",
        "lat=27",
        "lat=27&lng=181",
        "lat=27&lng=85&radius=51",
        "lat=2_7&lng=85",
        "lat=27&lng=85&radius=Infinity",
        "lat=27&lng=85&radius=-1",
        "lat=२७&lng=x",
    ],
)
def test_invalid_coordinates_are_refused(query_string: str, network: Network) -> None:
    assert request(app, "GET", f"/api/app/stations/nearby?{query_string}").code == "invalid_input"
