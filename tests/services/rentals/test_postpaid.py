"""Postpaid: nothing is taken before the bank is back; each started unit is due then, and blocks until it is paid."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.powerbank import Custody
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import Rental, RentalState
from chalicelib.services.rentals import dues, ejects
from chalicelib.tables import accounts, postings
from chalicelib.tables.atomic import atomic
from infra.local import seed
from tests.builders import CIVIL, LABIM, account
from tests.street import EJECTED, PAY_AS_YOU_GO, REFUSED, Street

PRICE = 2_000


def rented(street: Street, user: str) -> Rental:
    return street.rented(user, package=PAY_AS_YOU_GO)


def kinds(user: str) -> list[PostingKind]:
    """Of the postings about rentals, oldest first."""
    found = postings.oldest(user, since=1, limit=100)
    return [posting.kind for posting in found if posting.kind not in (PostingKind.TOPUP, PostingKind.POINTS)]


def pay(street: Street, user: str, rental: Rental) -> dues.DuePaid:
    return dues.pay_due(street.world, street.sessions[user].caller(street.world), rental.rental_id)


@pytest.mark.parametrize("wallet", [0, 100_000])
def test_nothing_is_held_and_nothing_posted_while_the_bank_is_out(street: Street, wallet: int) -> None:
    user = street.customer(wallet_paisa=wallet)
    before = account(user)
    rental = street.start(user, package=PAY_AS_YOU_GO)
    assert (rental.held_paisa, rental.held_points, rental.payment_status()) == (0, 0, "pending")
    street.scene.clock.pass_(seconds=2)
    street.hear_eject(LABIM, rental.powerbank_sn, EJECTED)
    out, after = street.rental(rental), account(user)
    assert (out.state, out.due_at, out.payment_status()) == (RentalState.ACTIVE, None, "pending")
    idle = replace(after, open_rental_id=None, last_rental_at=None, version=before.version)
    assert idle == before
    assert after.open_rental_id == rental.rental_id
    assert kinds(user) == []
    assert street.books_balance()


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
def test_every_started_hour_is_due_at_return(street: Street, used: timedelta, units: int) -> None:
    user = street.customer()
    rental = rented(street, user)
    before = account(user)
    assert rental.started_at is not None
    street.scene.clock.at = rental.started_at + used
    street.hear_return(LABIM, rental.powerbank_sn)
    ended, after = street.rental(rental), account(user)
    assert (ended.due_paisa, ended.late_fee_paisa, after.due_paisa) == (units * PRICE, 0, units * PRICE)
    assert (ended.state.value, ended.payment_status()) == (("due", "due") if units else ("completed", "paid"))
    assert (after.wallet_paisa, after.points) == (before.wallet_paisa, before.points)
    assert kinds(user) == [PostingKind.DUE] * bool(units)
    assert not ended.overdue(street.world.now())
    assert street.books_balance()


def test_a_due_blocks_until_it_is_paid(street: Street) -> None:
    user = street.customer()
    rental = rented(street, user)
    street.scene.clock.pass_(minutes=30)
    street.hear_return(LABIM, rental.powerbank_sn)
    before = account(user)
    for package in (PAY_AS_YOU_GO, "1-hour"):
        with pytest.raises(Problem, match="due_unpaid"):
            street.start(user, CIVIL, package)
    paid = pay(street, user, rental)
    assert (paid.rental.state, paid.rental.payment_status(), paid.unblocked) == (RentalState.COMPLETED, "paid", True)
    assert (paid.plan.points_used, paid.plan.total_paisa) == (before.points, PRICE)
    assert kinds(user) == [PostingKind.DUE, PostingKind.PAY_DUE]
    assert street.books_balance()
    street.scene.clock.pass_(minutes=1)
    street.hear_snapshot(CIVIL)
    assert street.start(user, CIVIL).state is RentalState.STARTING


def test_an_empty_wallet_rents_postpaid_and_never_gets_round_the_other_conditions(street: Street) -> None:
    user = street.customer(wallet_paisa=0)
    with pytest.raises(Problem, match="insufficient_funds"):
        street.start(user)
    for changed, code in (
        ({"profile_complete": False}, "profile_incomplete"),
        ({"open_rental_id": "another"}, "rental_open"),
    ):
        as_it_was = account(user)
        atomic(street.world, lambda ops, changed=changed: accounts.save(ops, replace(account(user), **changed)))  # type: ignore[misc]
        with pytest.raises(Problem, match=code):
            street.start(user, package=PAY_AS_YOU_GO)
        mended = {name: getattr(as_it_was, name) for name in changed}
        atomic(street.world, lambda ops, mended=mended: accounts.save(ops, replace(account(user), **mended)))  # type: ignore[misc]
    assert street.start(user, package=PAY_AS_YOU_GO).state is RentalState.STARTING
    assert street.books_balance()


def test_an_eject_that_failed_leaves_no_trace_in_the_ledger(street: Street) -> None:
    user = street.customer()
    before = account(user)
    rental = street.start(user, package=PAY_AS_YOU_GO)
    street.hear_eject(LABIM, rental.powerbank_sn, REFUSED)
    assert street.rental(rental).state is RentalState.FAILED
    assert replace(account(user), version=before.version) == before
    assert street.bank(rental.powerbank_sn).custody is Custody.SLOT
    assert street.books_balance()


def test_an_answer_after_the_release_reopens_it_and_charges_nothing_then(street: Street) -> None:
    user = street.customer()
    rental = street.start(user, package=PAY_AS_YOU_GO)
    asked = street.world.now()
    street.scene.clock.pass_(minutes=11)
    ejects.sweep(street.world)
    assert street.rental(rental).state is RentalState.FAILED
    street.hear_eject(LABIM, rental.powerbank_sn, EJECTED, at=asked + timedelta(seconds=3))
    street.hear_eject(LABIM, rental.powerbank_sn, EJECTED, at=asked + timedelta(seconds=3))
    out = street.rental(rental)
    assert (out.state, out.due_paisa, out.due_at) == (RentalState.ACTIVE, 0, None)
    assert kinds(user) == []
    assert street.books_balance()
    street.scene.clock.at = asked + timedelta(seconds=3, minutes=61)
    street.hear_return(LABIM, rental.powerbank_sn)
    assert street.rental(rental).due_paisa == 2 * PRICE
    assert street.books_balance()


def test_a_return_before_the_ejects_confirmation_ends_it_for_nothing(street: Street) -> None:
    user = street.customer()
    rental = street.start(user, package=PAY_AS_YOU_GO)
    street.scene.clock.pass_(seconds=40)
    street.hear_return(LABIM, rental.powerbank_sn)
    street.hear_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert (street.rental(rental).state, account(user).due_paisa) == (RentalState.COMPLETED, 0)
    assert street.books_balance()


def test_a_return_told_many_times_is_due_once_and_the_doubt_is_the_customers(street: Street) -> None:
    user = street.customer()
    rental = rented(street, user)
    street.scene.clock.pass_(minutes=55)
    street.hear_snapshot(CIVIL)
    street.scene.clock.pass_(minutes=20)
    street.hear_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    street.hear_return(CIVIL, rental.powerbank_sn)
    street.hear_change(CIVIL, rental.powerbank_sn)
    assert street.rental(rental).due_paisa == PRICE
    assert kinds(user) == [PostingKind.DUE]
    assert street.books_balance()


def test_a_rental_keeps_the_price_and_the_free_minutes_it_began_under(street: Street) -> None:
    quick, slow = street.customer(), street.customer()
    first, second = rented(street, quick), street.rented(slow, CIVIL, PAY_AS_YOU_GO)
    street.scene.settings = street.scene.settings.changed({"free_return_minutes": 0})
    street.scene.clock.pass_(minutes=4)
    street.hear_return(LABIM, first.powerbank_sn)
    assert street.rental(first).state is RentalState.COMPLETED
    street.scene.settings = street.scene.settings.changed({"free_return_minutes": 600})
    street.scene.clock.pass_(minutes=10)
    street.hear_return(CIVIL, second.powerbank_sn)
    assert street.rental(second).due_paisa == PRICE
    assert street.books_balance()


def test_of_two_dues_only_the_last_unblocks(street: Street) -> None:
    user = street.customer(wallet_paisa=2_000)
    first = street.given_up(user, LABIM)
    street.hear_snapshot(CIVIL)
    second = street.rented(user, CIVIL, PAY_AS_YOU_GO)
    street.scene.clock.pass_(hours=2)
    street.hear_return(CIVIL, second.powerbank_sn)
    street.hear_eject(LABIM, first.powerbank_sn, EJECTED)
    street.scene.clock.pass_(hours=5)
    street.hear_return(LABIM, first.powerbank_sn)
    assert account(user).due_paisa == 2 * PRICE + street.rental(first).late_fee_paisa > 2 * PRICE
    seed.fill_wallet(street.world, user, 100_000)
    assert [pay(street, user, one).unblocked for one in (second, first)] == [False, True]
    street.hear_messages()
    assert street.books_balance()
