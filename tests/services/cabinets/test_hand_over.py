"""One run of `poll_mns` hands over to the next without a second in which no run reads the manufacturer's queue."""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.envelope import InboxMessage
from chalicelib.services.cabinets import polling
from chalicelib.world.hardware import MAX_RECEIVED
from functions.schedules import RESERVE_SECONDS
from infra.local.aws.lambdas import schedules
from tests.world.fake_world import BEGINNING, FakeClock, FakeWorld

FUNCTION = json.loads(Path(".chalice/config.json").read_text())["stages"]["prod"]["lambda_functions"]["poll_mns"]
TIMEOUT_SECONDS: int = FUNCTION["lambda_timeout"]
CONCURRENCY: int = FUNCTION["reserved_concurrency"]
MINUTES = 6


@dataclass
class ListeningInbox:
    """An empty queue that notes from when to when each long poll waited, in seconds of the test."""

    clock: FakeClock
    polls: list[tuple[float, float]] = field(default_factory=list)

    def run(self) -> AbstractContextManager[None]:
        return nullcontext()

    def receive(self, wait_seconds: int, at_most: int = MAX_RECEIVED) -> Sequence[InboxMessage]:
        begun = seconds(self.clock)
        self.clock.advance(seconds=wait_seconds)
        self.polls.append((begun, begun + wait_seconds))
        return []

    def delete(self, messages: Sequence[InboxMessage]) -> None:
        raise AssertionError("nothing was received")


def seconds(clock: FakeClock) -> float:
    return (clock.now() - BEGINNING).total_seconds()


def run_from(start: float) -> ListeningInbox:
    """One run of the schedule that starts at this second. Its clock is at the end of the run afterwards."""
    fake_world = FakeWorld()
    fake_world.clock.advance(seconds=start)
    listening = ListeningInbox(fake_world.clock)
    fake_world.inbox = listening  # type: ignore[assignment]
    seconds_left = lambda: start + TIMEOUT_SECONDS - RESERVE_SECONDS - seconds(fake_world.clock)  # noqa: E731
    polling.poll(fake_world.world(), seconds_left)
    assert seconds(fake_world.clock) < start + TIMEOUT_SECONDS
    return listening


@pytest.mark.parametrize("late_seconds", [(0, 0), (59, 0), (0, 59), (30, 5), (59, 59)])
def test_a_message_of_any_second_is_read_within_a_second(late_seconds: tuple[int, int]) -> None:
    """EventBridge starts a run at any second of its minute. A run waits while CONCURRENCY others are running."""
    (schedule,) = [schedule for schedule in schedules(app) if schedule.name == "poll_mns"]
    assert schedule.rate == "rate(1 minute)"
    polls: list[tuple[float, float]] = []
    ends: list[float] = []
    for minute in range(MINUTES):
        running = sorted(ends)[-CONCURRENCY:]
        free_at = running[0] if len(running) == CONCURRENCY else 0.0
        listening = run_from(max(60.0 * minute + late_seconds[minute % 2], free_at))
        polls += listening.polls
        ends.append(seconds(listening.clock))
    for put_at in range(120, 240):
        waited = min(max(begun - put_at, 0) for begun, ended in polls if ended >= put_at)
        assert waited <= polling.MIN_POLL_INTERVAL.total_seconds(), put_at
