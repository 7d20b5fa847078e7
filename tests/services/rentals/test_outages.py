"""The end of a rental whose power bank came back while the cabinet was offline."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.cabinets import liveness
from chalicelib.services.stations import listing_refresh
from infra.local.cabinets import frames
from tests.world.builders import CIVIL, LABIM, account
from tests.world.network import PAY_AS_YOU_GO, Network

Report = Callable[[Network, str, int], None]


def slot_change(network: Network, bank: str, slot: int) -> None:
    network.report_slot_change(CIVIL, bank, slot)


def return_frame(network: Network, bank: str, slot: int) -> None:
    network.report_return(CIVIL, bank, slot)


def snapshot(network: Network, bank: str, slot: int) -> None:
    network.report_snapshot(CIVIL, plus=(slot, bank))


REPORTS: tuple[Report, ...] = (slot_change, return_frame, snapshot)


def heartbeat(network: Network) -> None:
    network.report_frame(CIVIL, frames.heartbeat())


def lose(network: Network) -> datetime:
    """CIVIL sends its last message now, and the platform reports the loss a minute later. Returns the time now."""
    heartbeat(network)
    heard_at = network.world.now()
    network.fake_world.clock.advance(minutes=1)
    network.report_status(CIVIL, DeviceEventKind.OFFLINE)
    return heard_at


def two_rentals(network: Network) -> list[Rental]:
    """Two rentals of different customers, five minutes apart."""
    first = network.rented(network.customer(), package=PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=5)
    network.report_snapshot(LABIM, without=first.powerbank_sn)
    second = network.rented(network.customer(), package=PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=10)
    return [first, second]


def ended_at(network: Network, rental: Rental) -> datetime | None:
    ended = network.rental(rental)
    assert ended.state in (RentalState.COMPLETED, RentalState.DUE)
    return ended.ended_at


@pytest.mark.parametrize(("first", "second"), list(itertools.product(REPORTS, REPORTS)))
@pytest.mark.parametrize("heartbeats", [0, 3])
def test_all_returns_of_an_outage_end_at_the_last_message_before_it(
    network: Network, first: Report, second: Report, heartbeats: int
) -> None:
    rentals = two_rentals(network)
    heard_at = lose(network)
    network.fake_world.clock.advance(hours=24)
    network.report_status(CIVIL, DeviceEventKind.ONLINE)
    for number, (rental, report) in enumerate(zip(rentals, (first, second), strict=True)):
        for _ in range(heartbeats):
            network.fake_world.clock.advance(seconds=10)
            heartbeat(network)
        network.fake_world.clock.advance(seconds=10)
        report(network, rental.powerbank_sn, 7 + number)
    assert [ended_at(network, rental) for rental in rentals] == [heard_at, heard_at]
    assert [account(rental.user_id).due_paisa for rental in rentals] == [2_000, 2_000]
    assert network.books_balance()


@pytest.mark.parametrize("is_lost", [True, False])
@pytest.mark.parametrize("is_listed", [True, False])
def test_lost_status_messages_do_not_move_the_end_of_the_rental(
    network: Network, *, is_lost: bool, is_listed: bool
) -> None:
    rentals = two_rentals(network)
    heartbeat(network)
    heard_at = network.world.now()
    network.fake_world.clock.advance(minutes=1)
    if is_lost:
        network.report_status(CIVIL, DeviceEventKind.OFFLINE)
    network.fake_world.clock.advance(hours=5)
    if is_listed:
        network.report_status(CIVIL, DeviceEventKind.ONLINE)
    for number, rental in enumerate(rentals):
        network.fake_world.clock.advance(seconds=10)
        heartbeat(network)
        slot_change(network, rental.powerbank_sn, 7 + number)
    assert [ended_at(network, rental) for rental in rentals] == [heard_at, heard_at]


@pytest.mark.parametrize("order", list(itertools.permutations(("offline", "online", "heartbeat", "change"))))
def test_every_order_of_the_messages_of_an_outage_ends_alike(network: Network, order: tuple[str, ...]) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=20)
    heartbeat(network)
    heard_at = network.world.now()
    lost_at, found_at = heard_at + timedelta(minutes=1), heard_at + timedelta(hours=3)
    network.fake_world.clock.at = found_at + timedelta(minutes=1)
    bank = rental.powerbank_sn
    reports: dict[str, Callable[[], None]] = {
        "offline": lambda: network.report_status(CIVIL, DeviceEventKind.OFFLINE, at=lost_at),
        "online": lambda: network.report_status(CIVIL, DeviceEventKind.ONLINE, at=found_at),
        "heartbeat": lambda: network.report_frame(CIVIL, frames.heartbeat(), at=found_at + timedelta(seconds=10)),
        "change": lambda: network.report_slot_change(CIVIL, bank, at=found_at + timedelta(seconds=30)),
    }
    for name in (*order, *order):
        reports[name]()
    assert ended_at(network, rental) == heard_at


def test_a_second_loss_before_the_report_keeps_the_first_last_message(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=20)
    heard_at = lose(network)
    for _ in range(2):
        network.fake_world.clock.advance(hours=2)
        network.report_status(CIVIL, DeviceEventKind.ONLINE)
        network.fake_world.clock.advance(seconds=20)
        heartbeat(network)
        network.report_status(CIVIL, DeviceEventKind.OFFLINE)
    network.fake_world.clock.advance(hours=2)
    network.report_status(CIVIL, DeviceEventKind.ONLINE)
    network.fake_world.clock.advance(seconds=20)
    slot_change(network, rental.powerbank_sn, 8)
    assert ended_at(network, rental) == heard_at


def test_a_return_after_the_reporting_time_ends_at_its_own_time(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=20)
    lose(network)
    network.fake_world.clock.advance(minutes=10)
    network.report_status(CIVIL, DeviceEventKind.ONLINE)
    network.report_snapshot(CIVIL)
    network.fake_world.clock.advance(minutes=6)
    return_frame(network, rental.powerbank_sn, 8)
    assert ended_at(network, rental) == network.world.now()


def test_an_outage_before_the_eject_leaves_the_time_of_a_return_as_reported(network: Network) -> None:
    lose(network)
    network.fake_world.clock.advance(minutes=10)
    network.report_status(CIVIL, DeviceEventKind.ONLINE)
    network.fake_world.clock.advance(seconds=30)
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=2)
    return_frame(network, rental.powerbank_sn, 8)
    assert ended_at(network, rental) == network.world.now()


def test_a_connection_that_the_platform_answers_is_lost_counts_as_an_outage(network: Network) -> None:
    rental = network.rented(network.customer())
    listing_refresh.refresh(network.world)
    heartbeat(network)
    heard_at = network.world.now()
    network.fake_world.clock.advance(minutes=13)
    network.fake_world.cabinets.online = lambda _: {CIVIL.imei: False}  # type: ignore[method-assign,assignment]
    liveness.watch(network.world)
    network.fake_world.clock.advance(hours=3)
    network.report_status(CIVIL, DeviceEventKind.ONLINE)
    heartbeat(network)
    return_frame(network, rental.powerbank_sn, 8)
    assert ended_at(network, rental) == heard_at
