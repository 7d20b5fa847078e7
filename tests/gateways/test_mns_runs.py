"""A run of the inbox keeps one connection for each reader, and several readers empty a full queue."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.gateways.mns import MnsInbox
from chalicelib.services import outbox
from chalicelib.services.cabinets import polling
from infra.local.cabinets import frames
from infra.local.cabinets.mns_queue import Counts, MnsQueue
from infra.local.cabinets.mns_server import KEY_ID, KEY_SECRET, mns_app
from infra.local.companies.dead_connections import DeadConnections
from infra.local.connections import App
from infra.local.serving import Serving
from infra.local.simulation import Simulation
from tests.engines.connection_count import ConnectionCount
from tests.world.builders import LABIM
from tests.world.fake_world import FakeWorld


class Mns:
    """A simulated MNS and an inbox that reads from it."""

    def __init__(self, *, dead_connections: bool = False) -> None:
        self.queue = MnsQueue()
        app: App = mns_app(Simulation(), self.queue)
        self.count = ConnectionCount(DeadConnections(app) if dead_connections else app)
        self.serving = Serving(self.count).start()
        self.inbox = MnsInbox(self.serving.url, queue=self.queue.name, key_id=KEY_ID, key_secret=KEY_SECRET)

    def heartbeats(self, number: int, fake_world: FakeWorld) -> None:
        for _ in range(number):
            envelope = frames.upload_envelope("pk", LABIM.imei, frames.heartbeat(), fake_world.clock.now())
            self.queue.enqueue(envelope)


@pytest.fixture
def mns() -> Iterator[Mns]:
    started = Mns()
    yield started
    started.serving.stop()


@pytest.fixture
def dead_mns() -> Iterator[Mns]:
    """A queue that resets each connection at its second request."""
    started = Mns(dead_connections=True)
    yield started
    started.serving.stop()


def test_a_run_keeps_one_connection(mns: Mns, fake_world: FakeWorld) -> None:
    mns.heartbeats(5, fake_world)
    with mns.inbox.run():
        for _ in range(3):
            mns.inbox.delete(mns.inbox.receive(0))
    assert (mns.count.connections, mns.count.requests) == (1, 4)


def test_the_next_run_has_a_new_connection(mns: Mns) -> None:
    for _ in range(2):
        with mns.inbox.run():
            mns.inbox.receive(0)
    assert mns.count.connections == 2


def test_a_call_outside_a_run_has_a_connection_of_its_own(mns: Mns) -> None:
    mns.inbox.receive(0)
    mns.inbox.receive(0)
    assert mns.count.connections == 2


def test_a_kept_connection_that_breaks_loses_no_message(dead_mns: Mns, fake_world: FakeWorld) -> None:
    dead_mns.heartbeats(3, fake_world)
    with dead_mns.inbox.run():
        dead_mns.inbox.delete(dead_mns.inbox.receive(0))
        assert list(dead_mns.inbox.receive(0)) == []
    assert dead_mns.queue.counts() == Counts(visible=0, invisible=0)


def test_a_message_that_no_xml_can_hold_keeps_no_other_one_back(mns: Mns, fake_world: FakeWorld) -> None:
    """One of five messages damages their batch. When they come again, they are read one by one."""
    mns.heartbeats(2, fake_world)
    mns.queue.enqueue("\x01")
    mns.heartbeats(2, fake_world)
    ends_of_invisibility = [mns.queue.reappear]
    pause = lambda _: ends_of_invisibility.pop()() if ends_of_invisibility else None  # noqa: E731
    world = replace(fake_world.world(), inbox=mns.inbox, pause=pause)
    seconds_left = iter([3.0] * 8 + [0.0])
    assert polling.poll(world, lambda: next(seconds_left)) == 4
    assert len(fake_world.queues.take(outbox.DEVICE_EVENTS)) == 4
    assert sum(mns.queue.counts()) == 1


def test_several_readers_move_a_backlog_on_kept_connections(mns: Mns, fake_world: FakeWorld) -> None:
    mns.heartbeats(400, fake_world)
    world = replace(fake_world.world(), inbox=mns.inbox)
    assert polling.poll(world, lambda: 30.0 if any(mns.queue.counts()) else 0.0) == 400
    assert len(fake_world.queues.take(outbox.DEVICE_EVENTS)) == 400
    assert mns.queue.counts() == Counts(visible=0, invisible=0)
    assert 2 <= mns.count.connections <= polling.BACKLOG_READERS + 1
