"""Cancelling a rental: before its power bank is out, and once it is back within five minutes."""

from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services.rentals import ejects
from chalicelib.tables import powerbanks
from chalicelib.tables.atomic import atomic
from infra.local.cabinets import frames
from tests.engines.interleaving import interleave
from tests.world.builders import CIVIL, LABIM, account
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, PAY_AS_YOU_GO, Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of


def cancel(network: Network, rental: Rental, token: str | None = None, **more: Any) -> Reply:
    path = f"/api/rentals/{rental.rental_id}/cancel"
    token = token or token_of(network, rental.user_id)
    return request(app, "POST", path, {"reason": "wrong station"}, token=token, **more)


def refused(network: Network, rental: Rental) -> str:
    """The code with which a cancellation is refused. Fails if it changed anything."""
    token, before = token_of(network, rental.user_id), all_rows()
    reply = cancel(network, rental, token)
    assert reply.status >= 400
    assert all_rows() == before
    return reply.code


def test_a_starting_rental_is_cancelled_and_its_hold_released(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    reply = cancel(network, rental)
    assert (reply.status, reply.data["status"], reply.data["payment_status"]) == (200, "cancelled", "refunded")
    assert reply.data["failure_text"].endswith("Nothing was charged.")
    after = account(user)
    assert (after.wallet_paisa, after.held_paisa, after.open_rental_id) == (100_000, 0, None)
    assert network.books_balance()


def test_a_powerbank_that_stayed_is_for_rent_again_after_a_snapshot(network: Network) -> None:
    rental = network.start(network.customer())
    cancel(network, rental)
    assert network.bank(rental.powerbank_sn).custody is Custody.UNKNOWN
    network.fake_world.clock.advance(minutes=1)
    network.fake_world.cabinets.checks.clear()
    ejects.sweep(network.world)
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    assert ejects.sweep(network.world) == 0
    network.report_snapshot(LABIM)
    assert network.bank(rental.powerbank_sn).free
    assert network.rental(rental).state == "cancelled"
    assert network.books_balance()


def test_a_powerbank_that_came_out_all_the_same_reopens_the_rental(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    cancel(network, rental)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    reopened = network.rental(rental)
    assert (reopened.state, reopened.failure, account(user).open_rental_id) == ("active", None, rental.rental_id)
    assert network.books_balance()
    network.fake_world.clock.advance(minutes=20)
    network.report_return(CIVIL, rental.powerbank_sn)
    assert network.rental(rental).state == "completed"
    assert network.books_balance()


def test_an_eject_that_comes_first_is_not_cancelled(network: Network) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=2)
    with interleave(lambda: network.report_eject(LABIM, rental.powerbank_sn, EJECTED)):
        assert cancel(network, rental).code == "powerbank_not_returned"
    assert network.rental(rental).state == "active"
    assert network.books_balance()


def test_a_cancellation_that_comes_first_is_reopened_by_the_eject(network: Network) -> None:
    rental = network.start(network.customer())
    token = token_of(network, rental.user_id)
    network.fake_world.clock.advance(seconds=2)
    with interleave(lambda: cancel(network, rental, token)) as replies:
        network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert (replies[0].status, network.rental(rental).state) == (200, "active")
    assert network.books_balance()


def test_a_powerbank_back_within_five_minutes_makes_the_rental_free(network: Network) -> None:
    user = network.customer(wallet_paisa=10_000)
    before = account(user)
    rental = network.rented(user)
    assert refused(network, rental) == "powerbank_not_returned"
    network.fake_world.clock.advance(minutes=4)
    network.report_return(CIVIL, rental.powerbank_sn)
    network.fake_world.clock.advance(minutes=30)
    reply = cancel(network, rental)
    assert (reply.status, reply.data["status"], reply.data["amount_paid"]) == (200, "cancelled", "0.00")
    after = account(user)
    assert (after.wallet_paisa, after.points, after.spent_paisa) == (before.wallet_paisa, before.points, 0)
    assert (after.rentals_count, after.on_time_count) == (0, 0)
    path = "/api/user/transactions?type=refund"
    lines = request(app, "GET", path, token=token_of(network, user)).data["results"]
    assert [(line["status"], line["rental_id"]) for line in lines] == [("success", rental.rental_id)]
    assert network.books_balance()


def test_a_return_in_doubt_is_not_cancelled_until_a_return_frame_proves_it(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=1)
    network.report_slot_change(CIVIL, rental.powerbank_sn)
    assert network.bank(rental.powerbank_sn).doubted_rental_id == rental.rental_id
    assert refused(network, rental) == "powerbank_not_returned"
    network.fake_world.clock.advance(seconds=30)
    network.report_return(CIVIL, rental.powerbank_sn)
    assert cancel(network, rental).data["status"] == "cancelled"
    assert network.books_balance()


def test_after_five_minutes_a_rental_is_not_cancelled(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=6)
    assert refused(network, rental) == "cancel_too_late"
    network.report_return(LABIM, rental.powerbank_sn)
    assert refused(network, rental) == "rental_not_active"


def test_an_hour_after_its_return_a_short_rental_is_not_cancelled(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=1)
    network.report_return(LABIM, rental.powerbank_sn)
    network.fake_world.clock.advance(hours=1)
    assert refused(network, rental) == "rental_not_active"
    assert network.books_balance()


def test_a_postpaid_rental_back_at_once_is_cancelled_without_a_posting(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user, package=PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=1)
    network.report_return(LABIM, rental.powerbank_sn)
    before = account(user).seq
    assert cancel(network, rental).data["status"] == "cancelled"
    assert account(user).seq == before
    assert network.books_balance()


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "tap"}])
def test_a_second_cancellation_changes_nothing(network: Network, headers: dict[str, str]) -> None:
    rental = network.start(network.customer())
    first, token = cancel(network, rental, headers=headers), token_of(network, rental.user_id)
    before = all_rows()
    assert cancel(network, rental, token, headers=headers).data["status"] == first.data["status"] == "cancelled"
    assert all_rows() == before


def test_a_failed_eject_is_not_cancelled(network: Network) -> None:
    assert refused(network, network.unanswered_start(network.customer())) == "rental_not_active"


def test_losing_a_reserved_powerbank_in_place_equals_the_domain_rule(network: Network) -> None:
    rental = network.start(network.customer())
    reserved = network.bank(rental.powerbank_sn).with_doubted_return("an earlier rental", "another user")
    atomic(network.world, lambda ops: powerbanks.save_powerbank(ops, reserved))
    before, at = network.bank(rental.powerbank_sn), network.world.now() + timedelta(seconds=1)
    owner = (rental.user_id, rental.rental_id)
    atomic(network.world, lambda ops: powerbanks.lose_reserved(ops, before.powerbank_sn, owner, at))
    expected = before.location_lost(at)
    after = network.bank(rental.powerbank_sn)
    assert {name: getattr(after, name) for name in Powerbank.__dataclass_fields__ if name != "version"} == {
        name: getattr(expected, name) for name in Powerbank.__dataclass_fields__ if name != "version"
    }
    assert after.version == before.version + 1


def test_a_return_that_an_outage_dates_back_is_cancelled_by_the_time_of_its_report(network: Network) -> None:
    network.report_frame(CIVIL, frames.heartbeat())
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(seconds=30)
    network.report_status(CIVIL, DeviceEventKind.OFFLINE)
    network.fake_world.clock.advance(minutes=40)
    network.report_status(CIVIL, DeviceEventKind.ONLINE)
    network.fake_world.clock.advance(seconds=10)
    network.report_return(CIVIL, rental.powerbank_sn)
    ended = network.rental(rental)
    assert ended.started_at == ended.ended_at
    assert ended.return_reported_at == network.world.now()
    assert refused(network, rental) == "rental_not_active"
