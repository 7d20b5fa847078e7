"""The same request again: the same answer, one effect; the same key with another request: refused."""

import pytest

from chalicelib.domain.idempotency import Answered, OnceAsked
from chalicelib.domain.problems import Problem
from chalicelib.services import caller as callers
from chalicelib.services import idempotency
from chalicelib.services.caller import Caller
from chalicelib.services.rentals import dues, starting
from chalicelib.services.rentals.starting import Order
from infra.local import seed
from tests.builders import LABIM, account
from tests.street import Street

ORDER = Order(LABIM.sn, "1-hour")
ASKED = OnceAsked("POST /api/rentals/start", "tap", "fingerprint")


def ask(street: Street, user: str, asked: OnceAsked = ASKED) -> Caller:
    session = street.sessions[user]
    claims = {"sub": session.user_id, "sid": session.session_id}
    return callers.authenticate(street.world, claims=claims, also=ORDER.reads(), once=asked)


def started(street: Street, user: str) -> str:
    """A start whose answer was kept."""
    caller = ask(street, user)
    rental = starting.start(street.world, caller, ORDER)
    assert caller.once is not None
    idempotency.keep(street.world, caller.once, Answered(201, '{"id":1}'))
    return rental.rental_id


def test_the_same_request_is_answered_again_with_the_same_words(street: Street) -> None:
    user = street.customer()
    started(street, user)
    assert ask(street, user).replay == Answered(201, '{"id":1}')
    assert len(street.scene.cabinets.ejects) == 1


def test_another_request_with_the_key_is_refused(street: Street) -> None:
    user = street.customer()
    started(street, user)
    with pytest.raises(Problem, match="idempotency_key_reused"):
        ask(street, user, OnceAsked(ASKED.route, ASKED.key, "another"))


def test_a_key_is_one_users_and_one_routes(street: Street) -> None:
    user = street.customer()
    started(street, user)
    assert ask(street, street.customer()).replay is None
    assert ask(street, user, OnceAsked("POST /api/elsewhere", ASKED.key, ASKED.fingerprint)).replay is None


def test_while_the_first_runs_the_second_is_told_to_wait(street: Street) -> None:
    user = street.customer()
    starting.start(street.world, ask(street, user), ORDER)
    with pytest.raises(Problem, match="idempotency_in_progress") as refusal:
        ask(street, user)
    assert refusal.value.retry_after_seconds


def test_two_at_once_are_one(street: Street) -> None:
    user = street.customer()
    first, second = ask(street, user), ask(street, user)
    starting.start(street.world, first, ORDER)
    with pytest.raises(Problem, match="idempotency_in_progress"):
        starting.start(street.world, second, ORDER)
    assert len(street.scene.cabinets.ejects) == 1
    assert street.books_balance()


def test_a_request_that_died_unanswered_is_taken_up_again(street: Street) -> None:
    user = street.customer()
    rental = starting.start(street.world, ask(street, user), ORDER)
    street.scene.clock.pass_(seconds=61)
    again = ask(street, user)
    assert again.once is not None
    assert again.once.ref == rental.rental_id
    assert starting.start(street.world, again, ORDER).rental_id == rental.rental_id
    assert len(street.scene.cabinets.ejects) == 1


def test_a_refused_request_does_not_use_up_its_key(street: Street) -> None:
    user = street.customer(wallet_paisa=0)
    with pytest.raises(Problem, match="insufficient_funds"):
        starting.start(street.world, ask(street, user), ORDER)
    seed.fill_wallet(street.world, user, 100_000)
    assert starting.start(street.world, ask(street, user), ORDER).rental_id == account(user).open_rental_id


def test_a_key_is_forgotten_after_a_week(street: Street) -> None:
    user = street.customer()
    started(street, user)
    street.scene.clock.pass_(days=7)
    street.sessions[user] = street.sessions[user]
    found = ask(street, user)
    assert (found.replay, found.once and found.once.ref) == (None, None)


def test_a_payment_that_died_unanswered_is_told_as_it_was_made(street: Street) -> None:
    user = street.customer(wallet_paisa=2_000)
    rental = street.rented(user)
    street.scene.clock.pass_(hours=4)
    street.hear_return(LABIM, rental.powerbank_sn)
    seed.fill_wallet(street.world, user, 100_000)
    asked = OnceAsked("POST /api/rentals/{rental_id}/pay-due", "tap", "fingerprint")
    paid = dues.pay_due(street.world, ask(street, user, asked), rental.rental_id)
    street.scene.clock.pass_(seconds=61)
    before = account(user)
    again = dues.pay_due(street.world, ask(street, user, asked), rental.rental_id)
    assert (again.plan, again.rental.due_paisa, again.unblocked) == (paid.plan, 0, True)
    assert account(user) == before
