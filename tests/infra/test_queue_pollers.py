"""Messages of a queue reach their consumer, over a real engine."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local import cloud
from infra.local.lambdas import Consumer, Context
from infra.local.queue_pollers import PollerCounts, QueuePollers
from infra.queues import dead_letter_name
from tests.infra.engines import running

MAX_RECEIVES = 5


@pytest.fixture(scope="module")
def up() -> Iterator[cloud.Cloud]:
    with running("moto") as created:
        yield created


class Recorder:
    """A consumer that fails chosen messages, as `process_batch` does."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.event: dict[str, Any] = {}
        self.fails: set[str] = set()
        self.breaks = False
        self.answers_nonsense = False

    def __call__(self, event: dict[str, Any], context: Context) -> Any:
        assert context.get_remaining_time_in_millis() > 0
        self.event = event
        bodies = {item["messageId"]: json.loads(item["body"])["name"] for item in event["Records"]}
        self.handled += bodies.values()
        if self.breaks:
            raise RuntimeError("out of memory")
        if self.answers_nonsense:
            return {"batchItemFailures": [{"itemIdentifier": "no message of this batch"}]}
        failed = [{"itemIdentifier": mid} for mid, name in bodies.items() if name in self.fails]
        return {"batchItemFailures": failed}


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def queue(up: cloud.Cloud) -> str:
    """A queue for this test, with its dead-letter queue."""
    sqs, name = up.client("sqs"), f"award-{uuid.uuid4().hex}"
    url = sqs.create_queue(QueueName=dead_letter_name(name))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MAX_RECEIVES})
    sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": redrive})
    return name


@pytest.fixture
def queue_pollers(up: cloud.Cloud, queue: str, recorder: Recorder) -> QueuePollers:
    return QueuePollers(up.client("sqs"), up.queue_url_prefix, [Consumer("award", queue, 10, recorder)])


def send(up: cloud.Cloud, queue: str, *names: str) -> None:
    entries = [{"Id": name, "MessageBody": json.dumps({"name": name})} for name in names]
    up.client("sqs").send_message_batch(QueueUrl=up.queue_url_prefix + queue, Entries=entries)


def test_a_handled_message_is_deleted(
    up: cloud.Cloud, queue: str, queue_pollers: QueuePollers, recorder: Recorder
) -> None:
    send(up, queue, "a", "b")
    assert queue_pollers.round() == 2
    assert sorted(recorder.handled) == ["a", "b"]
    assert queue_pollers.waiting() == 0
    assert queue_pollers.counts() == PollerCounts(handled=2, failed=0)


def test_the_event_has_lambdas_form(
    up: cloud.Cloud, queue: str, queue_pollers: QueuePollers, recorder: Recorder
) -> None:
    send(up, queue, "a", "b")
    queue_pollers.round()
    first, second = recorder.event["Records"]
    assert first["messageId"] != second["messageId"]
    assert first["eventSource"] == "aws:sqs"
    assert first["eventSourceARN"].endswith(f":{queue}")
    assert first["attributes"]["ApproximateReceiveCount"] == "1"


def test_only_the_failed_message_is_delivered_again(
    up: cloud.Cloud, queue: str, queue_pollers: QueuePollers, recorder: Recorder
) -> None:
    recorder.fails = {"b"}
    send(up, queue, "a", "b", "c")
    queue_pollers.round()
    assert queue_pollers.waiting() == 1
    recorder.fails = set()
    queue_pollers.release()
    queue_pollers.round()
    assert sorted(recorder.handled) == ["a", "b", "b", "c"]
    assert queue_pollers.counts() == PollerCounts(handled=3, failed=1)


def test_a_function_that_raises_gets_its_whole_batch_again(
    up: cloud.Cloud, queue: str, queue_pollers: QueuePollers, recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder.breaks = True
    send(up, queue, "a", "b")
    queue_pollers.round()
    assert queue_pollers.waiting() == 2
    assert "out of memory" in capsys.readouterr().err


def test_an_unreadable_result_means_the_whole_batch(
    up: cloud.Cloud, queue: str, queue_pollers: QueuePollers, recorder: Recorder
) -> None:
    recorder.answers_nonsense = True
    send(up, queue, "a", "b")
    queue_pollers.round()
    assert queue_pollers.waiting() == 2


def test_a_message_that_always_fails_moves_to_the_dead_letter_queue(
    up: cloud.Cloud, queue: str, queue_pollers: QueuePollers, recorder: Recorder
) -> None:
    recorder.fails = {"poison"}
    send(up, queue, "poison")
    while queue_pollers.waiting():
        queue_pollers.release()
        queue_pollers.round()
    assert recorder.handled == ["poison"] * MAX_RECEIVES
    assert queue_pollers.count(dead_letter_name(queue)) == 1
