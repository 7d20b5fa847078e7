"""A station reports a power bank in the slot that it is to leave, or has just left."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import ejects
from tests.world.builders import CIVIL, LABIM, account
from tests.world.log_lines import alarms_count
from tests.world.network import EJECTED, REFUSED, UNCLEAR, Network

SLOT = 2
SOURCES = ("return", "slot_change", "snapshot")
Report = tuple[str, int]
"""What the station says, and the platform's time of it in seconds after the start."""


def say(network: Network, rental: Rental, word: Report) -> None:
    what, seconds = word
    bank, at = rental.powerbank_sn, rental.requested_at + timedelta(seconds=seconds)
    sayings: dict[str, Callable[[], object]] = {
        "ejected": lambda: network.report_eject(LABIM, bank, EJECTED, at=at),
        "refused": lambda: network.report_eject(LABIM, bank, REFUSED, at=at),
        "unclear": lambda: network.report_eject(LABIM, bank, UNCLEAR, at=at),
        "return": lambda: network.report_return(LABIM, bank, SLOT, at=at),
        "slot_change": lambda: network.report_slot_change(LABIM, bank, SLOT, at=at),
        "snapshot": lambda: network.report_snapshot(LABIM, without=bank, plus=(SLOT, bank), at=at),
        "absent": lambda: network.report_snapshot(LABIM, without=bank, at=at),
        "old_list": lambda: network.report_snapshot(LABIM, at=at, read_at=rental.requested_at),
        "sweep": lambda: ejects.sweep(network.world),
    }
    sayings[what]()


def story(network: Network, words: tuple[Report, ...]) -> Rental:
    """The rental after the station said these words in this order, long after they were true."""
    rental = network.start(network.customer())
    network.fake_world.clock.advance(minutes=30)
    for word in words:
        say(network, rental, word)
    return network.rental(rental)


def paid_paisa(network: Network, rental: Rental) -> int:
    """What the customer is poorer by since the start, with points at their price. Nothing may be held."""
    account_now = account(rental.user_id)
    assert (account_now.held_paisa, account_now.held_points) == (0, 0)
    return 100_000 + 150 * 10 - account_now.wallet_paisa - account_now.points * 10


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("seconds", [1, 5, 20, 300])
def test_a_report_instead_of_the_answer_costs_nothing(network: Network, source: str, seconds: int) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=seconds)
    say(network, rental, (source, seconds))
    network.fake_world.clock.advance(minutes=2)
    say(network, rental, ("snapshot", seconds + 120))
    now = network.rental(rental)
    assert (now.state, now.ended_at) == (RentalState.FAILED, None)
    assert paid_paisa(network, rental) == 0
    bank = network.bank(rental.powerbank_sn)
    assert (bank.custody, bank.station_sn, bank.slot_number) == (Custody.SLOT, LABIM.sn, SLOT)
    assert network.books_balance()


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("reported", "answered"), [(2, 3), (20, 21), (5, 5), (30, 200)])
def test_a_later_eject_answer_wins(network: Network, source: str, reported: int, answered: int) -> None:
    rental = story(network, ((source, reported), ("ejected", answered)))
    assert (rental.state, rental.started_at) == (
        RentalState.ACTIVE,
        rental.requested_at + timedelta(seconds=answered),
    )
    assert network.bank(rental.powerbank_sn).custody is Custody.RENTED
    assert account(rental.user_id).open_rental_id == rental.rental_id
    assert paid_paisa(network, rental) == 2_000
    assert network.books_balance()


@pytest.mark.parametrize("words", list(itertools.permutations((("ejected", 5), ("return", 5)))))
def test_a_return_in_the_second_of_the_eject_is_checked(network: Network, words: tuple[Report, ...]) -> None:
    rental = story(network, words)
    assert rental.state is RentalState.ACTIVE
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    say(network, rental, ("snapshot", 60))
    ended = network.rental(rental)
    assert (ended.state, ended.ended_at) == (RentalState.COMPLETED, rental.started_at)
    assert network.books_balance()


@pytest.mark.parametrize("reported", [9, 40, 900])
def test_an_eject_before_the_return_frame_is_a_whole_rental(network: Network, reported: int) -> None:
    rental = story(network, (("return", reported), ("ejected", 2)))
    assert rental.state is RentalState.COMPLETED
    assert rental.ended_at == rental.requested_at + timedelta(seconds=reported)
    assert paid_paisa(network, rental) == 2_000
    bank = network.bank(rental.powerbank_sn)
    assert (bank.custody, bank.slot_number) == (Custody.SLOT, SLOT)
    assert network.books_balance()


WORDS: list[tuple[tuple[Report, ...], RentalState]] = [
    ((("ejected", 2), ("return", 40), ("slot_change", 41), ("snapshot", 42)), RentalState.COMPLETED),
    ((("ejected", 50), ("return", 3), ("slot_change", 20), ("snapshot", 42)), RentalState.ACTIVE),
    ((("ejected", 2), ("slot_change", 40)), RentalState.ACTIVE),
    ((("ejected", 2), ("slot_change", 40), ("slot_change", 60)), RentalState.COMPLETED),
    ((("ejected", 2), ("slot_change", 40), ("snapshot", 41)), RentalState.COMPLETED),
    ((("ejected", 2), ("snapshot", 30), ("snapshot", 60)), RentalState.COMPLETED),
    ((("ejected", 2), ("old_list", 30), ("old_list", 60)), RentalState.ACTIVE),
    ((("ejected", 2), ("old_list", 30), ("old_list", 60), ("absent", 70)), RentalState.ACTIVE),
    ((("ejected", 2), ("snapshot", 10), ("snapshot", 60), ("return", 70)), RentalState.COMPLETED),
    ((("absent", 20), ("return", 40), ("refused", 3)), RentalState.COMPLETED),
    ((("absent", 20), ("ejected", 2), ("unclear", 3)), RentalState.ACTIVE),
    ((("absent", 20), ("ejected", 2), ("snapshot", 60)), RentalState.ACTIVE),
    ((("absent", 20), ("snapshot", 60), ("snapshot", 61)), RentalState.COMPLETED),
    ((("ejected", 2), ("ejected", 9), ("return", 5)), RentalState.COMPLETED),
    ((("return", 1), ("refused", 2), ("snapshot", 60)), RentalState.FAILED),
    ((("return", 1), ("ejected", 2), ("refused", 3), ("sweep", 0)), RentalState.ACTIVE),
    ((("ejected", 2), ("return", 400), ("sweep", 0), ("snapshot", 500)), RentalState.COMPLETED),
    ((("snapshot", 30), ("slot_change", 40), ("sweep", 0)), RentalState.FAILED),
    ((("snapshot", 30), ("ejected", 40), ("sweep", 0), ("snapshot", 60)), RentalState.ACTIVE),
    ((("ejected", 5), ("return", 5), ("snapshot", 60)), RentalState.COMPLETED),
    ((("ejected", 5), ("return", 5), ("absent", 60)), RentalState.ACTIVE),
    ((("ejected", 5), ("slot_change", 5), ("snapshot", 7), ("snapshot", 60)), RentalState.COMPLETED),
    ((("ejected", 5), ("snapshot", 5), ("snapshot", 60)), RentalState.ACTIVE),
]
ORDERS = [
    pytest.param(
        order,
        state,
        id=f"{number}-" + "-".join(word[0] for word in order),
        marks=() if order == words else pytest.mark.long,
    )
    for number, (words, state) in enumerate(WORDS)
    for order in itertools.permutations(words)
]
"""Each list of words in every order. The quick tests try the order in which it is written."""


@pytest.mark.parametrize(("order", "state"), ORDERS)
def test_the_same_words_in_any_order_end_alike(
    network: Network, order: tuple[Report, ...], state: RentalState
) -> None:
    rental = story(network, (*order, *order))
    assert rental.state is state
    out_at = [seconds for what, seconds in order if what in ("ejected", "absent")]
    if state is not RentalState.FAILED:
        assert rental.started_at == rental.requested_at + timedelta(seconds=min(out_at))
    assert paid_paisa(network, rental) == (0 if state is RentalState.FAILED else 2_000)
    bank = network.bank(rental.powerbank_sn)
    assert bank.custody is (Custody.RENTED if state is RentalState.ACTIVE else Custody.SLOT)
    assert account(rental.user_id).open_rental_id == (rental.rental_id if state is RentalState.ACTIVE else None)
    assert network.books_balance()


def test_a_late_answer_charges_the_first_of_two_customers(network: Network) -> None:
    first = network.start(network.customer())
    network.fake_world.clock.advance(seconds=30)
    say(network, first, ("return", 20))
    network.fake_world.clock.advance(minutes=20)
    second = network.rented(network.customer())
    assert second.powerbank_sn == first.powerbank_sn
    say(network, first, ("ejected", 2))
    ended = network.rental(first)
    assert (ended.state, ended.ended_at) == (RentalState.COMPLETED, first.requested_at + timedelta(seconds=20))
    assert network.rental(second).state is RentalState.ACTIVE
    assert network.bank(first.powerbank_sn).rental_id == second.rental_id
    assert network.books_balance()


@pytest.mark.parametrize("state", [EJECTED, REFUSED])
def test_another_stations_answer_has_no_effect(network: Network, log_output: StringIO, state: int) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(CIVIL, rental.powerbank_sn, state)
    assert network.rental(rental).state is RentalState.STARTING
    assert network.bank(rental.powerbank_sn).custody is Custody.SLOT
    assert alarms_count(log_output, Alarm.EJECT_ANSWER_FOREIGN) == 1
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.books_balance()


def test_another_stations_answer_does_not_reopen_a_released_rental(network: Network, log_output: StringIO) -> None:
    rental = network.unanswered_start(network.customer())
    network.report_eject(CIVIL, rental.powerbank_sn, EJECTED)
    assert network.rental(rental).state is RentalState.FAILED
    assert alarms_count(log_output, Alarm.EJECT_ANSWER_FOREIGN) == 1
