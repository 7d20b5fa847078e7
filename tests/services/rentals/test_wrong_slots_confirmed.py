"""A cabinet opens a wrong slot and answers that the right power bank came out, which it lists as before."""

from io import StringIO

import pytest

from app import app
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import starting
from chalicelib.services.rentals.starting import RentalOrder
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.engines.interleaving import interleave
from tests.scenarios.wrong_slot_scenario import ASKED, ASKED_SLOT, OTHER, OTHER_SLOT, PRICE_PAISA, paid_paisa, seconds
from tests.world.builders import CIVIL, LABIM, account
from tests.world.http_client import request
from tests.world.log_lines import alarms
from tests.world.network import EJECTED, HOUR, Network
from tests.world.tokens import token_of


def test_the_rental_ends_when_new_readings_still_list_its_power_bank(network: Network) -> None:
    """The other power bank came back before a snapshot missed it, so that nothing ties it to the rental."""
    rental = network.rented(network.customer())
    assert rental.powerbank_sn == ASKED
    seconds(network, 60)
    network.report_return(LABIM, OTHER, OTHER_SLOT)
    seconds(network, 2)
    network.report_snapshot(LABIM)
    seconds(network, 2)
    network.report_snapshot(LABIM)
    ended = network.rental(rental)
    assert ended.state is RentalState.COMPLETED
    assert paid_paisa(ended) == PRICE_PAISA
    assert (network.bank(ASKED).custody, network.bank(ASKED).slot_number) == (Custody.SLOT, ASKED_SLOT)
    assert account(rental.user_id).open_rental_id is None
    assert network.books_balance()


def test_the_same_list_again_and_again_ends_no_rental(network: Network) -> None:
    rental = network.rented(network.customer())
    read_at = network.world.now()
    for _ in range(4):
        seconds(network, 600)
        network.report_snapshot(LABIM, read_at=read_at)
    assert network.rental(rental).state is RentalState.ACTIVE


def test_a_rental_whose_other_power_bank_is_out_goes_on(network: Network) -> None:
    rental = network.rented(network.customer())
    for _ in range(3):
        seconds(network, 600)
        network.report_snapshot(LABIM, without=OTHER)
    after, asked, other = network.rental(rental), network.bank(ASKED), network.bank(OTHER)
    assert (after.state, after.powerbank_sn, after.other_powerbank_sn) == (RentalState.ACTIVE, OTHER, None)
    assert (other.custody, other.owner) == (Custody.RENTED, (rental.user_id, rental.rental_id))
    assert (asked.free, asked.slot_number, asked.returns_count) == (True, ASKED_SLOT, 0)
    assert network.books_balance()
    network.report_return(CIVIL, OTHER)
    assert (network.rental(rental).state, network.bank(OTHER).returns_count) == (RentalState.COMPLETED, 1)
    assert paid_paisa(rental) == PRICE_PAISA
    assert network.books_balance()


def test_a_rental_whose_own_power_bank_was_out_and_is_back_ends_although_another_one_is_missing(
    network: Network,
) -> None:
    """The first list without the other power bank still has the ordered one, and the next list has neither."""
    rental = network.start(network.customer())
    seconds(network, 20)
    network.report_snapshot(LABIM, without=OTHER)
    assert network.rental(rental).other_powerbank_sn == OTHER
    seconds(network, 20)
    without_both = [
        SlotContent(number, *((None, 0) if bank in (ASKED, OTHER) else (bank, percent)))
        for number, (bank, percent) in LABIM.slots().items()
    ]
    network.report_frame(LABIM, frames.snapshot(without_both, celsius=40))
    assert network.rental(rental).state is RentalState.ACTIVE
    for _ in range(2):
        seconds(network, 600)
        network.report_snapshot(LABIM, without=OTHER)
    ended = network.rental(rental)
    assert (ended.state, ended.powerbank_sn, paid_paisa(ended)) == (RentalState.COMPLETED, ASKED, PRICE_PAISA)
    assert (network.bank(ASKED).free, network.bank(ASKED).slot_number) == (True, ASKED_SLOT)
    network.report_return(CIVIL, OTHER)
    assert network.bank(OTHER).custody is Custody.QUARANTINE
    assert paid_paisa(ended) == PRICE_PAISA
    assert network.books_balance()


def test_the_return_of_the_other_power_bank_is_no_return_of_the_own_one(network: Network) -> None:
    rental = network.rented(network.customer())
    seconds(network, 600)
    network.report_snapshot(LABIM, without=OTHER)
    network.report_return(CIVIL, OTHER)
    asked, other = network.bank(ASKED), network.bank(OTHER)
    assert (asked.returns_count, asked.returned_rental_id) == (0, None)
    assert (other.returns_count, other.returned_rental_id) == (1, rental.rental_id)


def test_a_power_bank_that_came_out_of_the_wrong_slot_is_paid_although_its_own_eject_has_no_answer(
    network: Network,
) -> None:
    """Its earlier rental ended without an answer. Its return to another station proves wrong."""
    order = RentalOrder(LABIM.sn, HOUR, OTHER)
    caller = network.sessions[network.customer()].caller(network.world, *order.prefetch_keys())
    starting.start(network.world, caller, order)
    for _ in range(2):
        seconds(network, 90)
        network.report_snapshot(LABIM)
    seconds(network, 600)
    rental = network.rented(network.customer())
    seconds(network, 600)
    network.report_snapshot(LABIM, without=OTHER)
    seconds(network, 600)
    network.report_snapshot(CIVIL, plus=(8, OTHER))
    assert (network.rental(rental).state, network.rental(rental).powerbank_sn) == (RentalState.COMPLETED, OTHER)
    seconds(network, 600)
    network.report_snapshot(CIVIL)
    assert network.rental(rental).state is RentalState.ACTIVE
    for _ in range(2):
        seconds(network, 60)
        network.report_snapshot(LABIM)
    assert (network.rental(rental).state, paid_paisa(rental)) == (RentalState.COMPLETED, PRICE_PAISA)
    assert network.books_balance()


def test_an_issue_about_the_power_bank_that_was_asked_for_is_about_the_one_that_came_out(network: Network) -> None:
    rental = network.rented(network.customer())
    for _ in range(3):
        seconds(network, 600)
        network.report_snapshot(LABIM, without=OTHER)
    assert network.rental(rental).powerbank_sn == OTHER
    body = {"issue_type": "not_working", "description": "no light", "powerbank_sn": ASKED}
    path = f"/api/rentals/{rental.rental_id}/report-issue"
    assert request(app, "POST", path, body, token=token_of(network, rental.user_id)).status == 201
    assert (network.bank(OTHER).faults_count, network.bank(ASKED).faults_count) == (1, 0)
    network.report_return(CIVIL, OTHER)
    assert network.books_balance()


def test_a_bank_that_stayed_before_and_comes_out_for_the_next_rental_is_tied(
    network: Network, log_output: StringIO
) -> None:
    """No snapshot has listed the power bank since the rental that it was confirmed for ended."""
    first = network.rented(network.customer())
    assert first.powerbank_sn == ASKED
    seconds(network, 600)
    network.report_snapshot(LABIM, without=OTHER)
    network.report_return(LABIM, OTHER, 7)
    assert network.bank(ASKED).free
    seconds(network, 60)
    second = network.rented(network.customer())
    assert second.powerbank_sn not in (ASKED, OTHER)
    seconds(network, 600)
    network.report_snapshot(LABIM, without=ASKED, plus=(7, OTHER))
    suspicion = network.bank(ASKED).suspicion
    assert suspicion is not None
    assert suspicion.rental_id == second.rental_id
    assert len(alarms(log_output, Alarm.POWERBANK_VANISHED)) == 2


def test_a_return_frame_long_after_a_doubtful_return_is_a_new_return(network: Network) -> None:
    rental = network.rented(network.customer())
    seconds(network, 60)
    network.report_snapshot(CIVIL, plus=(8, ASKED))
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.bank(ASKED).doubted_owner is not None
    seconds(network, 600)
    network.report_return(CIVIL, ASKED, 8)
    assert network.bank(ASKED).reappearance is not None
    assert network.bank(ASKED).doubted_owner is None


def test_a_bank_after_a_doubtful_return_that_the_wrong_slot_gives_out_is_tied(network: Network) -> None:
    first = network.rented(network.customer(), CIVIL)
    bank = first.powerbank_sn
    seconds(network, 60)
    network.report_snapshot(LABIM, plus=(7, bank))
    assert network.rental(first).state is RentalState.COMPLETED
    assert network.bank(bank).doubted_owner is not None
    seconds(network, 600)
    network.report_snapshot(LABIM, plus=(7, bank))
    second = network.rented(network.customer())
    seconds(network, 600)
    network.report_snapshot(LABIM)
    assert network.rental(first).state is RentalState.COMPLETED
    suspicion = network.bank(bank).suspicion
    assert suspicion is not None
    assert suspicion.rental_id == second.rental_id
    network.report_return(CIVIL, bank)
    assert network.rental(second).state is not RentalState.ACTIVE
    assert network.books_balance()


def test_a_bank_that_two_stations_list_is_tied_to_no_rental(network: Network) -> None:
    seconds(network, 120)
    network.report_snapshot(CIVIL, plus=(8, OTHER))
    seconds(network, 120)
    network.report_snapshot(LABIM)
    assert network.bank(OTHER).other_place is not None
    rental = network.start(network.customer(), CIVIL)
    seconds(network, 20)
    network.report_snapshot(CIVIL)
    assert network.bank(OTHER).custody is Custody.UNKNOWN
    assert network.bank(OTHER).suspicion is None
    assert network.rental(rental).other_powerbank_sn is None


def test_a_rental_ends_when_its_power_bank_and_the_one_that_was_missing_are_both_listed(network: Network) -> None:
    """The list without the other power bank came before the answer: it was tied while the rental was starting."""
    rental = network.start(network.customer())
    seconds(network, 2)
    network.report_snapshot(LABIM, without=OTHER)
    seconds(network, 2)
    network.report_snapshot(LABIM)
    assert (network.bank(OTHER).custody, network.rental(rental).other_powerbank_sn) == (Custody.SLOT, OTHER)
    network.report_eject(LABIM, ASKED, EJECTED)
    for _ in range(2):
        seconds(network, 600)
        network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.bank(ASKED).custody is Custody.SLOT
    assert network.books_balance()


@pytest.mark.parametrize("number", [1, 2])
def test_the_return_of_the_other_power_bank_at_the_moment_of_the_exchange_ends_the_rental(
    network: Network, number: int
) -> None:
    rental = network.rented(network.customer())
    seconds(network, 600)
    network.report_snapshot(LABIM, without=OTHER)
    assert network.rental(rental).other_powerbank_sn == OTHER
    seconds(network, 600)
    with interleave(lambda: network.report_return(CIVIL, OTHER), number=number):
        network.report_snapshot(LABIM, without=OTHER)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.rental(rental).powerbank_sn == OTHER
    assert network.bank(ASKED).free
    assert (network.bank(OTHER).station_sn, network.bank(OTHER).slot_number) == (CIVIL.sn, 8)
    assert paid_paisa(rental) == PRICE_PAISA
    assert network.books_balance()
