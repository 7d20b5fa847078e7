"""MNS events into our queue: stored before they are deleted at MNS, with poison set aside."""

import base64
import json
from collections.abc import Callable
from io import StringIO

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, InboxMessage
from chalicelib.services import outbox
from chalicelib.services.cabinets import polling
from chalicelib.world import World
from infra.local.cabinets import frames
from tests.world.builders import LABIM
from tests.world.fake_world import FakeWorld
from tests.world.log_lines import lines


def message(number: int, body: str) -> InboxMessage:
    return InboxMessage(f"mns-{number}", body, f"receipt-{number}", 1)


def good(number: int, fake_world: FakeWorld) -> InboxMessage:
    return message(number, frames.upload_envelope("pk", LABIM.imei, frames.heartbeat(), fake_world.clock.now()))


def rounds(count: int) -> Callable[[], float]:
    """A time budget for that many polls."""
    seconds_left = [30.0] * count + [0.0]
    return lambda: seconds_left.pop(0)


def queued_frames(fake_world: FakeWorld) -> list[str]:
    return [body["message_id"] for body in fake_world.queues.take(outbox.DEVICE_EVENTS)]


def test_an_event_is_queued_before_it_is_deleted_at_mns(fake_world: FakeWorld, world: World) -> None:
    fake_world.inbox.waiting.extend([good(1, fake_world), good(2, fake_world)])
    assert polling.poll(world, rounds(2)) == 2
    assert len(queued_frames(fake_world)) == 2
    assert fake_world.inbox.deleted == ["mns-1", "mns-2"]


def test_poison_between_two_messages_moves_to_the_poison_queue(fake_world: FakeWorld, world: World) -> None:
    fake_world.inbox.waiting.extend([good(1, fake_world), message(2, "%%% poison %%%"), good(3, fake_world)])
    polling.poll(world, rounds(1))
    assert len(queued_frames(fake_world)) == 2
    assert fake_world.queues.take(outbox.POISON) == [{"message_id": "mns-2", "raw": "%%% poison %%%"}]
    assert sorted(fake_world.inbox.deleted) == ["mns-1", "mns-2", "mns-3"]


def test_an_event_that_is_not_queued_is_not_deleted(fake_world: FakeWorld, world: World) -> None:
    fake_world.inbox.waiting.append(good(1, fake_world))
    fake_world.queues.unavailable = True
    polling.poll(world, rounds(1))
    assert fake_world.inbox.deleted == []


def test_an_unavailable_inbox_ends_the_run(fake_world: FakeWorld, world: World) -> None:
    fake_world.inbox.unavailable = True
    assert polling.poll(world, rounds(3)) == 0


def test_a_message_that_damages_its_batch_keeps_no_other_one_back(fake_world: FakeWorld, world: World) -> None:
    fake_world.inbox.waiting.extend([good(number, fake_world) for number in range(1, 20)])
    fake_world.inbox.unreadable_id = "mns-9"
    assert polling.poll(world, rounds(25)) == 18
    assert [waiting.message_id for waiting in fake_world.inbox.waiting] == ["mns-9"]


def test_an_inbox_whose_answers_are_never_readable_ends_the_run(
    fake_world: FakeWorld, world: World, log_output: StringIO
) -> None:
    fake_world.inbox.waiting.append(good(1, fake_world))
    fake_world.inbox.unreadable_id = "mns-1"
    assert polling.poll(world, lambda: 30.0) == 0
    facts = [line["fact"] for line in lines(log_output)]
    assert facts == ["inbox_answer_unreadable"] * polling.MAX_UNREADABLE + ["inbox_unavailable"]


def test_an_early_empty_response_is_followed_by_a_pause(fake_world: FakeWorld, world: World) -> None:
    began = fake_world.clock.now()
    polling.poll(world, rounds(3))
    assert (fake_world.clock.now() - began).total_seconds() >= 3


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "null",
        "[]",
        base64.b64encode(b"x" * 50).decode(),
        json.dumps({"messageid": 1, "messagetype": "upload"}),
    ],
)
def test_an_unknown_message_moves_to_the_poison_queue(fake_world: FakeWorld, world: World, body: str) -> None:
    fake_world.inbox.waiting.append(message(1, body))
    polling.poll(world, rounds(1))
    assert queued_frames(fake_world) == []
    assert len(fake_world.queues.take(outbox.POISON)) == 1


def test_a_queued_event_is_read_back_unchanged(fake_world: FakeWorld, world: World) -> None:
    fake_world.inbox.waiting.append(good(1, fake_world))
    polling.poll(world, rounds(1))
    event = DeviceEvent.from_body(fake_world.queues.take(outbox.DEVICE_EVENTS)[0])
    assert (event.imei, event.kind, event.frame) == (LABIM.imei, "frame", frames.heartbeat())
