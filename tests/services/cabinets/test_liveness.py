"""Silent cabinets are checked at the vendor's platform."""

from collections.abc import Mapping, Sequence

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.cabinets import liveness
from chalicelib.services.stations import listing_refresh
from chalicelib.world import Unavailable
from infra.local.cabinets import frames
from tests.world.builders import CIVIL, LABIM
from tests.world.network import Network


@pytest.fixture
def watched(network: Network) -> Network:
    listing_refresh.refresh(network.world)
    return network


def answering(network: Network, content: Mapping[str, bool]) -> list[str]:
    """Set the platform's answer. Returns the queried cabinets."""
    queried: list[str] = []

    def online(imeis: Sequence[str]) -> Mapping[str, bool]:
        queried.extend(imeis)
        return content

    network.fake_world.cabinets.online = online  # type: ignore[method-assign]
    return queried


def test_a_cabinet_with_a_recent_message_is_not_checked(watched: Network) -> None:
    queried = answering(watched, {})
    assert liveness.watch(watched.world) == 0
    assert queried == []


def test_a_silent_cabinet_that_the_platform_lost_goes_offline(watched: Network) -> None:
    watched.fake_world.clock.advance(minutes=15)
    watched.report_frame(CIVIL, frames.heartbeat())
    queried = answering(watched, {LABIM.imei: False})
    liveness.watch(watched.world)
    assert LABIM.imei in queried
    assert CIVIL.imei not in queried
    with pytest.raises(Problem, match="station_offline"):
        watched.start(watched.customer(), LABIM)


def test_a_silent_cabinet_that_the_platform_sees_stays_online(watched: Network) -> None:
    watched.fake_world.clock.advance(minutes=24)
    answering(watched, {LABIM.imei: True})
    liveness.watch(watched.world)
    watched.fake_world.clock.advance(minutes=10)
    assert watched.start(watched.customer(), LABIM).station.sn == LABIM.sn


def test_an_unavailable_platform_changes_nothing(watched: Network) -> None:
    watched.fake_world.clock.advance(minutes=15)

    def unavailable(_: Sequence[str]) -> Mapping[str, bool]:
        raise Unavailable("iot")

    watched.fake_world.cabinets.online = unavailable  # type: ignore[method-assign, assignment]
    assert liveness.watch(watched.world) == 0
    assert watched.start(watched.customer(), LABIM).station.sn == LABIM.sn
