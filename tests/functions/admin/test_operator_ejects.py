"""What becomes of a power bank that an operator ejects."""

import pytest

from app import app
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.service_state import Service
from chalicelib.domain.operators.role import Role
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import ejects
from chalicelib.world import OutcomeUnknown
from tests.functions.admin.station_commands import FULLEST, answering, eject, send, texts
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import EJECTED, REFUSED, UNCLEAR, Network
from tests.world.tokens import token_of


@pytest.fixture
def token(network: Network) -> str:
    return token_of(network, network.operator("admin2@example.com", Role.ADMIN).user_id)


def test_an_ejected_power_bank_is_the_operators_until_a_slot_has_it_again(network: Network, token: str) -> None:
    reply = eject(network, token)
    assert (reply.status, reply.data["message"]) == (200, "The power bank came out.")
    assert [slot["status"] for slot in reply.data["slots"]][:2] == ["OCCUPIED", "EMPTY"]
    bank = network.bank(FULLEST)
    assert (bank.custody, bank.service, bank.rental_id) == (Custody.UNKNOWN, Service.MAINTENANCE, None)
    assert network.books_balance()
    network.fake_world.clock.advance(minutes=20)
    network.report_return(LABIM, FULLEST, 7)
    bank = network.bank(FULLEST)
    assert (bank.custody, bank.slot_number, bank.service) == (Custody.SLOT, 7, Service.MAINTENANCE)
    assert network.start(network.customer()).powerbank_sn != FULLEST
    assert network.books_balance()


def test_a_slot_is_ejected_by_the_power_bank_in_it(network: Network, token: str) -> None:
    answering(network, lambda: network.report_eject(LABIM, FULLEST, EJECTED))
    assert send(token, "eject", slot_number=2).status == 200
    assert network.fake_world.cabinets.ejects == [(LABIM.imei, FULLEST)]
    network.fake_world.clock.advance(minutes=1)
    assert send(token, "eject", slot_number=2).code == "powerbank_elsewhere"


def test_a_jam_leaves_the_power_bank_set_aside_in_its_slot(network: Network, token: str) -> None:
    reply = eject(network, token, REFUSED)
    assert (reply.status, reply.code) == (502, "command_refused")
    bank = network.bank(FULLEST)
    assert (bank.custody, bank.service, bank.last_eject_ordered_at) == (Custody.SLOT, Service.MAINTENANCE, None)
    network.fake_world.clock.advance(minutes=1)
    assert eject(network, token, UNCLEAR).code == "command_no_answer"
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM, without=FULLEST)
    assert network.bank(FULLEST).taken_out_at is not None
    assert network.books_balance()


def test_a_late_or_repeated_answer_and_a_snapshot_are_one_fact(network: Network, token: str) -> None:
    assert send(token, "eject", powerbank_sn=FULLEST).code == "command_no_answer"
    at = network.world.now()
    network.fake_world.clock.advance(minutes=2)
    network.report_snapshot(LABIM, without=FULLEST)
    network.report_eject(LABIM, FULLEST, EJECTED, at)
    network.fake_world.clock.advance(minutes=2)
    network.report_return(LABIM, FULLEST, 2)
    network.report_eject(LABIM, FULLEST, EJECTED, at)
    assert network.bank(FULLEST).custody is Custody.SLOT
    assert network.books_balance()


def test_a_power_bank_that_a_customer_rents_later_is_the_customers(network: Network, token: str) -> None:
    assert send(token, "eject", powerbank_sn=FULLEST).code == "command_no_answer"
    network.fake_world.clock.advance(minutes=1)
    request(app, "PATCH", f"/api/admin/powerbanks/{FULLEST}", {"status": "available"}, token=token)
    rental = network.start(network.customer())
    assert rental.powerbank_sn == FULLEST
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    network.report_eject(LABIM, FULLEST, EJECTED)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.books_balance()


def test_a_rented_power_bank_is_never_ejected_by_an_operator(network: Network, token: str) -> None:
    starting = network.start(network.customer())
    network.fake_world.clock.advance(seconds=20)
    before = texts("powerbanks")
    reply = send(token, "eject", powerbank_sn=starting.powerbank_sn)
    assert (reply.status, reply.code) == (409, "powerbank_in_rental")
    assert texts("powerbanks") == before
    network.report_eject(LABIM, starting.powerbank_sn, EJECTED)
    assert send(token, "eject", powerbank_sn=starting.powerbank_sn).code == "powerbank_in_rental"
    assert network.rental(starting).state is RentalState.ACTIVE
    assert network.fake_world.cabinets.ejects == [(LABIM.imei, starting.powerbank_sn)]


def test_a_power_bank_whose_eject_just_failed_is_left_to_the_evidence(network: Network, token: str) -> None:
    failed = network.start(network.customer())
    network.report_eject(LABIM, failed.powerbank_sn, REFUSED)
    network.fake_world.clock.advance(minutes=1)
    assert send(token, "eject", powerbank_sn=failed.powerbank_sn).code == "powerbank_in_doubt"
    network.fake_world.clock.advance(minutes=10)
    network.report_snapshot(LABIM)
    assert eject(network, token, sn=failed.powerbank_sn).status == 200
    network.fake_world.clock.advance(minutes=30)
    network.report_return(LABIM, failed.powerbank_sn, 7)
    assert network.rental(failed).state is RentalState.FAILED
    assert network.bank(failed.powerbank_sn).custody is Custody.SLOT
    assert network.books_balance()


def test_an_operators_eject_waits_for_the_customers_and_delays_the_next(network: Network, token: str) -> None:
    network.start(network.customer())
    assert send(token, "eject", slot_number=1).code == "station_busy"
    network.fake_world.clock.advance(seconds=20)
    network.fake_world.cabinets.fails = OutcomeUnknown("iot")
    assert send(token, "eject", slot_number=1).code == "command_no_answer"
    assert network.bank("40818051").last_eject_ordered_at is not None
