"""Pushes: one for each device, logged before the send, with retries and removal of rejected tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib.domain.account import Status
from chalicelib.domain.notification_templates import NotificationKind
from chalicelib.domain.push_delivery import PushState
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.auth import sessions
from chalicelib.services.notifications import devices, inbox, push
from chalicelib.services.notifications.devices import DeviceInfo
from chalicelib.services.users.profile import change_profile, profile_keys
from chalicelib.tables import accounts, outbox
from chalicelib.tables import devices as device_rows
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.outbox import Message
from chalicelib.tables.push_deliveries import PushDeliveryRow
from chalicelib.world import CredentialsRejected, InvalidMessage, OutcomeUnknown, Unavailable
from tests.builders import account
from tests.network import Network


@dataclass
class Reader:
    """A customer with devices and one notification."""

    network: Network
    user: str
    bodies: list[Mapping[str, Any]] = field(default_factory=list)

    def register(self, *tokens: str) -> "Reader":
        """One device for each token's name."""
        for token in tokens:
            info = DeviceInfo(f"of-{token}", token, "android")
            caller = self.network.sessions[self.user].caller(
                self.network.world, *devices.prefetch_keys(self.network.world, self.user, info)
            )
            devices.register(self.network.world, caller, info)
        return self

    def notify(self, kind: NotificationKind = NotificationKind.KYC_APPROVED, **data: Any) -> "Reader":
        def decide(ops: Transaction) -> list[Message]:
            return inbox.notify(ops, self.network.world, self.user, kind, data)

        outbox_messages.publish(self.network.world, atomic(self.network.world, decide))
        self.bodies = list(self.network.fake_world.queues.take(outbox_messages.PUSH))
        return self

    def deliver(self) -> None:
        """Run the consumer with the last message."""
        push.deliver(self.network.world, self.bodies[-1])

    @property
    def pushed(self) -> list[str]:
        return [token for token, *_ in self.network.fake_world.push.sent]

    @property
    def waiting(self) -> bool:
        """Whether the message still waits in the outbox."""
        return fetch_one(outbox.message_key(str(self.bodies[-1]["message_id"]))) is not None

    def log(self) -> dict[str, tuple[PushState, int]]:
        return {row.push_id.partition("#of-")[2]: (row.state, row.tries_count) for row in PushDeliveryRow.scan()}


@pytest.fixture
def reader(network: Network) -> Reader:
    return Reader(network, network.customer())


def test_every_device_gets_one_push_for_repeated_messages(reader: Reader) -> None:
    reader.register("a", "b").notify()
    for _ in range(3):
        reader.deliver()
    assert sorted(reader.pushed) == ["a", "b"]
    assert reader.log() == {"a": (PushState.SENT, 1), "b": (PushState.SENT, 1)}
    assert not reader.waiting


def test_the_queue_carries_ids_only(reader: Reader) -> None:
    reader.register("canary-4711").notify(NotificationKind.KYC_REJECTED, reason="canary-4712")
    (body,) = reader.bodies
    assert body.keys() == {"message_id", "user_id", "notification_id"}
    assert "canary" not in str(body)


@pytest.mark.parametrize(("language", "title"), [("ne", "कागजात स्वीकृत भएन"), ("en", "Documents not accepted")])
def test_a_push_is_in_the_readers_language(reader: Reader, language: str, title: str) -> None:
    caller = reader.network.sessions[reader.user].caller(reader.network.world, *profile_keys(reader.user))
    change_profile(reader.network.world, caller, {"language": language})
    reader.register("a").notify(NotificationKind.KYC_REJECTED, reason="blurred {x}").deliver()
    ((_, text, body, data),) = reader.network.fake_world.push.sent
    assert text == title
    assert "blurred {x}" in body
    assert data == {"notification_id": reader.bodies[0]["notification_id"], "type": "kyc_status"}


def test_a_rejected_token_is_removed_and_other_devices_get_the_push(reader: Reader) -> None:
    reader.register("unregistered-1", "b", "mismatch-1").notify().deliver()
    assert reader.pushed == ["b"]
    assert {device.fcm_token for device in device_rows.of_user(reader.user)} == {None, "b"}
    assert not reader.waiting
    reader.notify().deliver()
    assert reader.pushed == ["b", "b"]


def test_a_user_without_devices_is_no_error(reader: Reader) -> None:
    reader.notify().deliver()
    assert not reader.waiting


@pytest.mark.parametrize("fails", [Unavailable("fcm"), OutcomeUnknown("fcm")])
def test_a_failing_push_service_is_tried_again_after_a_backoff(reader: Reader, fails: Exception) -> None:
    reader.register("a").notify()
    reader.network.fake_world.push.fails = fails
    with pytest.raises(type(fails)):
        reader.deliver()
    assert reader.log() == {"a": (PushState.WAITING, 1)}
    reader.network.fake_world.push.fails = None
    with pytest.raises(Unavailable):
        reader.deliver()
    assert reader.pushed == []
    reader.network.fake_world.clock.advance(seconds=31)
    reader.deliver()
    reader.deliver()
    assert reader.pushed == ["a"]
    assert not reader.waiting


def test_only_failed_devices_are_retried_the_least_tried_first(reader: Reader) -> None:
    reader.register("a", "quota-1", "z").notify()
    with pytest.raises(Unavailable):
        reader.deliver()
    assert reader.pushed == ["a"]
    reader.network.fake_world.clock.advance(seconds=31)
    with pytest.raises(Unavailable):
        reader.deliver()
    assert reader.pushed == ["a", "z"]
    assert reader.waiting
    assert reader.log()["quota-1"] == (PushState.WAITING, 2)


def test_rejected_credentials_of_one_platform_delay_no_other(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    reader.register("apns-1", "z").notify()
    with pytest.raises(Unavailable):
        reader.deliver()
    assert reader.pushed == ["z"]
    assert '"push_credentials_rejected":1' in capsys.readouterr().out


def test_an_invalid_message_is_dropped_and_removes_no_token(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    reader.register("a").notify()
    reader.network.fake_world.push.fails = InvalidMessage("INVALID_ARGUMENT")
    reader.deliver()
    assert '"push_message_invalid":1' in capsys.readouterr().out
    assert [device.fcm_token for device in device_rows.of_user(reader.user)] == ["a"]
    assert not reader.waiting


class Died(BaseException):
    """The process ended."""


def test_a_crash_of_the_consumer_pushes_to_no_device_twice(reader: Reader) -> None:
    """The process crashes between two devices. The first gets no second push, and the second gets its push."""
    reader.register("a", "b").notify()
    sent = reader.network.fake_world.push.sent

    class DiesAtTheSecond:
        def send(self, token: str, title: str, body: str, data: Mapping[str, str]) -> None:
            if sent:
                raise Died
            sent.append((token, title, body, dict(data)))

    with pytest.raises(Died):
        push.deliver(replace(reader.network.world, push=DiesAtTheSecond()), reader.bodies[0])
    with pytest.raises(Unavailable):
        reader.deliver()
    reader.network.fake_world.clock.advance(seconds=61)
    reader.deliver()
    assert sorted(reader.pushed) == ["a", "b"]
    assert not reader.waiting


def test_two_concurrent_consumers_push_once(reader: Reader) -> None:
    """The second consumer starts while the first one sends: it leaves the device to the first, and comes again."""
    reader.register("a").notify()
    outcomes: list[type[Exception]] = []
    fake_world = reader.network.fake_world

    class MeetsAnother:
        def send(self, token: str, title: str, body: str, data: Mapping[str, str]) -> None:
            try:
                reader.deliver()
            except Unavailable as error:
                outcomes.append(type(error))
            fake_world.push.send(token, title, body, data)

    push.deliver(replace(reader.network.world, push=MeetsAnother()), reader.bodies[0])
    assert outcomes == [Unavailable]
    assert reader.pushed == ["a"]
    assert not reader.waiting


def test_a_deleted_or_expired_notification_is_not_pushed(reader: Reader) -> None:
    reader.register("a").notify()
    caller = reader.network.sessions[reader.user].caller(reader.network.world)
    inbox.delete(reader.network.world, caller, reader.bodies[0]["notification_id"])
    reader.deliver()
    reader.notify()
    reader.network.fake_world.clock.advance(hours=24)
    reader.deliver()
    assert reader.pushed == []
    assert not reader.waiting


def test_the_sweep_resends_a_lost_message(reader: Reader) -> None:
    reader.network.fake_world.queues.unavailable = True
    reader.register("a").notify()
    reader.network.fake_world.queues.unavailable = False
    reader.network.deliver_messages()
    assert reader.pushed == ["a"]


def test_a_signed_out_device_gets_no_push(network: Network, reader: Reader) -> None:
    reader.register("mine").notify()
    sessions.logout(network.world, network.sessions[reader.user].caller(network.world))
    reader.deliver()
    assert (reader.pushed, reader.waiting) == ([], False)


def test_a_banned_user_gets_no_push(network: Network, reader: Reader) -> None:
    reader.register("mine").notify()
    banned = replace(account(reader.user), status=Status.BANNED)
    atomic(network.world, lambda ops: accounts.save(ops, banned))
    reader.deliver()
    assert (reader.pushed, reader.waiting) == ([], False)


def test_the_push_service_rests_as_long_as_it_asks_for(reader: Reader) -> None:
    reader.network.fake_world.push.fails = Unavailable("fcm", 300)
    reader.register("a").notify()
    with pytest.raises(Unavailable):
        reader.deliver()
    reader.network.fake_world.push.fails = None
    reader.network.fake_world.clock.advance(seconds=299)
    with pytest.raises(Unavailable):
        reader.deliver()
    reader.network.fake_world.clock.advance(seconds=2)
    reader.deliver()
    assert reader.pushed == ["a"]


def test_a_configuration_reason_of_apple_is_alarmed_and_keeps_the_token(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    reader.network.fake_world.push.fails = CredentialsRejected("apns DeviceTokenNotForTopic")
    reader.register("a").notify()
    with pytest.raises(Unavailable):
        reader.deliver()
    assert '"reason":"apns DeviceTokenNotForTopic"' in capsys.readouterr().out
    reader.network.fake_world.push.fails = None
    reader.deliver()
    assert reader.pushed == ["a"]
