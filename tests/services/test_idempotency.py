"""Idempotency keys: a repeated request has one effect and one response, and another request is rejected."""

import pytest

from chalicelib.domain.operations.idempotency import IdempotencyKey, StoredResponse
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import caller as callers
from chalicelib.services import idempotency
from chalicelib.services.caller import Caller
from chalicelib.services.rentals import dues, starting
from chalicelib.services.rentals.starting import RentalOrder
from infra.local.seeds import seed
from tests.world.builders import LABIM, account
from tests.world.network import Network

ORDER = RentalOrder(LABIM.sn, "1-hour")
KEY = IdempotencyKey("POST /api/rentals/start", "tap", "fingerprint")


def ask(network: Network, user: str, idempotency_key: IdempotencyKey = KEY) -> Caller:
    session = network.sessions[user]
    claims = {"sub": session.user_id, "sid": session.session_id}
    return callers.authenticate(
        network.world, claims=claims, prefetch=ORDER.prefetch_keys(), idempotency_key=idempotency_key
    )


def started(network: Network, user: str) -> str:
    """A start with a stored response."""
    caller = ask(network, user)
    rental = starting.start(network.world, caller, ORDER)
    assert caller.idempotency is not None
    idempotency.store_response(caller.idempotency, StoredResponse(201, '{"id":1}'))
    return rental.rental_id


def test_a_repeated_request_gets_the_same_response(network: Network) -> None:
    user = network.customer()
    started(network, user)
    assert ask(network, user).replay == StoredResponse(201, '{"id":1}')
    assert len(network.fake_world.cabinets.ejects) == 1


def test_another_request_with_the_key_is_rejected(network: Network) -> None:
    user = network.customer()
    started(network, user)
    with pytest.raises(Problem, match="idempotency_key_reused"):
        ask(network, user, IdempotencyKey(KEY.route, KEY.key, "another"))


def test_a_key_belongs_to_one_user_and_route(network: Network) -> None:
    user = network.customer()
    started(network, user)
    assert ask(network, network.customer()).replay is None
    assert ask(network, user, IdempotencyKey("POST /api/elsewhere", KEY.key, KEY.fingerprint)).replay is None


def test_a_second_request_waits_while_the_first_runs(network: Network) -> None:
    user = network.customer()
    starting.start(network.world, ask(network, user), ORDER)
    with pytest.raises(Problem, match="idempotency_in_progress") as refusal:
        ask(network, user)
    assert refusal.value.retry_after_seconds


def test_two_concurrent_requests_have_one_effect(network: Network) -> None:
    user = network.customer()
    first, second = ask(network, user), ask(network, user)
    starting.start(network.world, first, ORDER)
    with pytest.raises(Problem, match="idempotency_in_progress"):
        starting.start(network.world, second, ORDER)
    assert len(network.fake_world.cabinets.ejects) == 1
    assert network.books_balance()


def test_a_request_without_a_response_is_taken_up_again(network: Network) -> None:
    user = network.customer()
    rental = starting.start(network.world, ask(network, user), ORDER)
    network.fake_world.clock.advance(seconds=61)
    again = ask(network, user)
    assert again.idempotency is not None
    assert again.idempotency.resource_id == rental.rental_id
    assert starting.start(network.world, again, ORDER).rental_id == rental.rental_id
    assert len(network.fake_world.cabinets.ejects) == 1


def test_a_rejected_request_does_not_use_up_its_key(network: Network) -> None:
    user = network.customer(wallet_paisa=0)
    with pytest.raises(Problem, match="insufficient_funds"):
        starting.start(network.world, ask(network, user), ORDER)
    seed.fill_wallet(network.world, user, 100_000)
    assert starting.start(network.world, ask(network, user), ORDER).rental_id == account(user).open_rental_id


def test_a_key_expires_after_a_week(network: Network) -> None:
    user = network.customer()
    started(network, user)
    network.fake_world.clock.advance(days=7)
    network.sessions[user] = network.sessions[user]
    caller = ask(network, user)
    assert (caller.replay, caller.idempotency and caller.idempotency.resource_id) == (None, None)


def test_a_payment_without_a_response_is_returned_as_made(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental = network.rented(user)
    network.fake_world.clock.advance(hours=4)
    network.report_return(LABIM, rental.powerbank_sn)
    seed.fill_wallet(network.world, user, 100_000)
    idempotency_key = IdempotencyKey("POST /api/rentals/{rental_id}/pay-due", "tap", "fingerprint")
    paid = dues.pay_due(network.world, ask(network, user, idempotency_key), rental.rental_id)
    network.fake_world.clock.advance(seconds=61)
    before = account(user)
    again = dues.pay_due(network.world, ask(network, user, idempotency_key), rental.rental_id)
    assert (again.plan, again.rental.due_paisa, again.unblocked) == (paid.plan, 0, True)
    assert account(user) == before
