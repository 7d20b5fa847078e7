"""Rentals as operators list, read and end them."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operators.role import Role
from chalicelib.tables import powerbanks
from chalicelib.tables.audit_log import AuditLogRow
from chalicelib.tables.dynamodb import fetch_one
from tests.engines.counting import counted
from tests.engines.interleaving import interleave
from tests.world.builders import CIVIL, LABIM, LAKESIDE, account
from tests.world.http_client import Reply, request
from tests.world.network import PAY_AS_YOU_GO, Network
from tests.world.tokens import token_for


class Desk:
    """An operator at the desk of a network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.session = network.operator("desk@example.com", Role.ADMIN)

    def request(self, method: str, path: str, body: Any = None) -> Reply:
        token = token_for(self.network.world, self.session)
        return request(app, method, f"/api/admin/rentals{path}", body, token=token)

    def listed(self, query: str = "") -> Any:
        return self.request("GET", query).data

    def ids(self, query: str = "") -> list[str]:
        return [item["id"] for item in self.listed(query)["results"]]

    def force(self, rental_id: str, **body: Any) -> Reply:
        return self.request("POST", f"/{rental_id}/force-complete", {"reason": "it lies on our desk", **body})


@pytest.fixture
def desk(network: Network) -> Desk:
    return Desk(network)


def custody(powerbank_sn: str) -> Custody:
    powerbank = fetch_one(powerbanks.powerbank_key(powerbank_sn))
    assert powerbank is not None
    return powerbank.custody


def test_rentals_are_found_by_user_station_state_and_day(network: Network, desk: Desk) -> None:
    first, second = network.customer(), network.customer()
    at_labim = network.rented(first, LABIM)
    at_civil = network.start(second, CIVIL)
    both = [at_civil.rental_id, at_labim.rental_id]
    assert desk.ids() == both
    assert desk.ids(f"?user_id={first}") == desk.ids("?status=ACTIVE") == [at_labim.rental_id]
    assert desk.ids(f"?station={CIVIL.sn}") == [at_civil.rental_id]
    assert desk.ids(f"?station={CIVIL.sn}&user_id={first}") == desk.ids("?overdue=true") == []
    assert desk.ids("?start_date=2026-11-23&end_date=2026-11-23") == both
    assert desk.ids("?end_date=2026-11-22") == desk.ids("?start_date=2026-11-24") == []
    page = desk.listed("?limit=1")
    assert desk.ids(f"?limit=1&cursor={page['next_cursor']}") == [at_labim.rental_id]
    assert desk.ids("?page=2&page_size=1") == [at_labim.rental_id]


def test_a_rental_has_the_fields_of_the_dashboard(network: Network, desk: Desk) -> None:
    rental = network.rented(network.customer())
    item = desk.listed()["results"][0]
    assert (item["status"], item["payment_status"], item["amount_paid"]) == ("ACTIVE", "PAID", "20.00")
    assert (item["station_serial"], item["return_station_id"], item["is_returned_on_time"]) == (LABIM.sn, None, None)
    assert (item["package_duration"], item["username"], item["overdue_amount"]) == (60, "customer1", "0.00")
    detail = desk.request("GET", f"/{rental.rental_id}").data
    assert {name: detail[name] for name in item} == item
    assert desk.request("GET", "/nobodys").code == "not_found"


def test_a_list_costs_the_same_however_many_rentals_there_are(network: Network, desk: Desk) -> None:
    network.start(network.customer())
    with counted() as few:
        desk.listed()
    for station in (CIVIL, LAKESIDE):
        network.start(network.customer(), station)
    with counted() as more:
        desk.listed()
    assert more.round_trips == few.round_trips


def test_an_ended_rental_costs_what_a_return_at_that_time_costs(network: Network, desk: Desk) -> None:
    user_id = network.customer()
    rental = network.rented(user_id)
    network.fake_world.clock.advance(minutes=90)
    ended = desk.force(rental.rental_id, returned_minutes_ago=30).data
    assert (ended["status"], ended["overdue_amount"], ended["return_in_doubt"]) == ("COMPLETED", "0.00", True)
    assert (account(user_id).open_rental_id, account(user_id).rentals_count) == (None, 1)
    assert custody(rental.powerbank_sn) is Custody.UNKNOWN
    (entry,) = [row for row in AuditLogRow.scan() if row.action == "rental_force_completed"]
    assert (entry.target, entry.changes["reason"]) == (rental.rental_id, "it lies on our desk")
    assert (entry.changes["before"]["status"], entry.changes["after"]["status"]) == ("active", "completed")
    assert desk.force(rental.rental_id).code == "rental_not_active"
    assert network.books_balance()


def test_a_late_end_takes_the_late_fee(network: Network, desk: Desk) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=90)
    assert desk.force(rental.rental_id).data["overdue_amount"] == "20.00"
    assert network.books_balance()


def test_a_postpaid_rental_is_due(network: Network, desk: Desk) -> None:
    user_id = network.customer()
    rental = network.rented(user_id, package=PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=61)
    assert desk.force(rental.rental_id).data["due_amount"] == "40.00"
    assert account(user_id).due_rental_id == rental.rental_id
    assert network.books_balance()


def test_a_power_bank_that_comes_back_later_changes_no_rental(network: Network, desk: Desk) -> None:
    user_id = network.customer()
    rental = network.rented(user_id)
    network.fake_world.clock.advance(minutes=30)
    desk.force(rental.rental_id)
    before = network.rental(rental)
    network.fake_world.clock.advance(minutes=5)
    network.report_return(CIVIL, rental.powerbank_sn)
    assert network.rental(rental) == before
    assert custody(rental.powerbank_sn) is Custody.QUARANTINE
    assert network.books_balance()


def test_a_return_in_the_same_moment_ends_the_rental_once(network: Network, desk: Desk) -> None:
    user_id = network.customer()
    rental = network.rented(user_id)
    network.fake_world.clock.advance(minutes=30)
    with interleave(lambda: network.report_return(LABIM, rental.powerbank_sn)):
        assert desk.force(rental.rental_id).code == "rental_not_active"
    assert account(user_id).rentals_count == 1
    assert custody(rental.powerbank_sn) is Custody.SLOT
    assert network.books_balance()


def test_a_rental_that_is_starting_is_not_ended_by_hand(network: Network, desk: Desk) -> None:
    rental = network.start(network.customer())
    assert desk.force(rental.rental_id).code == "rental_not_active"


@pytest.mark.parametrize("ago", [-1, 43_201, "x", 1.5, True])
def test_an_odd_time_is_refused(ago: object, network: Network, desk: Desk) -> None:
    rental = network.rented(network.customer())
    assert desk.force(rental.rental_id, returned_minutes_ago=ago).status == 422
