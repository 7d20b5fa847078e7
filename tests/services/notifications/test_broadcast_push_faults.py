"""Broadcasts are pushed though devices, the push service or the database fail."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import StringIO

import pytest

from chalicelib.domain.operations.alarms import Alarm
from chalicelib.services import outbox
from chalicelib.services.notifications import broadcast_push
from chalicelib.tables.rows import SHARDS
from chalicelib.world import CredentialsRejected, OutcomeUnknown, Unavailable
from tests.engines.lost_answers import lost_answers
from tests.services.notifications.pushed_broadcasts import TOKENS, Pushes
from tests.world.fake_world import FakeClock
from tests.world.fakes import FakePush
from tests.world.network import Network


@pytest.fixture
def pushes(network: Network) -> Pushes:
    return Pushes(network)


@dataclass
class FailingPush:
    """Passes pushes on, and fails for some tokens."""

    inner: FakePush
    failures: Mapping[str, Exception]

    def send(self, token: str, title: str, body: str, data: Mapping[str, str]) -> None:
        if token in self.failures:
            raise self.failures[token]
        self.inner.send(token, title, body, data)


def test_a_device_that_fails_alone_is_left_out(pushes: Pushes) -> None:
    push = pushes.network.fake_world.push
    pushes.network.world = replace(
        pushes.network.world,
        push=FailingPush(push, {"token-1": OutcomeUnknown("fcm"), "token-2": Unavailable("fcm")}),
    )
    pushes.send()
    pushes.push()
    assert pushes.pushed == ["token-0", "token-3", "token-4", "token-5"]
    assert pushes.waiting == 0


def test_a_push_service_in_trouble_delays_the_rest(pushes: Pushes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast_push, "MAX_FAILURES", 1)
    pushes.network.fake_world.push.fails = Unavailable("fcm", 40)
    pushes.send()
    pushes.push()
    assert pushes.waiting
    pushes.network.fake_world.push.fails = None
    for _ in range(3):
        pushes.sweep()
    assert (pushes.pushed, pushes.waiting) == (TOKENS, 0)


def test_rejected_credentials_raise_one_alarm_for_a_chunk(pushes: Pushes, log_output: StringIO) -> None:
    pushes.network.fake_world.push.fails = CredentialsRejected("fcm")
    pushes.send()
    pushes.push()
    alarms = [line for line in log_output.getvalue().splitlines() if Alarm.PUSH_CREDENTIALS_REJECTED.value in line]
    assert 1 <= len(alarms) <= SHARDS


@dataclass
class SlowPush:
    """Passes pushes on, each after four seconds."""

    inner: FakePush
    clock: FakeClock

    def send(self, token: str, title: str, body: str, data: Mapping[str, str]) -> None:
        self.clock.advance(seconds=4)
        self.inner.send(token, title, body, data)


def test_a_slow_push_service_ends_a_chunk_in_time_and_the_next_goes_on(pushes: Pushes) -> None:
    for user in (pushes.customer() for _ in range(14)):
        pushes.register(user, f"more-{user}")
    push, clock = pushes.network.fake_world.push, pushes.network.fake_world.clock
    pushes.network.world = replace(pushes.network.world, push=SlowPush(push, clock))
    pushes.send()
    longest = 0.0
    while bodies := pushes.network.fake_world.queues.take(outbox.BROADCASTS):
        for body in bodies:
            began = pushes.network.world.now()
            broadcast_push.deliver(pushes.network.world, body)
            longest = max(longest, (pushes.network.world.now() - began).total_seconds())
    assert longest <= 12
    assert len(pushes.pushed) == len(set(pushes.pushed)) == len(TOKENS) + 14
    assert pushes.waiting == 0


def test_lost_answers_of_the_database_push_nothing_twice(pushes: Pushes) -> None:
    with lost_answers():
        pushes.send()
        pushes.push()
        assert (pushes.pushed, pushes.waiting) == (TOKENS, 0)
        pushes.network.fake_world.push.fails = Unavailable("fcm")
        pushes.send()
        pushes.push()
        pushes.network.fake_world.push.fails = None
        for _ in range(3):
            pushes.sweep()
        late = pushes.send()
        pushes.network.fake_world.clock.advance(hours=25)
        pushes.push()
    assert late not in {data["notification_id"] for *_, data in pushes.network.fake_world.push.sent}
    assert pushes.waiting == 0
