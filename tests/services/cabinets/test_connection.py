"""What is stored about the connection of a cabinet, whatever runs at the same time and in any order."""

from datetime import timedelta

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.rentals.rental_state import RentalState
from infra.local.cabinets import frames
from tests.engines.interleaving import interleave
from tests.world.builders import LABIM, cabinet
from tests.world.network import EJECTED, Network


def lose_connection(network: Network) -> None:
    network.fake_world.clock.advance(seconds=5)
    network.report_status(LABIM, DeviceEventKind.OFFLINE)


@pytest.mark.parametrize("absent", [False, True])
def test_an_offline_report_survives_a_concurrent_snapshot(network: Network, *, absent: bool) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=40)
    at = network.world.now()

    with interleave(lambda: lose_connection(network)):
        network.report_snapshot(LABIM, without=rental.powerbank_sn if absent else None, at=at)
    assert cabinet().online is False
    assert cabinet().online_at == at + timedelta(seconds=5)
    assert cabinet().snapshot_at == at


@pytest.mark.parametrize("report", ["eject", "return"])
def test_an_offline_report_survives_a_concurrent_eject_or_return(network: Network, report: str) -> None:
    rental = network.rented(network.customer()) if report == "return" else network.start(network.customer())
    network.fake_world.clock.advance(seconds=30)
    at = network.world.now()

    with interleave(lambda: lose_connection(network)):
        if report == "return":
            network.report_return(LABIM, rental.powerbank_sn, at=at)
        else:
            network.report_eject(LABIM, rental.powerbank_sn, EJECTED, at=at)
    assert network.rental(rental).state is (RentalState.COMPLETED if report == "return" else RentalState.ACTIVE)
    assert cabinet().online is False


def test_a_heartbeat_survives_a_concurrent_snapshot(network: Network) -> None:
    network.fake_world.clock.advance(minutes=1)
    at = network.world.now()

    def beat() -> None:
        network.fake_world.clock.advance(minutes=1)
        network.report_frame(LABIM, frames.heartbeat())

    with interleave(beat):
        network.report_snapshot(LABIM, at=at)
    assert cabinet().last_seen_at == at + timedelta(minutes=1)
    assert cabinet().snapshot_at == at


def test_a_late_offline_report_leaves_a_cabinet_that_sent_a_message_online(network: Network) -> None:
    network.fake_world.clock.advance(minutes=1)
    lost_at = network.world.now()
    network.fake_world.clock.advance(seconds=10)
    network.report_frame(LABIM, frames.heartbeat())
    network.report_status(LABIM, DeviceEventKind.OFFLINE, at=lost_at)
    assert cabinet().online is True


def test_a_message_sent_before_the_loss_leaves_the_cabinet_offline(network: Network) -> None:
    network.fake_world.clock.advance(minutes=1)
    sent_at = network.world.now()
    network.report_status(LABIM, DeviceEventKind.OFFLINE, at=sent_at + timedelta(seconds=10))
    network.fake_world.clock.advance(minutes=1)
    network.report_frame(LABIM, frames.heartbeat(), at=sent_at)
    assert cabinet().online is False
    assert cabinet().last_seen_at == sent_at


def test_a_heartbeat_takes_two_calls(network: Network) -> None:
    from tests.engines.counting import counted

    network.fake_world.clock.advance(minutes=9)
    with counted() as counts:
        network.report_frame(LABIM, frames.heartbeat())
    assert counts.round_trips == 2
