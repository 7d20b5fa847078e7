"""Ejects without an answer: only another station lists the power bank, for a time, in a slot where it is not."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalPaymentStatus, RentalState
from chalicelib.services.rentals import due_times, dues, ejects, starting
from chalicelib.services.rentals.starting import RentalOrder
from tests.scenarios.deletion_scenario import delete_customer
from tests.scenarios.wrong_slot_scenario import paid_paisa, seconds
from tests.world.builders import CIVIL, LABIM, account
from tests.world.log_lines import alarms
from tests.world.network import EJECTED, HOUR, Network

NOT_FOUND, PRICE_PAISA = 0xFC, 2_000
TWIN, PLACE = "40818052", (LABIM.sn, 2)


def place(network: Network) -> tuple[str | None, int | None]:
    powerbank = network.bank(TWIN)
    return powerbank.station_sn, powerbank.slot_number


def ended_by_a_twin(network: Network) -> Rental:
    """An eject without an answer, whose power bank only another station lists."""
    rental = network.start(network.customer())
    assert rental.powerbank_sn == TWIN
    seconds(network, 700)
    ejects.sweep(network.world)
    seconds(network, 60)
    network.report_snapshot(CIVIL, plus=(8, TWIN))
    assert network.rental(rental).state is RentalState.COMPLETED
    return rental


def undone_by_a_twin(network: Network) -> Rental:
    """As `ended_by_a_twin`, and the other station lists the power bank no more."""
    rental = ended_by_a_twin(network)
    seconds(network, 600)
    network.report_snapshot(CIVIL)
    assert network.rental(rental).state is RentalState.ACTIVE
    return rental


def lost_to_a_twin(network: Network, *, pays: bool) -> Rental:
    """As `undone_by_a_twin`, and the power bank counts as lost since. `pays`: the customer pays its price."""
    rental = undone_by_a_twin(network)
    seconds(network, 26 * 3600)
    due_times.sweep(network.world)
    assert network.rental(rental).state is RentalState.LOST
    if pays:
        network.pay_topup(rental.user_id, network.open_topup(rental.user_id, 600_000), 600_000)
        dues.pay_due(network.world, network.sessions[rental.user_id].caller(network.world), rental.rental_id)
    return rental


def its_own_station_lists_it(network: Network) -> None:
    for _ in range(2):
        seconds(network, 600)
        network.report_snapshot(LABIM)


def test_a_bank_that_only_a_twin_had_out_costs_nothing(network: Network) -> None:
    rental = undone_by_a_twin(network)
    its_own_station_lists_it(network)
    ended, left = network.rental(rental), account(rental.user_id)
    assert (ended.state, ended.payment_status()) == (RentalState.FAILED, RentalPaymentStatus.REFUNDED)
    assert (paid_paisa(ended), left.open_rental_id, left.last_rental_at) == (0, None, None)
    assert (network.bank(TWIN).custody, network.bank(TWIN).owner, place(network)) == (Custody.SLOT, None, PLACE)
    assert network.books_balance()


@pytest.mark.parametrize("answered", [False, True])
def test_the_next_customer_at_the_station_of_a_twin_changes_nothing(network: Network, *, answered: bool) -> None:
    """`answered`: its own station answers meanwhile that the power bank came out."""
    rental = ended_by_a_twin(network)
    seconds(network, 60)
    order = RentalOrder(CIVIL.sn, HOUR, TWIN)
    caller = network.sessions[network.customer()].caller(network.world, *order.prefetch_keys())
    other = starting.start(network.world, caller, order)
    seconds(network, 2)
    if answered:
        network.report_eject(LABIM, TWIN, EJECTED)
    network.report_eject(CIVIL, TWIN, NOT_FOUND)
    seconds(network, 600)
    network.report_snapshot(CIVIL)
    assert (network.rental(rental).state, network.rental(other).state) == (RentalState.ACTIVE, RentalState.FAILED)
    its_own_station_lists_it(network)
    assert (paid_paisa(network.rental(rental)) > 0) is answered
    assert network.rental(rental).state is (RentalState.COMPLETED if answered else RentalState.FAILED)
    assert network.books_balance()


@pytest.mark.parametrize("pays", [False, True])
def test_a_lost_bank_that_only_a_twin_had_out_costs_nothing(network: Network, *, pays: bool) -> None:
    rental = lost_to_a_twin(network, pays=pays)
    its_own_station_lists_it(network)
    ended, left = network.rental(rental), account(rental.user_id)
    assert (ended.state, ended.payment_status()) == (RentalState.FAILED, RentalPaymentStatus.REFUNDED)
    assert (ended.due_paisa, left.spent_paisa) == (0, 0)
    assert (left.due_paisa, left.due_rental_id, left.lost_rental_ids) == (0, None, ())
    assert (network.bank(TWIN).custody, network.bank(TWIN).owner, place(network)) == (Custody.SLOT, None, PLACE)
    assert network.books_balance()


@pytest.mark.parametrize("pays", [False, True])
def test_a_lost_bank_that_its_own_station_does_not_find_costs_nothing(network: Network, *, pays: bool) -> None:
    rental = lost_to_a_twin(network, pays=pays)
    for _ in range(2):
        network.report_eject(LABIM, TWIN, NOT_FOUND)
    left = account(rental.user_id)
    assert network.rental(rental).state is RentalState.FAILED
    assert (left.spent_paisa, left.due_paisa, left.lost_rental_ids) == (0, 0, ())
    assert network.bank(TWIN).custody is Custody.UNKNOWN
    assert network.books_balance()


def test_the_price_of_a_bank_that_was_never_out_waits_for_an_operator_after_a_deletion(
    network: Network, log_output: StringIO
) -> None:
    rental = lost_to_a_twin(network, pays=True)
    network.deliver_messages()
    delete_customer(network, rental.user_id)
    its_own_station_lists_it(network)
    (alarm,) = alarms(log_output, Alarm.MONEY_FOR_DELETED_ACCOUNT)
    left = account(rental.user_id)
    assert alarm["amount_paisa"] == left.wallet_paisa + 10 * left.points == 500_000 + PRICE_PAISA
    assert network.rental(rental).state is RentalState.FAILED
    assert network.books_balance()


def test_a_lost_bank_that_its_own_station_had_shown_out_is_paid(network: Network) -> None:
    rental = lost_to_a_twin(network, pays=True)
    network.report_snapshot(LABIM, without=TWIN)
    its_own_station_lists_it(network)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert account(rental.user_id).spent_paisa > 0
    assert network.books_balance()


SHOWS_IT_OUT: dict[str, Callable[[Network], object]] = {
    "a list without it": lambda network: network.report_snapshot(LABIM, without=TWIN),
    "a slot change": lambda network: network.report_slot_change(LABIM, TWIN, slot=2),
    "an answer": lambda network: network.report_eject(LABIM, TWIN, EJECTED),
}


@pytest.mark.parametrize("shows_it_out", SHOWS_IT_OUT.values(), ids=SHOWS_IT_OUT)
def test_a_bank_that_its_own_station_shows_out_is_paid(
    network: Network, shows_it_out: Callable[[Network], object]
) -> None:
    rental = undone_by_a_twin(network)
    shows_it_out(network)
    its_own_station_lists_it(network)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert paid_paisa(network.rental(rental)) > 0
    assert network.books_balance()


def test_a_late_answer_that_it_came_out_is_paid(network: Network) -> None:
    rental = undone_by_a_twin(network)
    its_own_station_lists_it(network)
    network.report_eject(LABIM, TWIN, EJECTED, rental.requested_at + timedelta(seconds=2))
    assert network.rental(rental).state is RentalState.COMPLETED
    assert (network.bank(TWIN).custody, place(network)) == (Custody.SLOT, PLACE)
    assert network.books_balance()


@pytest.mark.parametrize("old_lists", [0, 1])
@pytest.mark.parametrize("empty_lists", [1, 3])
def test_a_bank_that_its_own_station_lists_no_more_while_the_rental_counts_as_completed_is_paid(
    network: Network, old_lists: int, empty_lists: int
) -> None:
    rental = ended_by_a_twin(network)
    for number in range(old_lists + empty_lists):
        seconds(network, 60)
        network.report_snapshot(LABIM, without=None if number < old_lists else TWIN)
    assert network.rental(rental).state is RentalState.COMPLETED
    seconds(network, 540)
    network.report_snapshot(CIVIL)
    assert network.rental(rental).state is RentalState.ACTIVE
    its_own_station_lists_it(network)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert paid_paisa(network.rental(rental)) > 0
    assert network.books_balance()


def test_a_bank_that_its_own_station_lists_while_the_rental_counts_as_completed_costs_nothing(
    network: Network,
) -> None:
    rental = ended_by_a_twin(network)
    seconds(network, 60)
    network.report_snapshot(LABIM)
    seconds(network, 540)
    network.report_snapshot(CIVIL)
    its_own_station_lists_it(network)
    assert (network.rental(rental).state, paid_paisa(rental)) == (RentalState.FAILED, 0)
    assert network.books_balance()


def test_a_rental_that_costs_nothing_after_all_earns_nothing(network: Network) -> None:
    rental = ended_by_a_twin(network)
    start = account(rental.user_id).points
    network.award_rental_points()
    assert account(rental.user_id).points == start + 10
    seconds(network, 600)
    network.report_snapshot(CIVIL)
    its_own_station_lists_it(network)
    network.award_rental_points()
    assert network.rental(rental).state is RentalState.FAILED
    assert paid_paisa(rental) == 0
    assert network.books_balance()
