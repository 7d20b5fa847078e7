"""A cancellation whose response was lost: its retry with the same Idempotency-Key changes nothing again."""

import pytest

from app import app
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from tests.engines.faults import Crash
from tests.functions.customer.test_failed_retries import crash_at_storing_the_response
from tests.scenarios.second_eject_scenario import worth_paisa
from tests.world.builders import CIVIL, LABIM, account
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, Network
from tests.world.tokens import token_of


def cancel(network: Network, rental: Rental, key: str | None = "one tap") -> Reply:
    headers = {"Idempotency-Key": key} if key is not None else {}
    path, token = f"/api/rentals/{rental.rental_id}/cancel", token_of(network, rental.user_id)
    return request(app, "POST", path, {"reason": "wrong station"}, token=token, headers=headers)


def cancel_without_response(network: Network, rental: Rental) -> None:
    with crash_at_storing_the_response(), pytest.raises(Crash):
        cancel(network, rental)
    network.fake_world.clock.advance(minutes=1)


def test_a_retry_of_a_cancelled_start_answers_as_it_stands_and_gives_nothing_back_again(network: Network) -> None:
    user = network.customer()
    before = worth_paisa(user)
    rental = network.start(user)
    cancel_without_response(network, rental)
    for key in ("one tap", "one tap", "another tap", None):
        again = cancel(network, rental, key)
        assert (again.status, again.data["status"]) == (200, "cancelled")
    assert (worth_paisa(user), account(user).held_paisa) == (before, 0)
    network.report_snapshot(LABIM)
    assert network.books_balance()


def test_a_retry_after_a_cancelled_return_gives_the_price_back_once(network: Network) -> None:
    user = network.customer()
    before = worth_paisa(user)
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=2)
    network.report_return(CIVIL, rental.powerbank_sn)
    cancel_without_response(network, rental)
    assert [cancel(network, rental).data["status"] for _ in range(2)] == ["cancelled"] * 2
    assert worth_paisa(user) == before
    assert network.books_balance()


def test_a_retry_does_not_cancel_a_rental_that_goes_on(network: Network) -> None:
    """The power bank came out after all, so that the customer has it and pays for it."""
    rental = network.start(network.customer())
    cancel_without_response(network, rental)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    after = network.rental(rental)
    assert [cancel(network, rental).data["status"] for _ in range(2)] == ["active"] * 2
    assert network.rental(rental) == after
    network.report_return(CIVIL, rental.powerbank_sn)
    assert cancel(network, rental).status == 200
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.books_balance()
