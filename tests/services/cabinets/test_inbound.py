"""The maker's queue into ours: durable here before it is deleted there, and poison in nobody's way."""

import base64
import json
from collections.abc import Callable

import pytest

from chalicelib.domain.cabinet_protocol.envelope import DeviceNews, InboxMessage
from chalicelib.services import outbox
from chalicelib.services.cabinets import inbound
from chalicelib.world import World
from infra.local import cabinet_frames as frames
from tests.builders import LABIM
from tests.fake_world import Scene


def told(number: int, body: str) -> InboxMessage:
    return InboxMessage(f"mns-{number}", body, f"receipt-{number}", 1)


def good(number: int, scene: Scene) -> InboxMessage:
    return told(number, frames.upload_envelope("pk", LABIM.imei, frames.heartbeat(), scene.clock.now()))


def rounds(count: int) -> Callable[[], float]:
    """Time for so many looks into the queue."""
    left = [30.0] * count + [0.0]
    return lambda: left.pop(0)


def heard(scene: Scene) -> list[str]:
    return [body["message_id"] for body in scene.queues.take(outbox.DEVICE_NEWS)]


def test_news_is_ours_before_it_is_deleted_there(scene: Scene, world: World) -> None:
    scene.inbox.waiting.extend([good(1, scene), good(2, scene)])
    assert inbound.poll(world, rounds(2)) == 2
    assert len(heard(scene)) == 2
    assert scene.inbox.deleted == ["mns-1", "mns-2"]


def test_poison_between_two_good_ones_is_set_aside_whole(scene: Scene, world: World) -> None:
    scene.inbox.waiting.extend([good(1, scene), told(2, "%%% poison %%%"), good(3, scene)])
    inbound.poll(world, rounds(1))
    assert len(heard(scene)) == 2
    assert scene.queues.take(outbox.POISON) == [{"message_id": "mns-2", "raw": "%%% poison %%%"}]
    assert sorted(scene.inbox.deleted) == ["mns-1", "mns-2", "mns-3"]


def test_what_our_queue_does_not_take_is_not_deleted(scene: Scene, world: World) -> None:
    scene.inbox.waiting.append(good(1, scene))
    scene.queues.away = True
    inbound.poll(world, rounds(1))
    assert scene.inbox.deleted == []


def test_an_inbox_that_is_away_ends_the_run(scene: Scene, world: World) -> None:
    scene.inbox.away = True
    assert inbound.poll(world, rounds(3)) == 0


def test_an_empty_answer_at_once_is_waited_out(scene: Scene, world: World) -> None:
    began = scene.clock.now()
    inbound.poll(world, rounds(3))
    assert (scene.clock.now() - began).total_seconds() >= 3


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
def test_whatever_else_comes_is_set_aside(scene: Scene, world: World, body: str) -> None:
    scene.inbox.waiting.append(told(1, body))
    inbound.poll(world, rounds(1))
    assert heard(scene) == []
    assert len(scene.queues.take(outbox.POISON)) == 1


def test_what_was_put_into_our_queue_is_read_again_alike(scene: Scene, world: World) -> None:
    scene.inbox.waiting.append(good(1, scene))
    inbound.poll(world, rounds(1))
    news = DeviceNews.from_body(scene.queues.take(outbox.DEVICE_NEWS)[0])
    assert (news.imei, news.kind, news.frame) == (LABIM.imei, "frame", frames.heartbeat())
