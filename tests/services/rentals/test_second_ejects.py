"""After an eject that failed for certain, the station ejects the next best power bank once, on the same rental."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import ejects
from chalicelib.tables.stations import StationRow
from chalicelib.world import Unavailable
from chalicelib.world.time_left import limited_to
from tests.scenarios.second_eject_scenario import refused, with_second_ejects, worth_paisa
from tests.scenarios.swap_scenario import bring_back, ejected, reported, wallet
from tests.services.rentals.test_cancelling import cancel
from tests.world.builders import LABIM, account
from tests.world.network import EJECTED, REFUSED, UNCLEAR, Network
from tests.world.tokens import token_of

PRICE, NOT_FOUND = 2_000, 0xFC


@pytest.fixture
def network(network: Network) -> Network:
    """A network whose stations try a second power bank."""
    return with_second_ejects(network)


@pytest.mark.parametrize("state", [REFUSED, NOT_FOUND])
def test_a_refused_eject_is_tried_with_the_next_best_power_bank(network: Network, state: int) -> None:
    first, second = refused(network, state)
    assert (second.state, second.rental_id) == (RentalState.STARTING, first.rental_id)
    assert second.powerbank_sn != first.powerbank_sn
    assert ejected(network) == [first.powerbank_sn, second.powerbank_sn]
    assert second.requested_at - first.requested_at == timedelta(seconds=5)
    assert network.world.now() >= second.requested_at
    assert (second.held_paisa, second.held_points) == (first.held_paisa, first.held_points)
    assert network.bank(second.powerbank_sn).owner == (first.user_id, first.rental_id)
    assert network.bank(first.powerbank_sn).owner is None
    network.report_eject(LABIM, second.powerbank_sn, EJECTED)
    out = network.rental(first)
    assert (out.state, out.points_paid * 10 + out.wallet_paid_paisa) == (RentalState.ACTIVE, PRICE)
    assert network.books_balance()


def test_a_second_refusal_gives_everything_back(network: Network) -> None:
    user = network.customer()
    before = worth_paisa(user)
    first = network.start(user)
    network.report_eject(LABIM, first.powerbank_sn, REFUSED)
    second = network.rental(first)
    network.report_eject(LABIM, second.powerbank_sn, REFUSED)
    failed = network.rental(first)
    assert (failed.state, failed.failure) == (RentalState.FAILED, "eject_refused_00")
    assert (worth_paisa(user), account(user).held_paisa, account(user).open_rental_id) == (before, 0, None)
    assert len(ejected(network)) == 2
    assert network.books_balance()


def test_a_repeated_refusal_ejects_no_third_power_bank(network: Network) -> None:
    first, second = refused(network)
    for state in (REFUSED, NOT_FOUND, REFUSED):
        network.report_eject(LABIM, first.powerbank_sn, state)
    assert network.rental(first) == second
    assert len(ejected(network)) == 2


def test_the_customer_waits_for_the_second_power_bank_in_the_same_request(network: Network) -> None:
    network.fake_world.settings = network.fake_world.settings.changed({"eject_wait_seconds": 10})
    network.fake_world.on_pause = lambda: answer(network)
    rental = network.start(network.customer())
    assert (rental.state, len(rental.superseded_ejects)) == (RentalState.ACTIVE, 1)
    assert network.books_balance()


def answer(network: Network) -> None:
    """The cabinet refuses the first eject and lets the second power bank out."""
    network.fake_world.on_pause = None
    sent = ejected(network)
    network.report_eject(LABIM, sent[-1], REFUSED if len(sent) == 1 else EJECTED)
    network.fake_world.on_pause = lambda: answer(network)


def test_an_outage_of_the_cloud_sets_no_power_bank_back(network: Network) -> None:
    """Another command would go through the same cloud, and the power bank was never asked to come out."""
    network.fake_world.cabinets.fails = Unavailable("iot")
    user = network.customer()
    with pytest.raises(Problem, match="cabinet_unavailable"):
        network.start(user)
    (unsent,) = ejected(network)
    network.fake_world.cabinets.fails = None
    network.fake_world.clock.advance(seconds=10)
    assert network.start(user).powerbank_sn == unsent
    assert network.books_balance()


def test_an_eject_without_a_clear_answer_orders_no_second_one(network: Network) -> None:
    first = network.start(network.customer())
    network.report_eject(LABIM, first.powerbank_sn, UNCLEAR)
    network.fake_world.clock.advance(seconds=30)
    ejects.sweep(network.world)
    assert len(ejected(network)) == 1
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    network.report_snapshot(LABIM)
    assert network.rental(first).state is RentalState.FAILED
    assert len(ejected(network)) == 1


@pytest.mark.parametrize("reason", ["late", "no other", "maintenance"])
def test_without_a_second_power_bank_in_time_the_hold_is_released(network: Network, reason: str) -> None:
    first = network.start(network.customer())
    if reason == "late":
        network.fake_world.clock.advance(seconds=11)
    elif reason == "no other":
        network.fake_world.settings = network.fake_world.settings.changed({"powerbank_min_percent": 100})
    else:
        StationRow.get(LABIM.sn).update([StationRow.maintenance.set(True)])
    network.report_eject(LABIM, first.powerbank_sn, REFUSED)
    assert network.rental(first).state is RentalState.FAILED
    assert len(ejected(network)) == 1
    assert network.books_balance()


def test_a_rental_that_is_cancelled_in_the_pause_ejects_nothing_more(network: Network) -> None:
    first = network.start(network.customer())
    token = token_of(network, first.user_id)

    def cancel_in_pause() -> None:
        cancel(network, first, token)

    network.fake_world.on_pause = cancel_in_pause
    network.report_eject(LABIM, first.powerbank_sn, REFUSED)
    network.fake_world.on_pause = None
    assert network.rental(first).state is RentalState.CANCELLED
    assert ejected(network) == [first.powerbank_sn]
    assert network.books_balance()


def test_the_station_takes_no_other_start_before_the_second_answer(network: Network) -> None:
    first, second = refused(network)
    with pytest.raises(Problem, match="station_busy"):
        network.start(network.customer())
    network.report_eject(LABIM, second.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(seconds=5)
    assert network.start(network.customer()).powerbank_sn not in (first.powerbank_sn, second.powerbank_sn)


def test_a_swap_tries_a_second_power_bank_too(network: Network) -> None:
    first = reported(network)
    starting = bring_back(network, first)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, starting.powerbank_sn, REFUSED)
    again = network.rental(first)
    assert again.state is RentalState.STARTING
    assert ejected(network) == [starting.powerbank_sn, again.powerbank_sn]
    assert len({first.powerbank_sn, starting.powerbank_sn, again.powerbank_sn}) == 3
    network.report_eject(LABIM, again.powerbank_sn, EJECTED)
    out = network.rental(first)
    assert (out.state, out.due_at) == (RentalState.ACTIVE, first.due_at)
    assert network.books_balance()


def test_a_swap_whose_ejects_both_fail_gives_everything_back(network: Network) -> None:
    first = reported(network)
    for _ in range(2):
        starting = bring_back(network, first) if len(ejected(network)) == 0 else network.rental(first)
        network.report_eject(LABIM, starting.powerbank_sn, REFUSED)
    assert (network.rental(first).state, wallet(first)) == (RentalState.FAILED, 100_000)
    assert network.books_balance()


@pytest.mark.parametrize("state", [0xFD, 0xFE])
def test_a_busy_cabinet_ejects_no_other_power_bank(network: Network, state: int) -> None:
    """It may still work on this eject, whose command came twice."""
    first, after = refused(network, state)
    assert (after.state, after.superseded_ejects) == (RentalState.FAILED, ())
    assert ejected(network) == [first.powerbank_sn]
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    assert network.rental(first).state is RentalState.ACTIVE
    assert network.books_balance()


def test_a_run_without_time_left_sends_no_second_eject(network: Network) -> None:
    with limited_to(SecondsLeft(10)):
        first, second = refused(network)
    assert second.powerbank_sn != first.powerbank_sn
    assert ejected(network) == [first.powerbank_sn]
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    assert network.rental(first).state is RentalState.FAILED
    assert account(first.user_id).held_paisa == 0


@dataclass
class SecondsLeft:
    """A Lambda context with so much time."""

    seconds: int

    def get_remaining_time_in_millis(self) -> int:
        return self.seconds * 1000
