"""Ids that name nothing, or a resource of another user: not found, and nothing changes."""

import pytest

from app import app
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows


@pytest.mark.parametrize(
    "name", ["nobodys", "%00", "%F0%9F%92%B8", "..%2F..", "x" * 500, "%E0%A4%95", "'; DROP", "%"]
)
def test_unknown_and_odd_ids_are_not_found(name: str, network: Network, tokens: dict[str, str]) -> None:
    before = all_rows()
    for method, path in (
        ("GET", f"/api/app/stations/{name}"),
        ("GET", f"/api/payment/status/{name}"),
        ("POST", f"/api/payment/cancel/{name}"),
        ("GET", f"/api/payment/checkout/{name}"),
        ("GET", f"/api/rentals/{name}"),
        ("GET", f"/api/rentals/{name}/timeline"),
        ("POST", f"/api/rentals/{name}/pay-due"),
        ("POST", f"/api/stations/{name}/favorite"),
        ("DELETE", f"/api/stations/{name}/favorite"),
        ("GET", f"/api/stations/{name}/issues"),
        ("POST", f"/api/user/notification/{name}"),
        ("DELETE", f"/api/user/notification/{name}"),
    ):
        reply = request(app, method, path, {} if method == "POST" else None, token=tokens["customer"])
        assert (reply.status, reply.code) == (404, "not_found"), (path, reply.text)
    for path, params, user_id in (
        (f"/api/rentals/{name}/location", {"latitude": 27.7, "longitude": 85.3}, "customer"),
        (f"/api/rentals/{name}/cancel", {}, "customer"),
        (f"/api/rentals/{name}/extend", {"package_id": "1-hour"}, "customer"),
        (f"/api/rentals/{name}/report-issue", {"issue_type": "not_working", "description": "dead"}, "customer"),
        (f"/api/stations/{name}/report-issue", {"issue_type": "dirty", "description": "sticky"}, "customer"),
        (f"/api/payment/refund/{name}", {"reason": "by mistake"}, "customer"),
        (f"/api/admin/refunds/{name}/approve", {}, "admin"),
        (f"/api/admin/refunds/{name}/reject", {"reason": "spent"}, "admin"),
    ):
        reply = request(app, "POST", path, params, token=tokens[user_id])
        assert (reply.status, reply.code) == (404, "not_found"), (path, reply.text)
    assert all_rows() == before


def test_a_resource_of_another_user_is_not_found(network: Network, tokens: dict[str, str]) -> None:
    owner = network.customer()
    rental = network.rented(owner)
    before = all_rows()
    for method, path in (
        ("GET", f"/api/rentals/{rental.rental_id}"),
        ("GET", f"/api/rentals/{rental.rental_id}/timeline"),
        ("POST", f"/api/rentals/{rental.rental_id}/pay-due"),
    ):
        reply = request(app, method, path, {} if method == "POST" else None, token=tokens["customer"])
        assert reply.status == 404
    report = {"issue_type": "not_working", "description": "no light"}
    path = f"/api/rentals/{rental.rental_id}/report-issue"
    assert request(app, "POST", path, report, token=tokens["customer"]).status == 404
    question = {"scenario": "post_payment", "rental_id": rental.rental_id}
    assert request(app, "POST", "/api/payment/calculate-options", question, token=tokens["customer"]).status == 404
    assert all_rows() == before
