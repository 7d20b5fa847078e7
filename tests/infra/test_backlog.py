"""How much waits in the outbox, counted by the writes that are seen."""

from infra.local.feed.backlog import OutboxCount
from infra.local.snapshots.activity_gate import ActivityGate
from tests.world.network import Network


def test_rows_are_counted_from_the_first_count_on_and_anew_after_a_restore(network: Network) -> None:
    activity = ActivityGate()
    count = OutboxCount(activity)
    count.note_put("before the first count")
    network.customer()
    waiting = count.count()
    count.note_put("a")
    count.note_put("a")
    count.note_put("b")
    count.note_deleted("b")
    count.note_deleted("unknown")
    assert count.count() == waiting + 1
    activity.epoch += 1
    assert count.count() == waiting
