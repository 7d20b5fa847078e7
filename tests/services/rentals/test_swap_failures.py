"""Swaps without a second power bank: the rental ends, and all that was paid goes back."""

from datetime import timedelta

import pytest

from app import app
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT
from chalicelib.services.rentals import ejects
from chalicelib.world import OutcomeUnknown, Unavailable
from tests.scenarios.swap_scenario import bring_back, ejected, reported, wallet
from tests.world.builders import LABIM, account
from tests.world.http_client import request
from tests.world.network import EJECTED, PAY_AS_YOU_GO, REFUSED, Network
from tests.world.tokens import token_of


def test_a_return_that_is_delivered_late_makes_the_rental_free(network: Network) -> None:
    """Nobody waits at the station any more, so no power bank comes out."""
    first = reported(network)
    back_at = network.world.now()
    network.fake_world.clock.advance(minutes=10)
    network.fake_world.cabinets.ejects.clear()
    network.report_return(LABIM, first.powerbank_sn, slot=first.station.slot_number, at=back_at)
    ended = network.rental(first)
    assert (ended.state, ended.failure, ejected(network)) == ("cancelled", "not_swapped", [])
    assert (wallet(first), account(first.user_id).rentals_count) == (100_000, 0)
    assert network.books_balance()


@pytest.mark.parametrize("package", ["1-hour", PAY_AS_YOU_GO])
def test_without_another_powerbank_the_rental_is_free(network: Network, package: str) -> None:
    first = reported(network, package=package)
    network.fake_world.settings = network.fake_world.settings.changed({"powerbank_min_percent": 100})
    slots = [number for number, (_, percent) in LABIM.slots().items() if percent == 100]
    assert not [number for number in slots if number != first.station.slot_number]
    ended = bring_back(network, first)
    assert (ended.state, ended.payment_status(), ejected(network)) == ("cancelled", "refunded", [])
    reply = request(app, "GET", f"/api/rentals/{first.rental_id}", token=token_of(network, first.user_id)).data
    assert reply["failure_text"].startswith("There was no other power bank")
    after = account(first.user_id)
    assert (after.wallet_paisa, after.due_paisa, after.open_rental_id, after.rentals_count) == (100_000, 0, None, 0)
    assert network.books_balance()


def test_a_busy_station_makes_the_rental_free(network: Network) -> None:
    first = reported(network)
    network.start(network.customer())
    assert bring_back(network, first).failure == "not_swapped"
    assert network.books_balance()


def test_a_refused_second_eject_gives_the_money_back_and_late_evidence_charges_again(network: Network) -> None:
    first = reported(network)
    starting = bring_back(network, first)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, starting.powerbank_sn, REFUSED)
    failed = network.rental(first)
    assert (failed.state, wallet(first), failed.payment_status()) == ("failed", 100_000, "refunded")
    assert account(first.user_id).open_rental_id is None
    assert network.books_balance()
    network.report_eject(LABIM, starting.powerbank_sn, EJECTED)
    again = network.rental(first)
    assert (again.state, again.wallet_paid_paisa) == ("active", 100_000 - wallet(first))
    assert again.wallet_paid_paisa + again.points_paid * PAISA_PER_POINT == again.package.price_paisa
    assert again.due_at == (again.started_at or network.world.now()) + timedelta(hours=1)
    assert network.books_balance()


@pytest.mark.parametrize("failure", [Unavailable("away"), OutcomeUnknown("no answer")])
def test_a_lost_second_eject_ends_free_of_charge(network: Network, failure: Exception) -> None:
    first = reported(network)
    network.fake_world.cabinets.fails = failure
    bring_back(network, first)
    network.fake_world.cabinets.fails = None
    network.fake_world.clock.advance(minutes=1)
    ejects.sweep(network.world)
    network.report_snapshot(LABIM)
    assert (network.rental(first).state, wallet(first)) == ("failed", 100_000)
    assert network.books_balance()


def test_a_customer_who_cancels_the_swap_gets_the_money_back(network: Network) -> None:
    first = reported(network)
    starting = bring_back(network, first)
    path = f"/api/rentals/{first.rental_id}/cancel"
    reply = request(app, "POST", path, {}, token=token_of(network, first.user_id))
    assert (reply.data["status"], wallet(first)) == ("cancelled", 100_000)
    assert network.books_balance()
    network.report_eject(LABIM, starting.powerbank_sn, EJECTED)
    again = network.rental(first)
    assert (again.state, again.wallet_paid_paisa) == ("active", 100_000 - wallet(first))
    assert again.wallet_paid_paisa + again.points_paid * PAISA_PER_POINT == again.package.price_paisa
    assert network.books_balance()
