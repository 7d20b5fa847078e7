"""Power banks for operators: unknown ones are registered, and any one is set aside and taken back."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.audit import whole_audit
from chalicelib.services.rentals import starting
from chalicelib.services.rentals.starting import RentalOrder
from tests.functions.test_budgets import calls
from tests.scenarios.swap_scenario import reported
from tests.world.builders import LABIM
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, REFUSED, Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

URL, UNKNOWN, FULLEST = "/api/admin/powerbanks", "40777777", "40818052"


@pytest.fixture
def token(network: Network) -> str:
    return token_of(network, network.operator("admin2@example.com", Role.ADMIN).user_id)


def seen(network: Network, percent_slot: int = 8) -> None:
    """A station lists an unknown power bank."""
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM, plus=(percent_slot, UNKNOWN))


def rows_of(table: str) -> list[str]:
    """All rows of a table as text."""
    return next(rows for name, rows in all_rows().items() if name.endswith(f"-{table}"))


def register(token: str, sn: str = UNKNOWN, **more: Any) -> Reply:
    return request(app, "POST", URL, {"serial_number": sn, **more}, token=token)


def set_status(token: str, status: str, sn: str = FULLEST) -> Reply:
    return request(app, "PATCH", f"{URL}/{sn}", {"status": status}, token=token)


def test_an_unknown_power_bank_can_be_rented_after_its_registration(network: Network, token: str) -> None:
    seen(network)
    with pytest.raises(Problem, match="no_powerbank_available"):
        start_with(network, UNKNOWN)
    reply = register(token, model="B2", capacity_mah=10_000)
    assert (reply.status, reply.data["status"], reply.data["current_slot"]) == (201, "AVAILABLE", 8)
    assert (reply.data["model"], reply.data["capacity_mah"]) == ("B2", 10_000)
    assert start_with(network, UNKNOWN).powerbank_sn == UNKNOWN
    assert network.books_balance()


def start_with(network: Network, powerbank_sn: str) -> Any:
    """A rental of this power bank."""
    order = RentalOrder(LABIM.sn, "1-hour", powerbank_sn)
    caller = network.sessions[network.customer()].caller(network.world, *order.prefetch_keys())
    return starting.start(network.world, caller, order)


def test_a_power_bank_is_registered_once(network: Network, token: str) -> None:
    seen(network)
    assert register(token).status == 201
    before = rows_of("powerbanks")
    again = register(token)
    assert (again.status, again.code) == (409, "powerbank_registered")
    assert rows_of("powerbanks") == before


def test_a_power_bank_that_is_registered_first_is_available_when_a_station_lists_it(
    network: Network, token: str
) -> None:
    assert register(token).data["status"] == "MISSING"
    network.fake_world.clock.advance(days=30)
    assert "bank_unknown_too_long" not in [found.rule for found in whole_audit.audit(network.world)]
    seen(network)
    assert network.bank(UNKNOWN).custody is Custody.SLOT
    assert network.bank(UNKNOWN).free


def test_a_power_bank_in_maintenance_is_not_rented_out(network: Network, token: str) -> None:
    assert set_status(token, "MAINTENANCE").data["status"] == "MAINTENANCE"
    first = network.start(network.customer())
    assert first.powerbank_sn != FULLEST
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(seconds=30)
    assert set_status(token, "available").data["status"] == "AVAILABLE"
    assert network.start(network.customer()).powerbank_sn == FULLEST


def test_an_operators_look_leaves_the_evidence_of_an_eject_that_failed(network: Network, token: str) -> None:
    rental = network.start(network.customer())
    network.report_eject(LABIM, rental.powerbank_sn, REFUSED)
    assert network.rental(rental).state is RentalState.FAILED
    set_status(token, "available", rental.powerbank_sn)
    network.fake_world.clock.advance(minutes=2)
    network.report_snapshot(LABIM, without=rental.powerbank_sn)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.books_balance()


def test_a_rented_power_bank_is_set_aside_at_its_return(network: Network, token: str) -> None:
    rental = network.rented(network.customer())
    assert set_status(token, "maintenance").data["status"] == "RENTED"
    network.fake_world.clock.advance(minutes=5)
    network.report_return(LABIM, rental.powerbank_sn, rental.station.slot_number)
    reply = request(app, "GET", f"{URL}/{FULLEST}", token=token).data
    assert (reply["status"], reply["rental_count"]) == ("MAINTENANCE", 1)
    assert network.books_balance()


def test_an_operator_clears_reports_of_customers(network: Network, token: str) -> None:
    rental = reported(network)
    network.fake_world.clock.advance(minutes=10)
    network.report_return(LABIM, rental.powerbank_sn, rental.station.slot_number)
    reply = request(app, "GET", f"{URL}/{rental.powerbank_sn}", token=token).data
    assert (reply["status"], reply["fault_reports"]) == ("REPORTED", 1)
    assert set_status(token, "available").data["status"] == "AVAILABLE"
    assert start_with(network, rental.powerbank_sn).powerbank_sn == rental.powerbank_sn


def test_an_unregistered_power_bank_is_not_taken_into_service_by_its_status(network: Network, token: str) -> None:
    seen(network)
    refused = set_status(token, "available", UNKNOWN)
    assert (refused.status, refused.code) == (409, "powerbank_unregistered")
    assert set_status(token, "available", "12345678").status == 404


def test_each_change_is_in_the_audit_log_with_before_and_after(network: Network, token: str) -> None:
    seen(network)
    register(token)
    set_status(token, "maintenance", UNKNOWN)
    set_status(token, "maintenance", UNKNOWN)
    entries = [row for row in rows_of("audit_log") if UNKNOWN in row]
    assert len(entries) == 2
    for action in ("powerbank_registered", "powerbank_service_changed"):
        (entry,) = (row for row in entries if action in row)
        assert "before" in entry
        assert "after" in entry


def test_power_banks_are_listed_by_number_and_by_cursor(network: Network, token: str) -> None:
    seen(network)
    all_of_them = request(app, "GET", f"{URL}?page_size=100", token=token).data
    sns = [item["serial_number"] for item in all_of_them["results"]]
    assert sns == sorted(sns)
    assert all_of_them["pagination"]["total_count"] == len(sns)
    listed: list[str] = []
    path: str | None = f"{URL}?limit=3"
    while path is not None:
        reply = request(app, "GET", path, token=token).data
        listed += [item["serial_number"] for item in reply["results"]]
        path = f"{URL}?limit=3&cursor={reply['next_cursor']}" if reply["next_cursor"] else None
    assert listed == sns
    only = request(app, "GET", f"{URL}?service=UNREGISTERED", token=token).data["results"]
    assert [item["serial_number"] for item in only] == [UNKNOWN]


def test_the_routes_of_power_banks_take_few_calls(network: Network, token: str) -> None:
    seen(network)
    registration = calls(network, "POST", URL, {"serial_number": UNKNOWN}, token=token, want=201)
    assert registration.calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    change = calls(network, "PATCH", f"{URL}/{UNKNOWN}", {"status": "maintenance"}, token=token)
    assert change.calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert calls(network, "GET", f"{URL}/{UNKNOWN}", token=token).calls == ["BatchGetItem", "BatchGetItem"]
    listing = calls(network, "GET", URL, token=token)
    assert listing.calls == ["BatchGetItem", *["Query"] * 3, "BatchGetItem"]


def test_a_power_bank_in_two_places_is_shown_so_until_an_operator_has_looked(network: Network, token: str) -> None:
    network.fake_world.clock.advance(minutes=5)
    for _ in range(2):
        network.fake_world.clock.advance(minutes=2)
        network.report_snapshot(LABIM, plus=(8, FULLEST))
    assert network.bank(FULLEST).other_place is not None
    assert request(app, "GET", f"{URL}/{FULLEST}", token=token).data["status"] == "IN_TWO_PLACES"
    assert set_status(token, "available").data["status"] == "AVAILABLE"
    assert start_with(network, FULLEST).powerbank_sn == FULLEST
    assert network.books_balance()
