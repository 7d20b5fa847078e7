"""A cabinet answers that it does not find the power bank, before, after or beside other reports about it."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalPaymentStatus, RentalState
from chalicelib.services.rentals import dues, ejects
from tests.scenarios.wrong_slot_scenario import paid_paisa
from tests.world.builders import CIVIL, LABIM, account
from tests.world.network import EJECTED, HOUR, PAY_AS_YOU_GO, Network

BANK = "40818052"
NOT_FOUND = 0xFC
PRICE_PAISA = 2_000
ABSENT, REFUSED, CAME_OUT = "absent", "not found", "ejected"


def report(network: Network, what: str, at: datetime) -> None:
    if what == ABSENT:
        network.report_snapshot(LABIM, without=BANK, at=at)
    else:
        network.report_eject(LABIM, BANK, NOT_FOUND if what == REFUSED else EJECTED, at)


def started(network: Network, package: str = HOUR) -> Rental:
    rental = network.start(network.customer(), package=package)
    assert rental.powerbank_sn == BANK
    return rental


def reported(network: Network, rental: Rental, sent: tuple[str, ...], heard: tuple[str, ...]) -> Rental:
    """The rental after reports that the cabinet sent in one order and that arrived in another."""
    sent_at = {what: rental.requested_at + timedelta(seconds=2 + 3 * place) for place, what in enumerate(sent)}
    network.fake_world.clock.advance(seconds=60)
    for what in heard:
        report(network, what, sent_at[what])
    return network.rental(rental)


@pytest.mark.parametrize("package", [HOUR, PAY_AS_YOU_GO])
@pytest.mark.parametrize("heard", list(permutations((ABSENT, REFUSED))))
@pytest.mark.parametrize("sent", list(permutations((ABSENT, REFUSED))))
def test_a_bank_that_was_not_there_costs_nothing(
    network: Network, sent: tuple[str, ...], heard: tuple[str, ...], package: str
) -> None:
    rental = reported(network, started(network, package), sent, heard)
    assert (rental.state, rental.failure) == (RentalState.FAILED, "eject_refused_fc")
    assert rental.payment_status() is RentalPaymentStatus.REFUNDED
    assert paid_paisa(rental) == 0
    left = account(rental.user_id)
    assert (left.open_rental_id, left.last_rental_at, left.spent_paisa) == (None, None, 0)
    assert network.bank(BANK).custody is Custody.UNKNOWN
    assert LABIM.imei in network.fake_world.cabinets.checks
    assert network.books_balance()


@pytest.mark.parametrize("heard", list(permutations((ABSENT, REFUSED, CAME_OUT))))
@pytest.mark.parametrize("sent", list(permutations((ABSENT, REFUSED, CAME_OUT))))
def test_an_answer_that_the_bank_came_out_wins_in_any_order(
    network: Network, sent: tuple[str, ...], heard: tuple[str, ...]
) -> None:
    rental = reported(network, started(network), sent, heard)
    assert rental.state is RentalState.ACTIVE
    assert account(rental.user_id).open_rental_id == rental.rental_id
    assert paid_paisa(rental) == PRICE_PAISA
    assert network.bank(BANK).owner == (rental.user_id, rental.rental_id)
    assert network.books_balance()


@pytest.mark.parametrize("heard", list(permutations((REFUSED, CAME_OUT))))
@pytest.mark.parametrize("sent", list(permutations((REFUSED, CAME_OUT))))
def test_the_two_answers_alone_end_as_out(network: Network, sent: tuple[str, ...], heard: tuple[str, ...]) -> None:
    rental = reported(network, started(network), sent, heard)
    assert rental.state is RentalState.ACTIVE
    assert paid_paisa(rental) == PRICE_PAISA
    network.report_return(CIVIL, BANK)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.books_balance()


def test_a_repeated_not_found_gives_back_once(network: Network) -> None:
    rental = reported(network, started(network), (ABSENT, REFUSED), (ABSENT, REFUSED))
    for _ in range(3):
        report(network, REFUSED, network.world.now())
    assert network.rental(rental).state is RentalState.FAILED
    assert paid_paisa(rental) == 0
    assert network.books_balance()


def test_an_earlier_rental_keeps_its_place_in_the_account(network: Network) -> None:
    user = network.customer()
    earlier = network.rented(user, CIVIL)
    network.report_return(LABIM, earlier.powerbank_sn, 8)
    last_rental_at = account(user).last_rental_at
    network.fake_world.clock.advance(minutes=5)
    rental = network.start(user)
    reported(network, rental, (ABSENT, REFUSED), (ABSENT, REFUSED))
    assert account(user).last_rental_at == last_rental_at
    assert network.books_balance()


@pytest.mark.parametrize("pays_first", [False, True])
def test_a_due_of_a_reopened_rental_goes_with_it(network: Network, *, pays_first: bool) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental = network.start(user)
    bank = rental.powerbank_sn
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    other = network.rented(user, CIVIL)
    network.report_return(CIVIL, other.powerbank_sn, 8)
    network.report_snapshot(LABIM, without=bank)
    assert network.rental(rental).due_paisa == PRICE_PAISA
    if pays_first:
        network.pay_topup(user, network.open_topup(user))
        dues.pay_due(network.world, network.sessions[user].caller(network.world), rental.rental_id)
    before = account(user)
    network.report_eject(LABIM, bank, NOT_FOUND)
    left = account(user)
    assert network.rental(rental).state is RentalState.FAILED
    assert (left.due_paisa, left.due_rental_id, left.open_rental_id) == (0, None, None)
    given_back = left.wallet_paisa + left.points * 10 - before.wallet_paisa - before.points * 10
    assert given_back == (PRICE_PAISA if pays_first else 0)
    assert network.books_balance()


def test_an_answer_of_another_station_changes_no_rental(network: Network) -> None:
    rental = started(network)
    network.fake_world.clock.advance(seconds=20)
    report(network, ABSENT, network.world.now())
    network.report_eject(CIVIL, BANK, NOT_FOUND)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert paid_paisa(rental) == PRICE_PAISA
