"""The payment of a due while the rows that it writes change: the due is paid once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app import app
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.tables.dynamodb import shared_connection
from infra.local.seeds import seed
from tests.functions.customer.paying_a_due import DUE, WALLET, customer_with_due, is_paid_once, pay
from tests.world.builders import CIVIL, LABIM, account
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, PAY_AS_YOU_GO, Network
from tests.world.tokens import token_of

pytestmark = pytest.mark.long


@contextmanager
def before_next_write(do: Callable[[], object]) -> Iterator[None]:
    """Call `do` once, between a decision and its write."""
    pending = [do]

    def before(**_: Any) -> None:
        if pending:
            pending.pop()()

    events = shared_connection().client.meta.events
    events.register("before-call.dynamodb.TransactWriteItems", before)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", before)
    assert not pending


def unanswered_and_due(network: Network) -> tuple[str, Rental, Rental]:
    """A customer, a rental whose eject was never answered, and a later one that ended with a due."""
    user = network.customer(wallet_paisa=2_000)
    first = network.unanswered_start(user, LABIM)
    network.report_snapshot(CIVIL)
    second = network.rented(user, CIVIL, PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=61)
    network.report_return(CIVIL, second.powerbank_sn)
    return user, first, second


def test_a_return_of_another_rental_during_a_payment_is_counted(network: Network) -> None:
    user, first, second = unanswered_and_due(network)
    seed.fill_wallet(network.world, user, WALLET)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(hours=5)
    token = token_of(network, user)
    path = f"/api/rentals/{second.rental_id}/pay-due"
    with before_next_write(lambda: network.report_return(LABIM, first.powerbank_sn)):
        reply = request(app, "POST", path, {}, token=token)
    assert (reply.status, reply.data["account_unblocked"]) == (200, True)
    assert network.rental(first).state is RentalState.COMPLETED
    assert network.rental(first).late_fee_paisa > 0
    network.deliver_messages()
    assert is_paid_once(network, user, second)


def test_a_second_due_during_a_payment_keeps_the_user_blocked(network: Network) -> None:
    user, first, second = unanswered_and_due(network)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    seed.fill_wallet(network.world, user, DUE)
    network.fake_world.clock.advance(hours=5)
    token = token_of(network, user)
    path = f"/api/rentals/{second.rental_id}/pay-due"
    with before_next_write(lambda: network.report_return(LABIM, first.powerbank_sn)):
        reply = request(app, "POST", path, {}, token=token)
    assert (reply.status, reply.data["account_unblocked"]) == (200, False)
    assert account(user).due_rental_id == first.rental_id
    assert account(user).due_paisa == network.rental(first).due_paisa == 10_000
    network.deliver_messages()
    assert network.books_balance()


def test_of_two_payments_at_once_only_the_first_counts(network: Network) -> None:
    user, rental = customer_with_due(network)
    other = token_of(network, user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    token = token_of(network, user)
    with before_next_write(lambda: request(app, "POST", path, {}, token=other)):
        reply = request(app, "POST", path, {}, token=token)
    assert (reply.status, reply.code) == (409, "nothing_due")
    assert is_paid_once(network, user, rental)


def test_a_concurrent_request_with_the_same_key_is_in_progress(network: Network) -> None:
    user, rental = customer_with_due(network)
    first: list[Reply] = []
    token = token_of(network, user)
    path, headers = f"/api/rentals/{rental.rental_id}/pay-due", {"Idempotency-Key": "tap"}
    with before_next_write(lambda: first.append(request(app, "POST", path, {}, token=token, headers=headers))):
        second = request(app, "POST", path, {}, token=token, headers=headers)
    assert (first[0].status, second.code) == (200, "idempotency_in_progress")
    assert pay(network, user, rental).text == first[0].text
    assert is_paid_once(network, user, rental)
