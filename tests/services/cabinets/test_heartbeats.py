"""A heartbeat goes back to its cabinet, which restarts without an echo."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, DeviceEventKind
from chalicelib.services import event_log
from chalicelib.services.cabinets import inbound
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable
from infra.local.cabinets import frames
from tests.world.builders import LABIM, cabinet
from tests.world.network import Network

TOPIC = f"/a1product/{LABIM.imei}/user/heart"


def outcome_of(network: Network, raw: bytes, *, age: int = 0, topic: str = TOPIC) -> str:
    at = network.world.now() - timedelta(seconds=age)
    with event_log.collect() as collection:
        inbound.handle_event(network.world, DeviceEvent("m1", LABIM.imei, DeviceEventKind.FRAME, at, raw, topic))
    (entry,) = collection.entries
    return entry.outcome


def test_a_heartbeat_goes_back_with_the_same_bytes(network: Network) -> None:
    assert outcome_of(network, frames.heartbeat()) == "echoed"
    assert network.fake_world.cabinets.echoes == [(LABIM.imei, TOPIC, frames.heartbeat())]


@pytest.mark.parametrize(
    ("raw", "age", "topic", "outcome"),
    [
        (frames.heartbeat(), 540, TOPIC, "not_echoed"),
        (frames.heartbeat(), 0, "", "recorded"),
        (frames.with_wrong_checksum(frames.heartbeat()), 0, TOPIC, "damaged"),
        (frames.frame(0x1A, b""), 0, TOPIC, "ignored"),
    ],
)
def test_no_other_frame_goes_back(network: Network, raw: bytes, age: int, topic: str, outcome: str) -> None:
    assert outcome_of(network, raw, age=age, topic=topic) == outcome
    assert network.fake_world.cabinets.echoes == []


def test_an_operator_can_switch_the_echo_off(network: Network) -> None:
    network.fake_world.settings = replace(network.fake_world.settings, heartbeat_echo_seconds=0)
    assert outcome_of(network, frames.heartbeat()) == "not_echoed"


@pytest.mark.parametrize("error", [Unavailable("iot"), Rejected("topic"), OutcomeUnknown("iot")])
def test_a_failed_echo_changes_nothing_else(network: Network, error: Exception) -> None:
    network.fake_world.cabinets.fails = error
    assert outcome_of(network, frames.heartbeat()) == "echo_failed"
    assert cabinet().last_seen_at == network.world.now()
