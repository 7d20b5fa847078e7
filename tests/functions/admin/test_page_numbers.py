"""Lists of operators are read by page numbers."""

from typing import Any

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.operators.role import Role
from chalicelib.domain.rewards.coupon import Coupon
from chalicelib.edge.context import RouteSpec
from chalicelib.edge.responses import CsvFile
from chalicelib.tables import coupons
from chalicelib.tables.atomic import atomic
from infra.openapi.document import routes_of
from tests.scenarios.reconciliation_scenario import ReconciliationScenario
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_for


def get(operator: str, url: str = "") -> Any:
    reply = request(app, "GET", f"/api/admin/reconciliation{url}", token=operator)
    assert reply.status == 200, reply.text
    return reply.data


def test_a_day_is_read_by_page_numbers(gateway_day: ReconciliationScenario, operator: str) -> None:
    day = f"/{gateway_day.day}"
    whole = get(operator, f"{day}?limit=100")["results"]
    pages = [get(operator, f"{day}?page={number}&page_size=2") for number in (1, 2, 3, 4)]
    assert [item for page in pages for item in page["results"]] == whole
    assert [page["pagination"]["current_page"] for page in pages] == [1, 2, 3, 4]
    assert pages[1]["pagination"] == {
        "current_page": 2,
        "total_pages": 3,
        "total_count": 5,
        "page_size": 2,
        "has_next": True,
        "has_previous": True,
        "next_page": 3,
        "previous_page": 1,
    }
    matched = get(operator, f"{day}?outcome=matched&page_size=1")
    assert (len(matched["results"]), matched["pagination"]["total_count"]) == (1, 2)


def test_the_cursor_of_a_numbered_page_leads_to_the_next(gateway_day: ReconciliationScenario, operator: str) -> None:
    day = f"/{gateway_day.day}"
    second = get(operator, f"{day}?page=2&page_size=2")
    third = get(operator, f"{day}?limit=2&cursor={second['next_cursor']}")
    assert third["results"] == get(operator, f"{day}?page=3&page_size=2")["results"]
    assert third["pagination"] is None


def takes_page(route: RouteSpec) -> bool:
    return route.query is not None and {"page", "page_size"} <= route.query.model_fields.keys()


def test_a_short_list_is_read_whole_or_by_page_numbers(network: Network) -> None:
    admin = token_for(network.world, network.operator("all@example.com", Role.SUPER_ADMIN))
    path = "/api/admin/payment-methods"
    whole = request(app, "GET", path, token=admin).data
    pages = [request(app, "GET", f"{path}?page={number}&page_size=2", token=admin).data for number in (1, 2, 3)]
    assert [item for page in pages for item in page["results"]] == whole["results"]
    assert (len(pages[0]["results"]), pages[2]["results"]) == (2, [])
    assert [page["pagination"]["total_count"] for page in (whole, *pages)] == [len(whole["results"])] * 4
    everyone = request(app, "GET", "/api/admin/profiles", token=admin).data
    assert request(app, "GET", "/api/admin/profiles?page=2&page_size=1", token=admin).data == everyone[1:2]


def test_reports_are_listed_by_page_numbers(gateway_day: ReconciliationScenario, operator: str) -> None:
    whole = get(operator)
    assert whole["pagination"]["total_count"] == len(whole["results"]) > 2
    first, second = (get(operator, f"?page={number}&page_size=2") for number in (1, 2))
    assert first["results"] + second["results"] == whole["results"][:4]
    assert (first["pagination"]["has_previous"], second["pagination"]["previous_page"]) == (False, 1)


def test_every_list_under_admin_takes_page_numbers(gateway_day: ReconciliationScenario) -> None:
    network = gateway_day.network
    network.report_status(LABIM, DeviceEventKind.ONLINE)
    rental = network.rented(network.customer())
    now = network.world.now()
    atomic(network.world, lambda ops: coupons.save(ops, Coupon("TIHAR", "Tihar", 5, 1, now, now)))
    admin = token_for(gateway_day.world, gateway_day.network.operator("all@example.com", Role.SUPER_ADMIN))
    lists = [
        route
        for route in routes_of(app)
        if route.method == "GET"
        and route.path.startswith("/api/admin/")
        and route.response != CsvFile
        and ({"results", "root"} & route.response.model_fields.keys() or takes_page(route))
    ]
    assert [route.name for route in lists if not takes_page(route)] == []
    for route in lists:
        path = route.path.replace("{day}", gateway_day.day.isoformat()).replace("{rental_id}", rental.rental_id)
        path = path.replace("{code}", "TIHAR").replace("{queue}", "bijuli-push")
        reply = request(app, "GET", f"{path}?page=1&page_size=1", token=admin)
        assert reply.status == 200, (route.name, reply.text)
        if isinstance(reply.data, list):
            # The dashboard reads some lists bare.
            continue
        pagination = reply.data["pagination"]
        assert (pagination["current_page"], pagination["page_size"]) == (1, 1), route.name
