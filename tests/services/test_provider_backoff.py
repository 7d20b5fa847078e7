"""The trouble of one receiver delays nobody else; only the provider's own trouble does, once several show it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.auth import otp, otp_delivery
from chalicelib.services.notifications import push
from chalicelib.world import OutcomeUnknown, ReceiverUnavailable, Unavailable, World
from tests.services.notifications.push_reader import Reader
from tests.world.fake_world import FakeWorld
from tests.world.network import Network

ADDRESS = "192.0.2.1"
RECEIVERS: dict[str, Callable[[int], str]] = {
    "sms": lambda number: f"+97798412345{number:02d}",
    "mail": lambda number: f"receiver{number}@example.com",
}
FAILURES = [Unavailable("company"), OutcomeUnknown("company"), ReceiverUnavailable("company")]


class Channel:
    """One channel of one-time codes, whose company fails on demand."""

    def __init__(self, fake_world: FakeWorld, world: World, name: str) -> None:
        self.fake_world, self.world, self.receiver = fake_world, world, RECEIVERS[name]
        self.company = fake_world.sms if name == "sms" else fake_world.mail

    def send(self, number: int, failure: Exception | None = None, *, times: int = 1) -> None:
        """Request a code for a receiver and deliver it this number of times."""
        otp.request_code(self.world, self.receiver(number), ADDRESS)
        (body,) = self.fake_world.queues.take(outbox.OTP)
        self.company.fails = failure
        for _ in range(times):
            if failure is None:
                otp_delivery.deliver(self.world, body)
            else:
                with pytest.raises(type(failure)):
                    otp_delivery.deliver(self.world, body)
        self.company.fails = None

    @property
    def refuses(self) -> bool:
        """Whether requests of a receiver without any trouble are refused."""
        try:
            otp.request_code(self.world, self.receiver(99), ADDRESS)
        except Problem as problem:
            return problem.code in ("sms_unavailable", "email_unavailable")
        self.fake_world.queues.take(outbox.OTP)
        return False


@pytest.fixture(params=RECEIVERS)
def channel(request: pytest.FixtureRequest, fake_world: FakeWorld, world: World) -> Channel:
    return Channel(fake_world, world, request.param)


@pytest.mark.parametrize("failure", FAILURES)
def test_one_receivers_failures_delay_no_other_receiver(channel: Channel, failure: Exception) -> None:
    channel.send(1, failure, times=9)
    assert not channel.refuses


def test_three_receivers_show_that_the_provider_fails(channel: Channel) -> None:
    for number in range(3):
        channel.send(number, Unavailable("company"))
    assert channel.refuses
    channel.fake_world.clock.advance(seconds=31)
    assert not channel.refuses


def test_receivers_that_are_unavailable_themselves_never_count(channel: Channel) -> None:
    for number in range(5):
        channel.send(number, ReceiverUnavailable("company"))
    assert not channel.refuses


def test_a_success_in_between_starts_the_count_again(channel: Channel) -> None:
    for number in (1, 2):
        channel.send(number, Unavailable("company"))
    channel.send(3)
    for number in (4, 5):
        channel.send(number, Unavailable("company"))
    assert not channel.refuses


def test_failures_of_more_than_two_minutes_ago_do_not_count(channel: Channel) -> None:
    for number in (1, 2):
        channel.send(number, Unavailable("company"))
    channel.fake_world.clock.advance(seconds=121)
    channel.send(3, Unavailable("company"))
    assert not channel.refuses


def test_a_provider_that_still_fails_after_its_backoff_backs_off_at_once(channel: Channel) -> None:
    for number in range(3):
        channel.send(number, Unavailable("company"))
    channel.fake_world.clock.advance(seconds=31)
    channel.send(4, Unavailable("company"))
    assert channel.refuses


def test_devices_with_too_many_messages_delay_no_other_customers_push(network: Network) -> None:
    for number in range(5):
        busy = Reader(network, network.customer()).register(f"quota-{number}").notify()
        for _ in range(3):
            with pytest.raises(Unavailable):
                busy.deliver()
    reader = Reader(network, network.customer()).register("a").notify()
    reader.deliver()
    assert reader.pushed == ["a"]


def test_a_device_is_tried_again_after_its_own_wait(network: Network) -> None:
    reader = Reader(network, network.customer()).register("quota-1", "a").notify()
    for _ in range(3):
        with pytest.raises(Unavailable):
            reader.deliver()
    assert reader.pushed == ["a"]
    assert reader.log()["quota-1"][1] == 1
    network.fake_world.clock.advance(seconds=31)
    with pytest.raises(Unavailable):
        reader.deliver()
    assert reader.log()["quota-1"][1] == 2


def test_a_failing_device_leaves_the_other_device_its_push(network: Network) -> None:
    reader = Reader(network, network.customer()).register("a", "b").notify()
    sent: list[str] = []

    class FailsForOne:
        def send(self, token: str, title: str, body: str, data: Mapping[str, str]) -> None:
            if token == "a":
                raise OutcomeUnknown("fcm")
            sent.append(token)

    with pytest.raises(OutcomeUnknown):
        push.deliver(replace(network.world, push=FailsForOne()), reader.bodies[-1])
    assert sent == ["b"]


def test_three_customers_show_that_the_push_service_fails(network: Network) -> None:
    readers = [Reader(network, network.customer()).register(f"of-{number}").notify() for number in range(4)]
    network.fake_world.push.fails = Unavailable("fcm", retry_after_seconds=90)
    for reader in readers[:3]:
        with pytest.raises(Unavailable):
            reader.deliver()
    network.fake_world.push.fails = None
    with pytest.raises(Unavailable):
        readers[3].deliver()
    network.fake_world.clock.advance(seconds=91)
    readers[3].deliver()
    readers[0].deliver()
    assert readers[3].pushed == ["of-3", "of-0"]
