"""The inbox of a sandbox whose state is restored while a poll waits for messages."""

from collections.abc import Iterator, Sequence

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.envelope import InboxMessage
from chalicelib.gateways.mns import MnsInbox
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.cabinets.mns_server import KEY_ID, KEY_SECRET, mns_app
from infra.local.serving import Serving
from infra.local.simulation import Simulation
from infra.local.snapshots.activity_gate import ActivityGate
from infra.local.snapshots.gated_inbox import GatedInbox
from infra.local.snapshots.sandbox_state import SandboxState

AT_ONCE = 0


class RestoredMeanwhile(MnsInbox):
    """During its first poll the sandbox is restored, and a cabinet of the restored one sends a message."""

    activity: ActivityGate
    simulated: MnsQueue
    is_restored = False

    def receive(self, wait_seconds: int, at_most: int = 16) -> Sequence[InboxMessage]:
        if not self.is_restored:
            self.is_restored = True
            SandboxState(self.activity, {"mns": self.simulated}).restore({"mns": self.simulated.state()})
            self.simulated.enqueue("sent after the restore")
        return super().receive(wait_seconds, at_most)


@pytest.fixture
def inbox(queue: MnsQueue, simulation: Simulation) -> Iterator[RestoredMeanwhile]:
    server = Serving(mns_app(simulation, queue)).start()
    made = RestoredMeanwhile(server.url, queue=queue.name, key_id=KEY_ID, key_secret=KEY_SECRET)
    made.activity, made.simulated = simulation.activity, queue
    yield made
    server.stop()


def test_a_message_of_the_restored_state_comes_at_once_also_when_the_poll_began_before(
    inbox: RestoredMeanwhile, queue: MnsQueue, simulation: Simulation
) -> None:
    gated = GatedInbox(inbox, simulation.activity, queue.reappear)
    (message,) = gated.receive(AT_ONCE)
    assert message.body == "sent after the restore"
    gated.delete([message])
    assert queue.counts() == (0, 0)
    assert simulation.activity.is_quiet


def test_a_message_on_its_way_does_not_come_earlier_because_received_ones_come_again(queue: MnsQueue) -> None:
    queue.enqueue("received")
    queue.receive(16, AT_ONCE)
    queue.enqueue("on its way", delay_seconds=3600)
    queue.reappear()
    assert [message.body for message in queue.receive(16, AT_ONCE)] == ["received"]
