"""Postpaid: nothing is charged before the return. Each started unit is due then, and blocks until it is paid."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import dues, ejects
from chalicelib.tables import accounts, postings
from chalicelib.tables.atomic import atomic
from infra.local.seeds import seed
from tests.world.builders import CIVIL, LABIM, account
from tests.world.network import EJECTED, PAY_AS_YOU_GO, REFUSED, Network

PRICE = 2_000


def rented(network: Network, user: str) -> Rental:
    return network.rented(user, package=PAY_AS_YOU_GO)


def kinds(user: str) -> list[PostingKind]:
    """The kinds of postings about rentals, oldest first."""
    match = postings.oldest(user, since=1, limit=100)
    return [posting.kind for posting in match if posting.kind not in (PostingKind.TOPUP, PostingKind.POINTS)]


def pay(network: Network, user: str, rental: Rental) -> dues.DuePayment:
    return dues.pay_due(network.world, network.sessions[user].caller(network.world), rental.rental_id)


@pytest.mark.parametrize("wallet", [0, 100_000])
def test_an_active_postpaid_rental_holds_and_posts_nothing(network: Network, wallet: int) -> None:
    user = network.customer(wallet_paisa=wallet)
    before = account(user)
    rental = network.start(user, package=PAY_AS_YOU_GO)
    assert (rental.held_paisa, rental.held_points, rental.payment_status()) == (0, 0, "pending")
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    out, after = network.rental(rental), account(user)
    assert (out.state, out.due_at, out.payment_status()) == (RentalState.ACTIVE, None, "pending")
    idle = replace(after, open_rental_id=None, last_rental_at=None, version=before.version)
    assert idle == before
    assert after.open_rental_id == rental.rental_id
    assert kinds(user) == []
    assert network.books_balance()


@pytest.mark.parametrize(
    ("used", "units"),
    [
        (timedelta(minutes=5), 0),
        (timedelta(minutes=5, seconds=1), 1),
        (timedelta(minutes=60), 1),
        (timedelta(minutes=60, seconds=1), 2),
        (timedelta(minutes=61), 2),
        (timedelta(days=2), 48),
    ],
)
def test_every_started_hour_is_due_at_return(network: Network, used: timedelta, units: int) -> None:
    user = network.customer()
    rental = rented(network, user)
    before = account(user)
    assert rental.started_at is not None
    network.fake_world.clock.at = rental.started_at + used
    network.report_return(LABIM, rental.powerbank_sn)
    ended, after = network.rental(rental), account(user)
    assert (ended.due_paisa, ended.late_fee_paisa, after.due_paisa) == (units * PRICE, 0, units * PRICE)
    assert (ended.state.value, ended.payment_status()) == (("due", "due") if units else ("completed", "paid"))
    assert (after.wallet_paisa, after.points) == (before.wallet_paisa, before.points)
    assert kinds(user) == [PostingKind.DUE] * bool(units)
    assert not ended.overdue(network.world.now())
    assert network.books_balance()


def test_a_due_blocks_until_it_is_paid(network: Network) -> None:
    user = network.customer()
    rental = rented(network, user)
    network.fake_world.clock.advance(minutes=30)
    network.report_return(LABIM, rental.powerbank_sn)
    before = account(user)
    for package in (PAY_AS_YOU_GO, "1-hour"):
        with pytest.raises(Problem, match="due_unpaid"):
            network.start(user, CIVIL, package)
    paid = pay(network, user, rental)
    assert (paid.rental.state, paid.rental.payment_status(), paid.unblocked) == (RentalState.COMPLETED, "paid", True)
    assert (paid.plan.points_used, paid.plan.total_paisa) == (before.points, PRICE)
    assert kinds(user) == [PostingKind.DUE, PostingKind.PAY_DUE]
    assert network.books_balance()
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(CIVIL)
    assert network.start(user, CIVIL).state is RentalState.STARTING


def test_postpaid_needs_no_money_but_every_other_condition(network: Network) -> None:
    user = network.customer(wallet_paisa=0)
    with pytest.raises(Problem, match="insufficient_funds"):
        network.start(user)
    for changed, code in (
        ({"profile_complete": False}, "profile_incomplete"),
        ({"open_rental_id": "another"}, "rental_open"),
    ):
        as_it_was = account(user)
        atomic(network.world, lambda ops, changed=changed: accounts.save(ops, replace(account(user), **changed)))  # type: ignore[misc]
        with pytest.raises(Problem, match=code):
            network.start(user, package=PAY_AS_YOU_GO)
        mended = {name: getattr(as_it_was, name) for name in changed}
        atomic(network.world, lambda ops, mended=mended: accounts.save(ops, replace(account(user), **mended)))  # type: ignore[misc]
    assert network.start(user, package=PAY_AS_YOU_GO).state is RentalState.STARTING
    assert network.books_balance()


def test_a_failed_postpaid_eject_leaves_no_posting(network: Network) -> None:
    user = network.customer()
    before = account(user)
    rental = network.start(user, package=PAY_AS_YOU_GO)
    network.report_eject(LABIM, rental.powerbank_sn, REFUSED)
    assert network.rental(rental).state is RentalState.FAILED
    assert replace(account(user), version=before.version) == before
    assert network.bank(rental.powerbank_sn).custody is Custody.SLOT
    assert network.books_balance()


def test_an_eject_result_after_the_release_reopens_without_a_charge(network: Network) -> None:
    user = network.customer()
    rental = network.start(user, package=PAY_AS_YOU_GO)
    started_at = network.world.now()
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    assert network.rental(rental).state is RentalState.FAILED
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED, at=started_at + timedelta(seconds=3))
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED, at=started_at + timedelta(seconds=3))
    out = network.rental(rental)
    assert (out.state, out.due_paisa, out.due_at) == (RentalState.ACTIVE, 0, None)
    assert kinds(user) == []
    assert network.books_balance()
    network.fake_world.clock.at = started_at + timedelta(seconds=3, minutes=61)
    network.report_return(LABIM, rental.powerbank_sn)
    assert network.rental(rental).due_paisa == 2 * PRICE
    assert network.books_balance()


def test_a_return_before_the_eject_result_ends_it_for_free(network: Network) -> None:
    user = network.customer()
    rental = network.start(user, package=PAY_AS_YOU_GO)
    network.fake_world.clock.advance(seconds=40)
    network.report_return(LABIM, rental.powerbank_sn)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert (network.rental(rental).state, account(user).due_paisa) == (RentalState.COMPLETED, 0)
    assert network.books_balance()


def test_a_return_reported_many_times_is_due_once_at_the_earliest_time(network: Network) -> None:
    user = network.customer()
    rental = rented(network, user)
    network.fake_world.clock.advance(minutes=55)
    network.report_snapshot(CIVIL)
    network.fake_world.clock.advance(minutes=20)
    network.report_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    network.report_return(CIVIL, rental.powerbank_sn)
    network.report_slot_change(CIVIL, rental.powerbank_sn)
    assert network.rental(rental).due_paisa == PRICE
    assert kinds(user) == [PostingKind.DUE]
    assert network.books_balance()


def test_a_rental_keeps_its_own_price_and_free_minutes(network: Network) -> None:
    quick, slow = network.customer(), network.customer()
    first, second = rented(network, quick), network.rented(slow, CIVIL, PAY_AS_YOU_GO)
    network.fake_world.settings = network.fake_world.settings.changed({"free_return_minutes": 0})
    network.fake_world.clock.advance(minutes=4)
    network.report_return(LABIM, first.powerbank_sn)
    assert network.rental(first).state is RentalState.COMPLETED
    network.fake_world.settings = network.fake_world.settings.changed({"free_return_minutes": 600})
    network.fake_world.clock.advance(minutes=10)
    network.report_return(CIVIL, second.powerbank_sn)
    assert network.rental(second).due_paisa == PRICE
    assert network.books_balance()


def test_only_the_last_of_two_payments_unblocks(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    first = network.unanswered_start(user, LABIM)
    network.report_snapshot(CIVIL)
    second = network.rented(user, CIVIL, PAY_AS_YOU_GO)
    network.fake_world.clock.advance(hours=2)
    network.report_return(CIVIL, second.powerbank_sn)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(hours=5)
    network.report_return(LABIM, first.powerbank_sn)
    assert account(user).due_paisa == 2 * PRICE + network.rental(first).late_fee_paisa > 2 * PRICE
    seed.fill_wallet(network.world, user, 100_000)
    assert [pay(network, user, rental).unblocked for rental in (second, first)] == [False, True]
    network.deliver_messages()
    assert network.books_balance()
