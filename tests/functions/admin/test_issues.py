"""Customers' issues for operators: listed, worked on, and resolved once with a notification to the reporter."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.tables import powerbanks
from chalicelib.tables.dynamodb import fetch_one
from tests.functions.test_budgets import calls
from tests.scenarios.swap_scenario import report
from tests.world.builders import LABIM
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

STATIONS, RENTALS = "/api/admin/stations/issues", "/api/admin/rentals/issues"
DIRTY = {"issue_type": "dirty", "description": "somebody spilled tea"}


@pytest.fixture
def token(network: Network) -> str:
    return token_of(network, network.operator("admin2@example.com", Role.SUPPORT).user_id)


def report_dirt(network: Network, user_id: str) -> str:
    url = f"/api/stations/{LABIM.sn}/report-issue"
    return str(request(app, "POST", url, DIRTY, token=token_of(network, user_id)).data["id"])


def patch(token: str, url: str, issue_id: str, **fields: Any) -> Reply:
    return request(app, "PATCH", f"{url}/{issue_id}", fields, token=token)


def inbox_of(network: Network, user_id: str) -> list[str]:
    url = "/api/user/notifications?type=issue_status"
    return [each["message"] for each in request(app, "GET", url, token=token_of(network, user_id)).data["results"]]


def test_a_station_issue_is_resolved_once_and_notifies_its_reporter(network: Network, token: str) -> None:
    user_id = network.customer()
    issue_id = report_dirt(network, user_id)
    (listed,) = request(app, "GET", STATIONS, token=token).data
    assert (listed["id"], listed["status"], listed["priority"]) == (issue_id, "REPORTED", "MEDIUM")
    assert (listed["station_serial"], listed["issue_type"]) == (LABIM.sn, "DIRTY")
    assert listed["reporter_name"]
    changed = patch(token, STATIONS, issue_id, status="in_progress", priority="HIGH").data
    assert (changed["status"], changed["priority"], changed["resolved_at"]) == ("IN_PROGRESS", "HIGH", None)
    assert inbox_of(network, user_id) == []
    assert patch(token, STATIONS, issue_id, status="RESOLVED").data["resolved_at"]
    assert patch(token, STATIONS, issue_id, status="resolved").status == 200
    assert inbox_of(network, user_id) == [f"The problem you reported at {LABIM.name} is fixed. Thank you."]
    assert patch(token, STATIONS, issue_id, status="acknowledged").code == "issue_closed"
    entries = next(rows for name, rows in all_rows().items() if name.endswith("-audit_log"))
    assert sum("station_issue_changed" in entry for entry in entries) == 2
    assert request(app, "GET", f"{STATIONS}?status=REPORTED", token=token).data == []


def test_a_resolved_report_about_a_rental_leaves_its_power_bank_set_aside(network: Network, token: str) -> None:
    rental = network.rented(network.customer())
    report(network, rental)
    (listed,) = request(app, "GET", RENTALS, token=token).data
    assert (listed["rental_code"], listed["power_bank_serial"]) == (rental.code, rental.powerbank_sn)
    assert request(app, "GET", f"{RENTALS}/{listed['id']}", token=token).data == listed
    assert patch(token, RENTALS, listed["id"], status="resolved").data["status"] == "RESOLVED"
    assert inbox_of(network, rental.user_id) == [
        f"We have dealt with your report about rental {rental.code}. Thank you."
    ]
    bank = fetch_one(powerbanks.powerbank_key(rental.powerbank_sn))
    assert bank is not None
    assert bank.faults_count == 1


def test_the_reports_of_a_deleted_account_are_gone(network: Network, token: str) -> None:
    user_id = network.customer(wallet_paisa=0)
    issue_id, customer = report_dirt(network, user_id), token_of(network, user_id)
    assert request(app, "DELETE", "/api/auth/account", {"forfeit_balance": True}, token=customer).status == 200
    assert patch(token, STATIONS, issue_id, status="resolved").status == 404
    assert request(app, "GET", STATIONS, token=token).data == []


def test_a_page_of_reports_is_bounded_and_takes_few_calls(network: Network, token: str) -> None:
    ids = [report_dirt(network, network.customer()) for _ in range(3)]
    second = request(app, "GET", f"{STATIONS}?page=2&page_size=2", token=token).data
    assert [issue["id"] for issue in second] == [min(ids)]
    assert request(app, "GET", f"{STATIONS}?page=1000&page_size=100", token=token).data == []
    listing = calls(network, "GET", STATIONS, token=token)
    assert listing.calls == ["BatchGetItem", *["Query"] * 4, "BatchGetItem", "BatchGetItem"]
    changed = calls(network, "PATCH", f"{STATIONS}/{ids[0]}", {"status": "resolved"}, token=token)
    assert changed.round_trips <= 12
    assert patch(token, STATIONS, "nobodys", status="resolved").status == 404
