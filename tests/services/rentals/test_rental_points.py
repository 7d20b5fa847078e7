"""Points for rentals: 5 for a completed one and 5 more for a return in time, each once."""

from itertools import permutations
from typing import Any

import pytest

from app import app
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services import outbox
from chalicelib.services.rentals import due_times
from chalicelib.services.rewards import completed_rentals, rental_points
from chalicelib.services.rewards import messages as points_messages
from chalicelib.tables.outbox import OutboxRow
from tests.scenarios.swap_scenario import bring_back
from tests.world.builders import CIVIL, LABIM, account
from tests.world.http_client import request
from tests.world.network import EJECTED, PAY_AS_YOU_GO, Network
from tests.world.tokens import token_of


def renter(network: Network) -> str:
    """A customer who has all points of the registration and of the top-up."""
    user_id = network.customer()
    network.deliver_messages()
    return user_id


def returned_after(network: Network, **time: int) -> Rental:
    rental = network.rented(renter(network))
    network.fake_world.clock.advance(**time)
    return bring_back(network, rental)


def messages(network: Network) -> list[dict[str, Any]]:
    """The messages about returned rentals in the queue of points."""
    bodies = network.fake_world.queues.take(outbox.POINTS)
    return [dict(body) for body in bodies if body["source"] == completed_rentals.RETURNED]


def deliver(network: Network, bodies: list[dict[str, Any]]) -> None:
    for body in bodies:
        rental_points.award(network.world, body)


def earned(rental: Rental) -> int:
    return account(rental.user_id).points_earned


def test_a_return_in_time_earns_ten_points_once(network: Network) -> None:
    rental = returned_after(network, minutes=30)
    start = earned(rental)
    bodies = messages(network)
    assert len(bodies) == 1
    deliver(network, bodies * 2)
    assert earned(rental) - start == 10
    network.deliver_messages()
    assert (earned(rental) - start, account(rental.user_id).on_time_count) == (10, 1)
    assert network.books_balance()


def test_one_message_awards_the_points_and_an_hour_later_the_achievement(network: Network) -> None:
    """The customer could cancel a short rental for an hour, so that an achievement waits."""
    rental = returned_after(network, minutes=30)
    start = earned(rental)
    (body,) = messages(network)
    (row,) = [row for row in OutboxRow.scan() if row.queue == outbox.POINTS]
    assert (row.message_id, row.body) == (body["message_id"], body)
    points_messages.handle(network.world, body)
    points_messages.handle(network.world, body)
    assert earned(rental) - start == 10
    network.fake_world.clock.advance(minutes=59)
    outbox.sweep(network.world)
    assert messages(network) == []
    network.fake_world.clock.advance(minutes=1)
    outbox.sweep(network.world)
    (again,) = messages(network)
    points_messages.handle(network.world, again)
    assert earned(rental) - start == 10 + 50
    assert [row.queue for row in OutboxRow.scan() if row.queue == outbox.POINTS] == []


def test_a_lost_message_is_sent_again(network: Network) -> None:
    rental = returned_after(network, minutes=30)
    start = earned(rental)
    messages(network)
    network.deliver_messages()
    assert earned(rental) - start == 10


def test_a_late_return_earns_five_points(network: Network) -> None:
    rental = returned_after(network, hours=3)
    start = earned(rental)
    network.deliver_messages()
    assert (earned(rental) - start, account(rental.user_id).late_count) == (5, 1)
    assert network.books_balance()


def test_a_postpaid_return_earns_ten_points_before_it_is_paid(network: Network) -> None:
    rental = network.rented(renter(network), package=PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=30)
    start = earned(rental)
    assert bring_back(network, rental).state == "due"
    network.deliver_messages()
    assert earned(rental) - start == 10
    assert network.books_balance()


def test_a_lost_powerbank_that_is_found_earns_five_points(network: Network) -> None:
    rental = network.rented(renter(network))
    start = earned(rental)
    network.fake_world.clock.advance(hours=26)
    due_times.sweep(network.world)
    network.deliver_messages()
    assert (network.rental(rental).state, earned(rental)) == ("lost", start)
    bring_back(network, rental)
    network.deliver_messages()
    assert earned(rental) - start == 5
    assert network.books_balance()


@pytest.mark.parametrize("awarded_first", [True, False])
def test_a_cancelled_rental_keeps_no_points(network: Network, awarded_first: bool) -> None:
    user_id = renter(network)
    start = account(user_id)
    rental = network.rented(user_id)
    network.fake_world.clock.advance(minutes=2)
    bring_back(network, rental)
    if awarded_first:
        deliver(network, messages(network))
        assert earned(rental) - start.points_earned == 10
    path = f"/api/rentals/{rental.rental_id}/cancel"
    assert request(app, "POST", path, {}, token=token_of(network, rental.user_id)).status == 200
    network.deliver_messages()
    after = account(rental.user_id)
    assert (after.points_earned, after.points, after.rentals_count) == (start.points_earned, start.points, 0)
    assert network.books_balance()


def test_a_failed_rental_earns_nothing(network: Network) -> None:
    rental = network.unanswered_start(renter(network))
    start = earned(rental)
    network.deliver_messages()
    assert earned(rental) == start


def doubtful_return(network: Network) -> Rental:
    """A rental that goes on: a snapshot of another station listed its power bank, and the next one does not."""
    rental = network.rented(renter(network))
    network.fake_world.clock.advance(minutes=10)
    network.report_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    assert network.rental(rental).state == "completed"
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(CIVIL)
    assert network.rental(rental).state == "active"
    return rental


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_return_that_proved_wrong_earns_no_second_time(network: Network, order: tuple[int, ...]) -> None:
    rental = doubtful_return(network)
    start = earned(rental)
    network.fake_world.clock.advance(minutes=1)
    assert bring_back(network, rental).state == "completed"
    bodies = messages(network)
    assert len(bodies) == 2
    deliver(network, [bodies[number] for number in order])
    assert earned(rental) - start == 10
    assert network.books_balance()


def test_a_return_that_proved_wrong_earns_nothing_while_the_powerbank_is_out(network: Network) -> None:
    rental = doubtful_return(network)
    start = earned(rental)
    deliver(network, messages(network))
    assert earned(rental) == start


@pytest.mark.parametrize("has_points_left", [True, False])
def test_a_return_in_time_that_proved_wrong_earns_nothing_for_its_time(
    network: Network, *, has_points_left: bool
) -> None:
    """The real return is late. The late fee may spend all points first, and these stay earned."""
    rental = network.rented(renter(network))
    start = earned(rental)
    network.fake_world.clock.advance(minutes=10)
    network.report_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    deliver(network, messages(network))
    assert earned(rental) - start == 10
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(CIVIL)
    assert network.rental(rental).state == "active"
    if has_points_left:
        network.pay_topup(rental.user_id, network.open_topup(rental.user_id))
        network.deliver_messages()
        start += 50
    network.fake_world.clock.advance(minutes=50 if has_points_left else 55)
    assert bring_back(network, rental).late_fee_paisa > 0
    bodies = messages(network)
    deliver(network, bodies * 2)
    network.deliver_messages()
    assert earned(rental) - start == (5 if has_points_left else 10)
    assert network.books_balance()


def test_a_swapped_rental_earns_once(network: Network) -> None:
    rental = network.rented(renter(network))
    start = earned(rental)
    network.fake_world.clock.advance(minutes=1)
    body = {"issue_type": "not_working", "description": "no light"}
    path = f"/api/rentals/{rental.rental_id}/report-issue"
    assert request(app, "POST", path, body, token=token_of(network, rental.user_id)).status == 201
    network.fake_world.clock.advance(minutes=1)
    starting = bring_back(network, rental)
    assert messages(network) == []
    network.report_eject(LABIM, starting.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(minutes=20)
    bring_back(network, starting)
    network.deliver_messages()
    assert earned(rental) - start == 10
    assert network.books_balance()


def test_a_free_return_earns_no_points(network: Network) -> None:
    rental = network.rented(renter(network), package=PAY_AS_YOU_GO)
    before = account(rental.user_id).points
    network.fake_world.clock.advance(minutes=2)
    assert bring_back(network, rental).state == "completed"
    network.award_rental_points()
    assert account(rental.user_id).points == before
    assert network.books_balance()
