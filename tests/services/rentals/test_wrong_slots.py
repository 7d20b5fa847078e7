"""The return of a power bank that came out of the wrong slot."""

from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental_clock import minutes_used
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import ejects
from tests.scenarios.wrong_slot_scenario import (
    ANSWERS,
    ASKED,
    ASKED_SLOT,
    BACK,
    OTHER,
    OTHER_SLOT,
    PRICE_PAISA,
    own_came_out_later,
    paid_paisa,
    seconds,
    wrong_slot_opened,
)
from tests.world.builders import CIVIL, LABIM, account
from tests.world.log_lines import alarms
from tests.world.network import EJECTED, PAY_AS_YOU_GO, REFUSED, UNCLEAR, Network


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_alarm_and_the_bank_name_the_rental(network: Network, log_output: StringIO, answer: int | None) -> None:
    rental = wrong_slot_opened(network, answer)
    (alarm,) = alarms(log_output, Alarm.POWERBANK_VANISHED)
    assert (alarm["rental_id"], alarm["user_id"]) == (rental.rental_id, rental.user_id)
    assert (alarm["powerbank_sn"], alarm["slot_number"]) == (OTHER, OTHER_SLOT)
    suspicion = network.bank(OTHER).suspicion
    assert suspicion is not None
    assert (suspicion.user_id, suspicion.rental_id) == (rental.user_id, rental.rental_id)
    assert network.rental(rental).other_powerbank_sn == OTHER
    assert network.books_balance()


@pytest.mark.parametrize("way", BACK)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("swept", [False, True])
def test_the_return_of_the_wrong_bank_ends_the_rental_for_its_price(
    network: Network, answer: int | None, way: str, *, swept: bool
) -> None:
    rental = wrong_slot_opened(network, answer)
    if swept:
        seconds(network, 700)
        ejects.sweep(network.world)
    seconds(network, 120)
    BACK[way](network)
    ended = network.rental(rental)
    assert (ended.state, ended.powerbank_sn) == (RentalState.COMPLETED, OTHER)
    assert paid_paisa(rental) == PRICE_PAISA
    assert account(rental.user_id).open_rental_id is None
    asked, other = network.bank(ASKED), network.bank(OTHER)
    assert (asked.custody, asked.slot_number, asked.rental_id) == (Custody.SLOT, ASKED_SLOT, None)
    assert (other.custody, other.rental_id, other.suspicion) == (Custody.SLOT, None, None)
    BACK[way](network)
    seconds(network, 60)
    plus = (7, OTHER) if "another slot" in way else None
    network.report_snapshot(LABIM, without=None if "its slot" in way else OTHER, plus=plus)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert paid_paisa(rental) == PRICE_PAISA
    assert network.books_balance()


@pytest.mark.parametrize("way", ["return frame, another station", "return frame, its slot"])
@pytest.mark.parametrize("answer", [None, UNCLEAR, EJECTED])
def test_a_wrong_bank_that_is_back_before_the_snapshot_ends_the_rental(
    network: Network, answer: int | None, way: str
) -> None:
    rental = network.start(network.customer())
    seconds(network, 2)
    if answer is not None:
        network.report_eject(LABIM, ASKED, answer)
    seconds(network, 120)
    BACK[way](network)
    seconds(network, 10)
    assert network.fake_world.cabinets.checks[-1:] == [LABIM.imei]
    network.report_snapshot(LABIM, without=None if "its slot" in way else OTHER)
    ended = network.rental(rental)
    assert (ended.state, ended.powerbank_sn) == (RentalState.COMPLETED, OTHER)
    assert minutes_used(ended, network.world.now()) == 2
    assert paid_paisa(rental) == PRICE_PAISA
    assert (network.bank(OTHER).custody, network.bank(OTHER).reappearance) == (Custody.SLOT, None)
    assert network.books_balance()


def test_a_refused_eject_is_not_charged_for_a_bank_that_no_snapshot_missed(network: Network) -> None:
    rental = network.start(network.customer())
    seconds(network, 2)
    network.report_eject(LABIM, ASKED, REFUSED)
    seconds(network, 120)
    network.report_return(LABIM, OTHER, OTHER_SLOT)
    seconds(network, 10)
    network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.FAILED
    assert paid_paisa(rental) == 0
    assert network.bank(OTHER).reappearance is None


def test_a_bank_whose_eject_was_refused_before_is_tied_to_the_eject_under_way(network: Network) -> None:
    refused = network.start(network.customer())
    seconds(network, 2)
    network.report_eject(LABIM, ASKED, REFUSED)
    seconds(network, 60)
    rental = network.start(network.customer())
    assert rental.powerbank_sn == OTHER
    network.report_eject(LABIM, OTHER, UNCLEAR)
    seconds(network, 30)
    network.report_snapshot(LABIM, without=ASKED)
    assert network.rental(refused).state is RentalState.FAILED
    network.report_return(CIVIL, ASKED)
    assert (paid_paisa(refused), network.rental(rental).state) == (0, RentalState.COMPLETED)
    assert network.books_balance()


def test_a_tied_bank_does_not_end_a_rental_whose_own_bank_came_out_later(network: Network) -> None:
    rental = own_came_out_later(network)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.bank(OTHER).custody is Custody.QUARANTINE
    assert network.books_balance()


def test_an_eject_answer_after_the_snapshot_starts_the_rental_and_the_return_ends_it(network: Network) -> None:
    rental = wrong_slot_opened(network, None)
    network.report_eject(LABIM, ASKED, EJECTED, at=rental.requested_at + timedelta(seconds=2))
    assert network.rental(rental).state is RentalState.ACTIVE
    seconds(network, 600)
    network.report_return(CIVIL, OTHER)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.bank(ASKED).custody is Custody.SLOT
    assert paid_paisa(rental) == PRICE_PAISA
    assert network.books_balance()


def test_an_eject_answer_after_the_return_changes_nothing(network: Network) -> None:
    rental = wrong_slot_opened(network, None)
    seconds(network, 60)
    network.report_return(CIVIL, OTHER)
    network.report_eject(LABIM, ASKED, EJECTED, at=rental.requested_at + timedelta(seconds=2))
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.bank(ASKED).custody is Custody.SLOT
    assert paid_paisa(rental) == PRICE_PAISA
    assert network.books_balance()


def test_a_return_that_is_reported_late_ends_the_rental_at_its_own_time(network: Network) -> None:
    rental = wrong_slot_opened(network, UNCLEAR, PAY_AS_YOU_GO)
    seconds(network, 3_900)
    network.report_return(CIVIL, OTHER, at=rental.requested_at + timedelta(seconds=15))
    ended = network.rental(rental)
    assert (ended.state, minutes_used(ended, network.world.now())) == (RentalState.COMPLETED, 0)
    assert network.books_balance()


@pytest.mark.parametrize("answer", [None, UNCLEAR, REFUSED])
def test_a_bank_that_only_a_snapshot_missed_costs_nothing(network: Network, answer: int | None) -> None:
    rental = wrong_slot_opened(network, answer)
    seconds(network, 60)
    network.report_snapshot(LABIM)
    seconds(network, 600)
    ejects.sweep(network.world)
    assert network.rental(rental).state is RentalState.FAILED
    assert paid_paisa(rental) == 0
    assert network.bank(OTHER).custody is Custody.SLOT
    assert network.books_balance()


def test_a_return_frame_that_comes_after_the_snapshot_still_ends_the_rental(network: Network) -> None:
    rental = wrong_slot_opened(network, UNCLEAR)
    seconds(network, 60)
    network.report_snapshot(LABIM)
    network.report_return(LABIM, OTHER, OTHER_SLOT, at=network.world.now() - timedelta(seconds=5))
    assert network.rental(rental).state is RentalState.COMPLETED
    assert paid_paisa(rental) == PRICE_PAISA
    assert network.books_balance()


def test_an_active_rental_ends_when_a_snapshot_lists_the_wrong_bank_again(network: Network) -> None:
    rental = wrong_slot_opened(network, EJECTED)
    seconds(network, 60)
    network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert {network.bank(sn).custody for sn in (ASKED, OTHER)} == {Custody.SLOT}
    assert network.books_balance()


def test_the_return_of_the_rented_bank_ends_an_active_rental(network: Network, log_output: StringIO) -> None:
    rental = wrong_slot_opened(network, EJECTED)
    seconds(network, 60)
    network.report_return(CIVIL, ASKED)
    assert network.rental(rental).state is RentalState.COMPLETED
    seconds(network, 60)
    network.report_return(LABIM, OTHER)
    assert network.bank(OTHER).custody is Custody.QUARANTINE
    assert len(alarms(log_output, Alarm.POWERBANK_QUARANTINED)) == 1
    assert network.books_balance()
