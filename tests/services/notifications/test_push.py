"""Pushes: one for each device, logged before the send, with retries and removal of rejected tokens."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.notifications.push_delivery import PushState
from chalicelib.services.auth import sessions
from chalicelib.services.notifications import inbox, push
from chalicelib.services.users.profile import change_profile, profile_keys
from chalicelib.tables import accounts
from chalicelib.tables.atomic import atomic
from chalicelib.world import Unavailable
from tests.services.notifications.push_reader import Reader
from tests.world.builders import account
from tests.world.network import Network


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


def test_a_user_without_devices_is_no_error(reader: Reader) -> None:
    reader.notify().deliver()
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
