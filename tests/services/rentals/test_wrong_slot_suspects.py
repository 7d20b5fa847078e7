"""For which rental a power bank may have come out of the wrong slot."""

from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.scenarios.deletion_scenario import delete_customer
from tests.scenarios.second_eject_scenario import refused, with_second_ejects
from tests.scenarios.wrong_slot_scenario import (
    ASKED,
    ASKED_SLOT,
    OTHER,
    OTHER_SLOT,
    PRICE_PAISA,
    paid_paisa,
    seconds,
    wrong_slot_opened,
)
from tests.world.builders import CIVIL, LABIM, account
from tests.world.log_lines import alarms
from tests.world.network import EJECTED, REFUSED, Network


def test_a_customer_with_another_rental_pays_for_the_wrong_power_bank(network: Network) -> None:
    first = wrong_slot_opened(network, REFUSED)
    seconds(network, 60)
    second = network.start(first.user_id, CIVIL)
    network.report_return(CIVIL, OTHER)
    ended = network.rental(first)
    assert (ended.state, ended.powerbank_sn) == (RentalState.COMPLETED, OTHER)
    assert network.rental(second).state is RentalState.STARTING
    assert account(first.user_id).open_rental_id == second.rental_id
    assert network.bank(OTHER).custody is Custody.SLOT
    assert network.books_balance()


def untied(network: Network, log_output: StringIO) -> bool:
    (alarm,) = alarms(log_output, Alarm.POWERBANK_VANISHED)
    return alarm["rental_id"] == "none" and network.bank(OTHER).suspicion is None


def test_a_bank_that_was_listed_after_the_eject_is_tied_to_no_rental(network: Network, log_output: StringIO) -> None:
    network.start(network.customer())
    seconds(network, 20)
    network.report_snapshot(LABIM)
    seconds(network, 1_200)
    network.report_snapshot(LABIM, without=OTHER)
    assert untied(network, log_output)


def unlisted_bank_leaves(network: Network) -> Rental:
    """A power bank comes back, leaves by the wrong slot, and one list lacks it. That may be older than the return."""
    assert network.rented(network.customer()).powerbank_sn == ASKED
    seconds(network, 300)
    network.report_snapshot(LABIM, without=ASKED)
    seconds(network, 300)
    network.report_frame(LABIM, frames.returned(SlotContent(ASKED_SLOT, ASKED, 5)))
    seconds(network, 60)
    rental = network.start(network.customer())
    assert rental.powerbank_sn != ASKED
    seconds(network, 300)
    network.report_snapshot(LABIM, without=ASKED)
    seconds(network, 300)
    return rental


def test_a_list_that_is_not_believed_clears_no_rental(network: Network) -> None:
    rental = unlisted_bank_leaves(network)
    network.report_snapshot(LABIM, without=ASKED)
    seconds(network, 60)
    network.report_return(CIVIL, ASKED)
    ended = network.rental(rental)
    assert (ended.state, ended.powerbank_sn) == (RentalState.COMPLETED, ASKED)
    assert network.books_balance()


def test_it_clears_none_when_another_bank_comes_into_the_slot(network: Network) -> None:
    other = network.rented(network.customer(), CIVIL).powerbank_sn
    rental = unlisted_bank_leaves(network)
    network.report_return(LABIM, other, ASKED_SLOT)
    seconds(network, 60)
    network.report_snapshot(LABIM, without=ASKED, plus=(ASKED_SLOT, other))
    suspicion = network.bank(ASKED).suspicion
    assert suspicion is not None
    assert suspicion.rental_id == rental.rental_id


def test_a_bank_that_was_listed_until_another_came_is_tied_to_no_earlier_rental(
    network: Network, log_output: StringIO
) -> None:
    other = network.rented(network.customer(), CIVIL).powerbank_sn
    network.start(network.customer())
    seconds(network, 1_200)
    network.report_snapshot(LABIM)
    seconds(network, 60)
    network.report_return(LABIM, other, OTHER_SLOT)
    seconds(network, 60)
    network.report_snapshot(LABIM, without=OTHER, plus=(OTHER_SLOT, other))
    assert untied(network, log_output)


def test_a_bank_is_tied_to_no_rental_whose_own_bank_came_out(network: Network, log_output: StringIO) -> None:
    network.rented(network.customer())
    seconds(network, 20)
    both = [SlotContent(slot, *bank) for slot, bank in LABIM.slots().items() if bank[0] not in (ASKED, OTHER)]
    network.report_frame(LABIM, frames.snapshot([SlotContent(1), SlotContent(2), *both]))
    assert untied(network, log_output)


def test_two_possible_rentals_are_both_in_the_alarm(network: Network, log_output: StringIO) -> None:
    suspects = []
    for _ in range(2):
        suspects.append(network.start(network.customer()))
        seconds(network, 2)
        network.report_eject(LABIM, suspects[-1].powerbank_sn, REFUSED)
        seconds(network, 60)
    gone = "40818053"
    network.report_snapshot(LABIM, without=gone)
    (alarm,) = alarms(log_output, Alarm.POWERBANK_VANISHED)
    assert set(str(alarm["rental_id"]).split(", ")) == {rental.rental_id for rental in suspects}
    assert network.bank(gone).suspicion is None
    network.report_return(CIVIL, gone)
    assert [paid_paisa(rental) for rental in suspects] == [0, 0]


THIRD = "40818053"


def test_the_first_of_two_ejects_may_have_opened_the_wrong_slot(network: Network, log_output: StringIO) -> None:
    """The second power bank came out, so that the customer may have both: nothing is charged by itself."""
    first, second = refused(with_second_ejects(network))
    assert THIRD not in (first.powerbank_sn, second.powerbank_sn)
    network.report_eject(LABIM, second.powerbank_sn, EJECTED)
    seconds(network, 20)
    there = {slot: bank for slot, bank in LABIM.slots().items() if bank[0] not in (second.powerbank_sn, THIRD)}
    contents = [SlotContent(slot, *there.get(slot, (None, 0))) for slot in LABIM.slots()]
    network.report_frame(LABIM, frames.snapshot(contents))
    (alarm,) = alarms(log_output, Alarm.POWERBANK_VANISHED)
    suspicion = network.bank(THIRD).suspicion
    assert suspicion is not None
    assert (alarm["rental_id"], suspicion.rental_id) == (first.rental_id, first.rental_id)
    seconds(network, 60)
    network.report_return(CIVIL, THIRD)
    assert network.rental(first).state is RentalState.ACTIVE
    assert network.bank(THIRD).custody is Custody.QUARANTINE
    seconds(network, 600)
    network.report_return(CIVIL, second.powerbank_sn, slot=7)
    assert network.rental(first).state is RentalState.COMPLETED
    assert network.books_balance()


def test_the_wrong_slot_of_a_first_eject_is_seen_before_the_second(network: Network, log_output: StringIO) -> None:
    first, second = refused(with_second_ejects(network))
    seconds(network, 20)
    network.report_snapshot(LABIM, without=THIRD, at=second.requested_at - timedelta(seconds=1))
    (alarm,) = alarms(log_output, Alarm.POWERBANK_VANISHED)
    assert alarm["rental_id"] == first.rental_id
    network.report_eject(LABIM, second.powerbank_sn, REFUSED)
    seconds(network, 60)
    network.report_return(CIVIL, THIRD)
    ended = network.rental(first)
    assert (ended.state, ended.powerbank_sn) == (RentalState.COMPLETED, THIRD)
    assert network.books_balance()


def test_a_vanished_bank_is_not_charged_to_its_last_failed_rental(network: Network) -> None:
    rental = network.start(network.customer())
    seconds(network, 2)
    network.report_eject(LABIM, ASKED, REFUSED)
    seconds(network, 60)
    network.report_snapshot(LABIM)
    seconds(network, 7_200)
    network.report_snapshot(LABIM, without=ASKED)
    seconds(network, 60)
    network.report_return(CIVIL, ASKED)
    assert network.rental(rental).state is RentalState.FAILED
    assert network.bank(ASKED).custody is Custody.QUARANTINE
    assert paid_paisa(rental) == 0


def test_an_account_that_may_have_the_wrong_bank_is_not_deleted(network: Network) -> None:
    rental = wrong_slot_opened(network, REFUSED)
    with pytest.raises(Problem, match="rental_open"):
        delete_customer(network, rental.user_id)


def given_up_by_a_list(network: Network, *, lists: int) -> tuple[Rental, Rental]:
    """A silent eject that a list of the slot ends, and another customer's start before the power bank is missing."""
    first = network.start(network.customer())
    assert first.powerbank_sn == ASKED
    for _ in range(lists):
        seconds(network, 90)
        network.report_snapshot(LABIM)
    assert network.rental(first).state is RentalState.FAILED
    seconds(network, 60)
    second = network.start(network.customer())
    seconds(network, 2)
    return first, second


@pytest.mark.parametrize("answered", [False, True])
def test_a_bank_that_stayed_in_one_list_only_may_be_with_its_own_customer(
    network: Network, log_output: StringIO, *, answered: bool
) -> None:
    """A late answer to the first rental's eject charges the first customer. Without an answer neither pays."""
    first, second = given_up_by_a_list(network, lists=1)
    seconds(network, 70)
    network.report_snapshot(LABIM, without=ASKED)
    (alarm,) = alarms(log_output, Alarm.POWERBANK_VANISHED)
    assert set(str(alarm["rental_id"]).split(", ")) == {first.rental_id, second.rental_id}
    if answered:
        network.report_eject(LABIM, ASKED, EJECTED, first.requested_at + timedelta(seconds=2))
    seconds(network, 300)
    network.report_return(CIVIL, ASKED)
    assert network.rental(first).state is (RentalState.COMPLETED if answered else RentalState.FAILED)
    assert network.rental(second).other_powerbank_sn is None
    assert [paid_paisa(rental) for rental in (first, second)] == [PRICE_PAISA if answered else 0, 0]
    assert network.books_balance()


@pytest.mark.parametrize(("lists", "answer"), [(2, None), (1, EJECTED)], ids=["two lists", "an answer"])
def test_a_bank_that_left_after_two_lists_or_an_answer_is_tied_to_the_later_eject(
    network: Network, lists: int, answer: int | None
) -> None:
    first, second = given_up_by_a_list(network, lists=lists)
    if answer is not None:
        network.report_eject(LABIM, second.powerbank_sn, answer)
    seconds(network, 70)
    network.report_snapshot(LABIM, without=ASKED)
    assert network.rental(first).state is RentalState.FAILED
    assert network.rental(second).other_powerbank_sn == ASKED
