"""The outcomes of an eject: settled once if it succeeded, released if it failed."""

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import ejects
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable
from tests.world.builders import CIVIL, LABIM, account
from tests.world.network import EJECTED, REFUSED, UNCLEAR, Network

PRICE = 2_000


def test_the_price_is_held_until_the_eject_and_settled_then(network: Network) -> None:
    user = network.customer()
    before = account(user)
    rental = network.start(user)
    account_in_between = account(user)
    assert rental.state is RentalState.STARTING
    assert account_in_between.held_paisa + account_in_between.held_points * 10 == PRICE
    assert account_in_between.wallet_paisa + account_in_between.held_paisa == before.wallet_paisa
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    after, out = account(user), network.rental(rental)
    assert out.state is RentalState.ACTIVE
    assert (after.held_paisa, after.held_points) == (0, 0)
    assert out.points_paid * 10 + out.wallet_paid_paisa == PRICE
    assert network.bank(rental.powerbank_sn).custody is Custody.RENTED
    assert network.books_balance()


def test_the_eject_is_published_once(network: Network) -> None:
    rental = network.start(network.customer())
    assert network.fake_world.cabinets.ejects == [(LABIM.imei, rental.powerbank_sn)]


def test_a_rejected_eject_releases_everything(network: Network) -> None:
    user = network.customer()
    before = account(user)
    rental = network.start(user)
    network.report_eject(LABIM, rental.powerbank_sn, REFUSED)
    after = account(user)
    assert network.rental(rental).state is RentalState.FAILED
    assert (after.wallet_paisa, after.points, after.open_rental_id) == (before.wallet_paisa, before.points, None)
    assert network.bank(rental.powerbank_sn).custody is Custody.SLOT
    assert network.books_balance()


def test_a_powerbank_whose_eject_failed_is_not_offered_at_once(network: Network) -> None:
    first = network.start(network.customer())
    network.report_eject(LABIM, first.powerbank_sn, REFUSED)
    network.fake_world.clock.advance(seconds=30)
    assert network.start(network.customer()).powerbank_sn != first.powerbank_sn


def test_an_ambiguous_result_decides_nothing(network: Network) -> None:
    rental = network.start(network.customer())
    network.report_eject(LABIM, rental.powerbank_sn, UNCLEAR)
    assert network.rental(rental).state is RentalState.STARTING


@pytest.mark.parametrize("failure", [Unavailable("iot"), Rejected("iot.device.Offline")])
def test_an_unsent_eject_fails_at_once(network: Network, failure: Exception) -> None:
    user = network.customer()
    network.fake_world.cabinets.fails = failure
    with pytest.raises(Problem, match="cabinet_unavailable"):
        network.start(user)
    assert account(user).held_paisa == 0
    assert account(user).open_rental_id is None
    assert network.books_balance()


def test_an_eject_that_may_have_been_sent_stays_open(network: Network) -> None:
    network.fake_world.cabinets.fails = OutcomeUnknown("timed out")
    rental = network.start(network.customer())
    assert network.rental(rental).state is RentalState.STARTING


def test_a_process_that_wakes_too_late_does_not_eject(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    network.fake_world.cabinets.ejects.clear()
    network.fake_world.clock.advance(seconds=30)
    ejects.eject_and_wait(network.world, rental)
    assert network.fake_world.cabinets.ejects == []


def test_an_eject_without_an_answer_is_settled_by_a_snapshot(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    network.fake_world.clock.advance(seconds=70)
    ejects.sweep(network.world)
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    network.report_snapshot(LABIM, without=rental.powerbank_sn)
    out = network.rental(rental)
    assert out.state is RentalState.ACTIVE
    assert out.points_paid * 10 + out.wallet_paid_paisa == PRICE
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert network.rental(rental) == out
    assert network.books_balance()


def test_a_snapshot_with_the_powerbank_releases_the_hold(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    network.fake_world.clock.advance(seconds=70)
    network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.FAILED
    assert account(user).held_paisa == 0
    assert network.books_balance()


def test_a_snapshot_soon_after_the_eject_proves_nothing(network: Network) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=4)
    network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.STARTING


def test_without_any_evidence_the_hold_is_released_after_ten_minutes(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    network.fake_world.clock.advance(minutes=9, seconds=59)
    ejects.sweep(network.world)
    assert network.rental(rental).state is RentalState.STARTING
    network.fake_world.clock.advance(seconds=31)
    ejects.sweep(network.world)
    assert network.rental(rental).state is RentalState.FAILED
    assert network.bank(rental.powerbank_sn).custody is Custody.UNKNOWN
    assert account(user).open_rental_id is None
    assert network.books_balance()


@pytest.mark.parametrize("wallet", [100_000, 0])
def test_an_eject_result_after_the_release_reopens_paid_or_due(network: Network, wallet: int) -> None:
    user = network.customer(wallet_paisa=wallet or 2_000)
    rental = network.unanswered_start(user)
    if not wallet:
        spend_everything(network, user)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    out = network.rental(rental)
    assert out.state is RentalState.ACTIVE
    assert account(user).open_rental_id == rental.rental_id
    assert out.payment_status() == ("paid" if wallet else "due")
    assert account(user).due_paisa == (0 if wallet else PRICE)
    assert network.bank(rental.powerbank_sn).custody is Custody.RENTED
    assert network.books_balance()


def test_a_rental_reopens_beside_a_newer_one(network: Network) -> None:
    user = network.customer()
    first = network.unanswered_start(user)
    second = network.rented(user, CIVIL)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    assert network.rental(first).state is RentalState.ACTIVE
    assert network.bank(first.powerbank_sn).rental_id == first.rental_id
    assert account(user).open_rental_id == second.rental_id
    assert account(user).reopened_rental_ids == (first.rental_id,)
    assert network.books_balance()


def test_an_eject_result_of_an_earlier_rental_starts_no_later_one(network: Network) -> None:
    first = network.start(network.customer())
    started_at = network.world.now()
    network.report_eject(LABIM, first.powerbank_sn, REFUSED)
    network.fake_world.clock.advance(minutes=15)
    network.report_snapshot(LABIM)
    second = network.start(network.customer())
    assert second.powerbank_sn == first.powerbank_sn
    network.report_eject(LABIM, second.powerbank_sn, EJECTED, at=started_at)
    network.report_eject(LABIM, second.powerbank_sn, REFUSED, at=started_at)
    assert network.rental(second).state is RentalState.STARTING


def spend_everything(network: Network, user: str) -> None:
    """Spend the wallet by a short rental at another station."""
    rental = network.rented(user, CIVIL)
    network.fake_world.clock.advance(seconds=20)
    network.report_return(CIVIL, rental.powerbank_sn)
    assert account(user).wallet_paisa * 1 < PRICE
