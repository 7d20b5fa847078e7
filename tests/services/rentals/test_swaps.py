"""Swaps: a faulty power bank that comes back within five minutes is exchanged for another on the same rental."""

from datetime import timedelta
from itertools import permutations

import pytest

from app import app
from tests.engines.interleaving import interleave
from tests.scenarios.second_eject_scenario import refused, with_second_ejects
from tests.scenarios.swap_scenario import bring_back, ejected, report, reported, wallet
from tests.world.builders import CIVIL, LABIM, account
from tests.world.http_client import request
from tests.world.network import EJECTED, PAY_AS_YOU_GO, Network
from tests.world.tokens import token_of


def test_another_powerbank_comes_out_on_the_same_rental(network: Network) -> None:
    first = reported(network)
    paid = wallet(first)
    starting = bring_back(network, first)
    assert (starting.state, ejected(network)) == ("starting", [starting.powerbank_sn])
    assert starting.powerbank_sn != first.powerbank_sn
    assert network.bank(first.powerbank_sn).free
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, starting.powerbank_sn, EJECTED)
    second = network.rental(first)
    assert (second.state, second.due_at, wallet(first)) == ("active", first.due_at, paid)
    assert (second.used_from, second.wallet_paid_paisa) == (first.started_at, first.wallet_paid_paisa)
    assert network.books_balance()
    network.fake_world.clock.advance(minutes=30)
    ended = bring_back(network, second)
    assert (ended.state, ended.late_fee_paisa, wallet(first)) == ("completed", 0, paid)
    counts = account(first.user_id)
    assert (counts.rentals_count, counts.on_time_count, counts.open_rental_id) == (1, 1, None)
    assert network.books_balance()


def test_the_rentals_own_eject_a_moment_ago_keeps_no_station_from_the_swap(network: Network) -> None:
    first = network.rented(network.customer())
    report(network, first)
    network.fake_world.clock.advance(seconds=1)
    starting = bring_back(network, first)
    assert (starting.state, ejected(network)) == ("starting", [first.powerbank_sn, starting.powerbank_sn])
    assert starting.requested_at == first.requested_at + timedelta(seconds=5) <= network.world.now()
    assert network.books_balance()


def test_a_swap_orders_no_eject_while_the_cabinet_owes_the_answer_to_another_one(network: Network) -> None:
    """The power bank of the refused eject came out after all, and the command of the next eject is under way."""
    first, second = refused(with_second_ejects(network))
    network.fake_world.clock.advance(seconds=1)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    out = network.rental(first)
    assert (out.state, out.powerbank_sn) == ("active", first.powerbank_sn)
    report(network, out)
    network.fake_world.clock.advance(seconds=6)
    assert bring_back(network, out).failure == "not_swapped"
    assert ejected(network) == [first.powerbank_sn, second.powerbank_sn]
    assert network.books_balance()


def test_the_time_of_a_swapped_postpaid_rental_begins_with_the_first_eject(network: Network) -> None:
    first = reported(network, package=PAY_AS_YOU_GO)
    starting = bring_back(network, first)
    network.report_eject(LABIM, starting.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(minutes=58, seconds=30)
    ended = bring_back(network, starting)
    assert (ended.state, ended.due_paisa) == ("due", 2 * ended.package.price_paisa)
    assert network.books_balance()


def test_the_swap_may_take_place_at_another_station(network: Network) -> None:
    network.report_snapshot(CIVIL)
    first = reported(network)
    network.report_return(CIVIL, first.powerbank_sn)
    starting = network.rental(first)
    assert (starting.state, starting.station.sn) == ("starting", CIVIL.sn)
    assert network.fake_world.cabinets.ejects == [(CIVIL.imei, starting.powerbank_sn)]
    network.report_eject(CIVIL, starting.powerbank_sn, EJECTED)
    assert network.rental(first).state == "active"
    assert network.books_balance()


def test_a_rental_without_a_report_ends_with_its_return(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=2)
    assert bring_back(network, rental).state == "completed"


@pytest.mark.parametrize("kind", ["lost", "return_problem"])
def test_other_problems_swap_nothing(network: Network, kind: str) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=1)
    assert report(network, rental, issue_type=kind).data["swap_until"] is None
    assert bring_back(network, rental).state == "completed"


@pytest.mark.parametrize(("reported_after", "back_after"), [(4, 6), (6, 7)])
def test_after_five_minutes_nothing_is_swapped(network: Network, reported_after: int, back_after: int) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=reported_after)
    assert (report(network, rental).data["swap_until"] is None) == (reported_after > 5)
    network.fake_world.clock.advance(minutes=back_after - reported_after)
    ended = bring_back(network, rental)
    assert (ended.state, ended.wallet_paid_paisa) == ("completed", rental.wallet_paid_paisa)
    assert network.books_balance()


def test_a_return_before_the_report_swaps_nothing(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=1)
    back_at = network.world.now()
    network.fake_world.clock.advance(minutes=1)
    report(network, rental)
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number, at=back_at)
    assert network.rental(rental).state == "completed"


def test_a_rental_is_swapped_once(network: Network) -> None:
    starting = bring_back(network, reported(network))
    network.fake_world.clock.advance(seconds=10)
    network.report_eject(LABIM, starting.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(seconds=10)
    assert report(network, starting, issue_type="damaged").data["swap_until"] is None
    assert bring_back(network, starting).state == "completed"
    assert len(ejected(network)) == 1


def test_one_forgeable_report_swaps_nothing(network: Network) -> None:
    """The rental goes on until a return frame or a snapshot proves the return."""
    first = reported(network)
    network.report_slot_change(LABIM, first.powerbank_sn, slot=first.station.slot_number)
    network.fake_world.clock.advance(seconds=10)
    assert (network.rental(first).state, ejected(network)) == ("active", [])
    network.report_snapshot(LABIM)
    assert network.rental(first).state == "starting"
    assert len(ejected(network)) == 1
    assert network.books_balance()


def test_a_slot_change_elsewhere_ejects_no_second_powerbank(network: Network) -> None:
    first = reported(network)
    network.report_slot_change(LABIM, first.powerbank_sn, slot=8)
    assert (network.rental(first).state, ejected(network)) == ("completed", [])


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_messages_of_a_swap_end_alike_in_any_order_and_twice(network: Network, order: tuple[int, ...]) -> None:
    """The return frame, the slot change and the snapshot of the first return come in any order, each twice."""
    first = reported(network)
    at = network.world.now()
    slot = first.station.slot_number
    deliveries = (
        lambda: network.report_return(LABIM, first.powerbank_sn, slot=slot, at=at),
        lambda: network.report_slot_change(LABIM, first.powerbank_sn, slot=slot, at=at),
        lambda: network.report_snapshot(LABIM, at=at + timedelta(seconds=1)),
    )
    network.fake_world.clock.advance(seconds=2)
    for number in order * 2:
        deliveries[number]()
    starting = network.rental(first)
    assert ejected(network) == [starting.powerbank_sn]
    for _ in range(2):
        network.report_eject(LABIM, starting.powerbank_sn, EJECTED, at=network.world.now())
    assert (network.rental(first).state, network.bank(first.powerbank_sn).free) == ("active", True)
    assert network.books_balance()


def test_the_timeline_shows_both_powerbanks(network: Network) -> None:
    first = reported(network)
    starting = bring_back(network, first)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, starting.powerbank_sn, EJECTED)
    path = f"/api/rentals/{first.rental_id}/timeline?limit=100"
    entries = request(app, "GET", path, token=token_of(network, first.user_id)).data["results"]
    states = [entry["text"] for entry in entries if entry["kind"] == "state"]
    assert states == ["Waiting for the station", "Power bank taken"] * 2
    assert "Problem reported" in [entry["text"] for entry in entries]


def test_a_report_that_a_return_overtakes_swaps_nothing(network: Network) -> None:
    """The return is stored while the report is being taken in: the rental has ended, and no power bank comes out."""
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=1)
    token = token_of(network, rental.user_id)
    with interleave(lambda: bring_back(network, rental)):
        assert report(network, rental, token).data["swap_until"] is None
    assert (network.rental(rental).state, len(ejected(network))) == ("completed", 1)
    assert network.books_balance()


def test_two_deliveries_of_the_return_at_once_eject_one_powerbank(network: Network) -> None:
    first = reported(network)
    with interleave(lambda: bring_back(network, first)):
        bring_back(network, first)
    assert ejected(network) == [network.rental(first).powerbank_sn]
    assert network.books_balance()
