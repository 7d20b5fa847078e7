"""Operators change rental packages and payment methods; what was rented or paid before stays."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.operators.role import Role
from chalicelib.tables import settings
from chalicelib.tables.audit_log import AuditLogRow
from tests.world.builders import CIVIL
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_for, token_of

PATH = "/api/admin/packages"
METHODS = "/api/admin/payment-methods"
TWO_HOURS = {"name": "2 Hours", "duration_minutes": 120, "price": "35.00", "payment_model": "PREPAID"}


@pytest.fixture
def token(network: Network) -> str:
    return token_for(network.world, network.operator("boss@example.com", Role.SUPER_ADMIN))


def offered(query: str = "packages") -> dict[str, Any]:
    return {item["id"]: item for item in request(app, "GET", f"/api/payment/{query}").data["results"]}


def change(token: str, package_id: str, **body: Any) -> Reply:
    return request(app, "PATCH", f"{PATH}/{package_id}", body, token=token)


def test_a_new_package_is_offered(network: Network, token: str) -> None:
    reply = request(app, "POST", PATH, TWO_HOURS, token=token)
    made = reply.data
    assert (reply.status, made["package_type"], made["duration_display"]) == (201, "HOURLY", "2 h")
    assert (offered()[made["id"]]["price"], made["is_active"]) == ("35.00", True)
    assert request(app, "POST", PATH, TWO_HOURS, token=token).code == "name_taken"
    page = request(app, "GET", f"{PATH}?page_size=2", token=token).data
    assert (len(page["rental_packages"]), page["pagination"]["total_count"]) == (2, 5)


def test_a_new_price_changes_no_rental_that_runs(network: Network, token: str) -> None:
    rental = network.rented(network.customer())
    changed = change(token, "1-hour", price="99").data
    assert (changed["price"], offered()["1-hour"]["price"]) == ("99.00", "99.00")
    assert network.rental(rental).package.price_paisa == rental.package.price_paisa == 2_000
    assert network.start(network.customer(), CIVIL).package.price_paisa == 9_900
    (entry,) = [row for row in AuditLogRow.scan() if row.action == "package_changed"]
    assert (entry.target, entry.changes["before"]["price_paisa"], entry.changes["after"]["price_paisa"]) == (
        "1-hour",
        2_000,
        9_900,
    )


def test_a_hidden_package_cannot_be_rented(network: Network, token: str) -> None:
    user_id = network.customer()
    change(token, "1-hour", is_active=False)
    assert "1-hour" not in offered()
    order = {"station_sn": "40000444", "package_id": "1-hour"}
    reply = request(app, "POST", "/api/rentals/start", order, token=token_of(network, user_id))
    assert reply.code == "package_unavailable"
    assert change(token, "nothing", is_active=True).code == "not_found"


def test_a_method_that_is_closed_is_not_offered(network: Network, token: str) -> None:
    user_id = network.customer()
    closed = request(app, "PATCH", f"{METHODS}/khalti", {"is_active": False, "min_amount": "25"}, token=token).data
    assert (closed["is_active"], closed["min_amount"]) == (False, "25.00")
    listed = {item["id"]: item for item in request(app, "GET", METHODS, token=token).data["results"]}
    assert listed["khalti"] == closed
    network.fake_world.settings = Settings().changed(settings.overrides())
    assert "khalti" not in offered("methods")
    order = {"amount": "100", "payment_method": "khalti"}
    reply = request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token_of(network, user_id))
    assert (reply.status, list(reply.body["errors"])) == (422, ["payment_method"])
    (entry,) = [row for row in AuditLogRow.scan() if row.action == "payment_method_changed"]
    assert entry.changes["after"] == {"khalti_offered": 0, "khalti_min_paisa": 2_500}


def test_limits_of_a_method_keep_their_order(network: Network, token: str) -> None:
    wrong = request(app, "PATCH", f"{METHODS}/khalti", {"min_amount": "500", "max_amount": "100"}, token=token)
    assert list(wrong.body["errors"]) == ["min_amount"]
    assert request(app, "PATCH", f"{METHODS}/nobody", {"is_active": False}, token=token).code == "not_found"
