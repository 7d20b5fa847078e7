"""Routes of returns whose power bank no cabinet could read."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operators.role import Role
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_clock import minutes_used
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.unreadable_return import UnreadableReturn, return_id_of
from chalicelib.tables import return_doubts, unreadable_returns
from chalicelib.tables.atomic import atomic
from chalicelib.tables.audit_log import AuditLogRow
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.engines.counting import counted
from tests.world.builders import CIVIL, LABIM, account
from tests.world.http_client import Reply, request
from tests.world.network import HOUR, PAY_AS_YOU_GO, Network
from tests.world.tokens import token_for

RETURNS = "/api/admin/rentals/unreadable-returns"
UNREADABLE = str(0xFFFF_FFFF)


@dataclass
class Office:
    """Two power banks are out from one station, one came back unreadable after 61 minutes, and an operator looks."""

    network: Network
    package: str = HOUR
    rentals: list[Rental] = field(default_factory=list)
    token: str = ""

    def __post_init__(self) -> None:
        for _ in range(2):
            self.rentals.append(self.network.rented(self.network.customer(), package=self.package))
            self.network.fake_world.clock.advance(seconds=30)
        self.network.fake_world.clock.advance(minutes=60)
        self.network.report_frame(LABIM, frames.returned(SlotContent(8, UNREADABLE, 40)))
        operator = self.network.operator("desk@example.com", Role.ADMIN)
        self.token = token_for(self.network.world, operator)

    def listed(self, query: str = "") -> Any:
        return request(app, "GET", RETURNS + query, token=self.token).data["returns"]

    def assign(self, powerbank_sn: str, return_id: str | None = None) -> Reply:
        url = f"{RETURNS}/{return_id or self.listed('?status=open')[0]['id']}/assign"
        return request(app, "POST", url, {"powerbank_serial": powerbank_sn}, token=self.token)


@pytest.fixture
def office(network: Network) -> Office:
    return Office(network)


def test_a_return_is_listed_with_the_banks_that_are_out(office: Office) -> None:
    (line,) = office.listed()
    assert (line["station_serial"], line["slot_number"], line["status"]) == (LABIM.sn, 8, "OPEN")
    assert line["possible_serials"] == sorted(rental.powerbank_sn for rental in office.rentals)
    assert (line["powerbank_serial"], line["assigned_by"], line["assigned_at"]) == (None, None, None)


def test_the_assigned_bank_ends_its_rental_at_the_report(network: Network) -> None:
    office = Office(network, PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=10)
    first, second = office.rentals
    done = office.assign(first.powerbank_sn).data
    assert (done["status"], done["powerbank_serial"]) == ("ASSIGNED", first.powerbank_sn)
    ended = network.rental(first)
    assert (ended.state, ended.due_paisa) == (RentalState.DUE, 4_000)
    assert minutes_used(ended, network.world.now()) == 61
    assert network.rental(second).state is RentalState.ACTIVE
    bank = network.bank(first.powerbank_sn)
    assert (bank.custody, bank.station_sn, bank.slot_number) == (Custody.SLOT, LABIM.sn, 8)
    assert (office.listed(), office.listed("?status=ASSIGNED")) == ([], [done])
    assert network.books_balance()


def test_the_same_assignment_again_changes_nothing_and_another_is_refused(office: Office) -> None:
    (line,) = office.listed()
    first, second = office.rentals
    done = office.assign(first.powerbank_sn, line["id"]).data
    assert office.assign(first.powerbank_sn, line["id"]).data == done
    refused = office.assign(second.powerbank_sn, line["id"])
    assert (refused.status, refused.code) == (409, "return_already_assigned")
    assert office.network.rental(second).state is RentalState.ACTIVE
    logged = [entry for entry in AuditLogRow.scan() if entry.action == "unreadable_return_assigned"]
    assert [entry.target for entry in logged] == [line["id"]]


def test_a_bank_into_the_slot_that_it_left_ends_its_rental(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=5)
    network.report_frame(LABIM, frames.returned(SlotContent(2, UNREADABLE, 40)))
    operator = token_for(network.world, network.operator("desk@example.com", Role.ADMIN))
    (line,) = request(app, "GET", RETURNS, token=operator).data["returns"]
    url = f"{RETURNS}/{line['id']}/assign"
    assert request(app, "POST", url, {"powerbank_serial": rental.powerbank_sn}, token=operator).status == 200
    assert network.rental(rental).state is RentalState.COMPLETED


def test_a_bank_that_was_rented_again_since_is_left_alone(office: Office) -> None:
    first = office.rentals[0]
    office.network.report_return(CIVIL, first.powerbank_sn)
    office.network.fake_world.clock.advance(minutes=2)
    (line,) = office.listed()
    again = office.network.rented(office.network.customer(), CIVIL)
    assert office.assign(again.powerbank_sn, line["id"]).status == 200
    assert office.network.rental(again).state is RentalState.ACTIVE
    assert account(again.user_id).open_rental_id == again.rental_id


def test_a_return_of_an_outage_is_assigned_with_its_doubt(network: Network) -> None:
    rental = network.rented(network.customer(), package=PAY_AS_YOU_GO)
    network.report_frame(LABIM, frames.heartbeat())
    network.report_status(LABIM, DeviceEventKind.OFFLINE)
    heard_at = network.world.now()
    network.fake_world.clock.advance(hours=3)
    network.report_status(LABIM, DeviceEventKind.ONLINE)
    network.report_frame(LABIM, frames.returned(SlotContent(8, UNREADABLE, 40)))
    operator = token_for(network.world, network.operator("desk@example.com", Role.ADMIN))
    (line,) = request(app, "GET", RETURNS, token=operator).data["returns"]
    url = f"{RETURNS}/{line['id']}/assign"
    assert request(app, "POST", url, {"powerbank_serial": rental.powerbank_sn}, token=operator).status == 200
    assert network.rental(rental).ended_at == heard_at
    assert [doubt.rental_id for doubt in return_doubts.newest(return_doubts.EVERYONE, 9)] == [rental.rental_id]


@pytest.mark.parametrize(("bank", "known"), [("99999999", True), ("40818052", False)])
def test_an_unknown_bank_or_return_is_not_found(office: Office, bank: str, *, known: bool) -> None:
    assert office.assign(bank, None if known else "1-nobodys-2").status == 404
    assert office.listed() != []


def test_the_list_takes_two_calls_and_an_assignment_eight(office: Office) -> None:
    with counted() as counts:
        (line,) = office.listed()
    assert counts.round_trips == 2
    with counted() as counts:
        office.assign(office.rentals[0].powerbank_sn, line["id"])
    assert counts.round_trips <= 8
    assert "Scan" not in counts.calls


def test_the_open_returns_are_found_without_a_look_at_the_assigned_ones(office: Office) -> None:
    """Most returns are assigned after some years. A list of open ones must not read them all."""
    now = office.network.world.now()
    for number in range(60):
        reported_at = now + timedelta(seconds=number)
        past = UnreadableReturn(return_id_of(CIVIL.sn, 1, reported_at), CIVIL.sn, 1, reported_at)
        assigned = past.assigned("40818052", by="an operator", at=now)
        atomic(office.network.world, lambda ops: unreadable_returns.save(ops, assigned))  # noqa: B023
    with counted() as counts:
        (still_open,) = office.listed("?status=open")
    assert still_open["station_serial"] == LABIM.sn
    assert counts.rows_read <= 1
    assert len(office.listed("?status=assigned&page_size=100")) == 60
