"""A return that no return frame proves: what becomes of it when the power bank is gone again."""

from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import ejects, queries, starting
from chalicelib.services.rentals.starting import RentalOrder
from chalicelib.world import Unavailable
from tests.world.builders import CIVIL, LABIM, account
from tests.world.log_lines import alarms_count
from tests.world.network import EJECTED, HOUR, REFUSED, Network

BANK, OTHER_SLOT = "40818052", 8
NOT_FOUND = 0xFC
TWIN = (OTHER_SLOT, BANK)


def ended_by_snapshot(network: Network) -> Rental:
    """A rental that ended because a snapshot of another station lists its power bank."""
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=10)
    network.report_snapshot(CIVIL, plus=TWIN)
    assert network.rental(rental).state is RentalState.COMPLETED
    return rental


def start_of_bank(network: Network) -> Rental:
    """Another customer's start for the power bank at the other station."""
    order = RentalOrder(CIVIL.sn, HOUR, BANK)
    caller = network.sessions[network.customer()].caller(network.world, *order.prefetch_keys())
    return starting.start(network.world, caller, order)


def doubtful_and_next_rental(network: Network) -> tuple[Rental, Rental]:
    """A rental that a snapshot ended, and another customer's start for its power bank 2 seconds ago."""
    first = ended_by_snapshot(network)
    network.fake_world.clock.advance(minutes=1)
    second = start_of_bank(network)
    assert second.powerbank_sn == BANK
    network.fake_world.clock.advance(seconds=2)
    return first, second


def list_in_two_places(network: Network) -> None:
    """Another station lists a power bank that nobody rented."""
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(CIVIL, plus=TWIN)


def test_a_bank_gone_again_from_another_station_is_its_customers(network: Network) -> None:
    rental = ended_by_snapshot(network)
    network.fake_world.clock.advance(minutes=20)
    network.report_snapshot(CIVIL)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.bank(BANK).custody is Custody.RENTED
    assert account(rental.user_id).open_rental_id == rental.rental_id
    assert network.books_balance()


def test_a_return_frame_at_another_station_leaves_no_doubt(network: Network, log_output: StringIO) -> None:
    rental = ended_by_snapshot(network)
    network.report_return(CIVIL, BANK, slot=OTHER_SLOT)
    network.fake_world.clock.advance(minutes=20)
    network.report_snapshot(CIVIL)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert alarms_count(log_output, Alarm.POWERBANK_VANISHED) == 1


def test_an_older_snapshot_that_comes_later_gives_nothing_back(network: Network) -> None:
    rental = ended_by_snapshot(network)
    network.fake_world.clock.advance(minutes=5)
    network.report_snapshot(CIVIL, at=network.world.now() - timedelta(minutes=8))
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.bank(BANK).custody is Custody.SLOT


def test_a_bank_that_leaves_days_later_is_not_given_back(network: Network, log_output: StringIO) -> None:
    rental = ended_by_snapshot(network)
    network.fake_world.clock.advance(hours=25)
    network.report_snapshot(CIVIL)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert alarms_count(log_output, Alarm.POWERBANK_VANISHED) == 1


def test_a_bank_that_its_station_does_not_find_is_still_the_first_customers(network: Network) -> None:
    first, second = doubtful_and_next_rental(network)
    network.report_eject(CIVIL, BANK, NOT_FOUND)
    assert network.rental(second).state is RentalState.FAILED
    assert network.fake_world.cabinets.checks == [CIVIL.imei]
    network.fake_world.clock.advance(seconds=10)
    network.report_snapshot(CIVIL)
    assert network.rental(second).state is RentalState.FAILED
    assert network.rental(first).state is RentalState.ACTIVE
    network.fake_world.clock.advance(minutes=1)
    network.report_return(LABIM, BANK)
    assert network.rental(second).state is RentalState.FAILED
    assert network.rental(first).state is RentalState.COMPLETED
    assert network.books_balance()


@pytest.mark.parametrize("found", [False, True])
@pytest.mark.parametrize("answer_first", [False, True])
def test_a_list_without_the_bank_and_the_answer_mean_the_same_in_any_order(
    network: Network, *, answer_first: bool, found: bool
) -> None:
    """Its station does not find the power bank for the next customer, or answers that it came out."""
    first, second = doubtful_and_next_rental(network)
    at = network.world.now()
    network.fake_world.clock.advance(seconds=20)
    for is_answer in (answer_first, not answer_first):
        if is_answer:
            network.report_eject(CIVIL, BANK, EJECTED if found else NOT_FOUND, at=at)
        else:
            network.report_snapshot(CIVIL, at=at + timedelta(seconds=10))
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(CIVIL)
    out, over = (second, first) if found else (first, second)
    assert network.rental(out).state is RentalState.ACTIVE
    assert network.rental(over).state is (RentalState.COMPLETED if found else RentalState.FAILED)
    assert network.bank(BANK).owner == (out.user_id, out.rental_id)
    assert found or account(second.user_id).wallet_paisa == 100_000
    network.report_return(LABIM, BANK)
    assert network.rental(out).state is RentalState.COMPLETED
    assert network.books_balance()


def test_a_customer_whose_command_was_not_sent_has_no_bank_that_is_gone(network: Network) -> None:
    first = ended_by_snapshot(network)
    network.fake_world.clock.advance(minutes=1)
    network.fake_world.cabinets.fails = Unavailable("iot")
    with pytest.raises(Problem, match="cabinet_unavailable"):
        start_of_bank(network)
    second = network.bank(BANK).last_owner
    assert second is not None
    assert second[0] != first.user_id
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(CIVIL)
    assert queries.read(*second).failure == "not_sent"
    assert account(second[0]).wallet_paisa == 100_000
    assert network.rental(first).state is RentalState.ACTIVE
    assert network.books_balance()


@pytest.mark.parametrize("source", ["return", "snapshot"])
def test_a_bank_that_its_station_did_not_find_and_is_elsewhere_costs_nothing(network: Network, source: str) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, BANK, NOT_FOUND)
    network.fake_world.clock.advance(minutes=3)
    if source == "return":
        network.report_return(CIVIL, BANK)
    else:
        network.report_snapshot(LABIM, without=BANK)
    assert network.rental(rental).state is RentalState.FAILED
    assert account(rental.user_id).wallet_paisa == 100_000
    assert network.bank(BANK).custody is (Custody.QUARANTINE if source == "return" else Custody.UNKNOWN)
    assert network.books_balance()


def test_a_bank_in_two_places_is_not_handed_out(network: Network) -> None:
    list_in_two_places(network)
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM)
    with pytest.raises(Problem, match="no_powerbank_available"):
        start_of_bank(network)


def test_a_bank_that_staff_moved_is_handed_out(network: Network) -> None:
    list_in_two_places(network)
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM, without=BANK)
    assert start_of_bank(network).powerbank_sn == BANK


def test_a_refusal_of_another_kind_ends_the_doubt(network: Network) -> None:
    first, second = doubtful_and_next_rental(network)
    network.report_eject(CIVIL, BANK, REFUSED)
    network.fake_world.clock.advance(minutes=1)
    network.report_eject(CIVIL, BANK, EJECTED)
    assert network.rental(first).state is RentalState.COMPLETED
    assert network.rental(second).state is RentalState.ACTIVE
    assert network.books_balance()


@pytest.mark.parametrize("answered", [False, True])
def test_a_bank_that_never_was_at_a_silent_station_costs_its_next_customer_nothing(
    network: Network, *, answered: bool
) -> None:
    """The first customer brings back the power bank, unless the silent station answers after all."""
    first, second = doubtful_and_next_rental(network)
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    assert network.rental(second).state is RentalState.FAILED
    network.fake_world.clock.advance(minutes=1)
    network.report_return(LABIM, BANK)
    assert network.bank(BANK).custody is Custody.QUARANTINE
    if answered:
        network.report_eject(CIVIL, BANK, EJECTED, at=second.requested_at + timedelta(seconds=2))
    assert network.rental(first).state is RentalState.COMPLETED
    assert network.rental(second).state is (RentalState.COMPLETED if answered else RentalState.FAILED)
    assert account(second.user_id).wallet_paisa == (99_500 if answered else 100_000)
    assert network.books_balance()
