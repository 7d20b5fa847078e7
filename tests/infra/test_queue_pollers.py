"""Messages of a queue reach their consumer, over a real engine."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import botocore.session
import pytest

from chalicelib.gateways.sqs import SqsQueues
from chalicelib.gateways.sqs_dead_letters import SqsDeadLetters
from chalicelib.world import Unavailable
from infra.local.aws import cloud
from infra.local.aws.aws_account import REGION
from infra.local.aws.lambdas import Consumer, Context
from infra.local.aws.queue_poller import PollerCounts, QueuePoller
from infra.local.aws.queue_pollers import QueuePollers
from infra.local.aws.visibility import ScaledVisibility
from infra.local.snapshots.activity_gate import ActivityGate
from infra.queues import CONSUMED, VISIBILITY_SECONDS, dead_letter_name
from tests.infra.engines import running
from tests.infra.recorder import Recorder

MAX_RECEIVES = 5
LONG_POLL_SECONDS = 10


@pytest.fixture(scope="module")
def up() -> Iterator[cloud.Cloud]:
    with running("moto") as created:
        yield created


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
    return QueuePollers(
        up.client("sqs"), up.queue_url_prefix, [Consumer("award", queue, 10, recorder)], ScaledVisibility()
    )


def poller_of(up: cloud.Cloud, queue: str, handler: Any, visibility: ScaledVisibility) -> QueuePoller:
    return QueuePoller(
        up.client("sqs"), up.queue_url_prefix + queue, Consumer("award", queue, 10, handler), visibility
    )


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


def test_a_message_that_comes_during_a_restore_is_neither_handled_nor_hidden(
    up: cloud.Cloud, queue: str, recorder: Recorder
) -> None:
    """It was received before the restore, or is one of the restored messages, which must not get lost."""
    activity, sqs = ActivityGate(), up.client("sqs")

    class RestoredMeanwhile:
        """SQS, whose messages are replaced while a receive waits for them."""

        def __getattr__(self, name: str) -> Any:
            if name == "receive_message":
                activity.epoch += 1
            return getattr(sqs, name)

    url, consumer = up.queue_url_prefix + queue, Consumer("award", queue, 10, recorder)
    send(up, queue, "a")
    assert QueuePoller(RestoredMeanwhile(), url, consumer, ScaledVisibility(), activity).poll_once(0) == 0
    assert recorder.handled == []
    assert QueuePoller(sqs, url, consumer, ScaledVisibility(), activity).poll_once(0) == 1
    assert recorder.handled == ["a"]


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


def test_a_failed_message_comes_again_after_the_visibility_timeout(
    up: cloud.Cloud, queue: str, recorder: Recorder
) -> None:
    recorder.fails = {"b"}
    send(up, queue, "a", "b")
    poller = poller_of(up, queue, recorder, ScaledVisibility(1 / VISIBILITY_SECONDS))
    assert poller.poll_once(0) == 2
    recorder.fails = set()
    assert poller.poll_once(LONG_POLL_SECONDS) == 1
    assert sorted(recorder.handled) == ["a", "b", "b"]


def test_a_message_comes_again_when_its_function_said(up: cloud.Cloud, queue: str, recorder: Recorder) -> None:
    """The queue's own time would be 180 s."""
    session, visibility = botocore.session.get_session(), ScaledVisibility()
    session.set_credentials("sandbox", "sandbox")
    visibility.watch(session)
    client = session.create_client("sqs", region_name=REGION, endpoint_url=up.rest_url)

    def fail(event: dict[str, Any], context: Context) -> Any:
        SqsQueues(client, up.queue_url_prefix).retry_later(queue, {event["Records"][0]["receiptHandle"]: 1})
        return recorder(event, context)

    recorder.fails = {"a"}
    send(up, queue, "a")
    poller = poller_of(up, queue, fail, visibility)
    assert poller.poll_once(0) == 1
    assert poller.poll_once(LONG_POLL_SECONDS) == 1


def test_the_sandboxs_queues_have_the_templates_times(up: cloud.Cloud) -> None:
    for name in CONSUMED:
        attributes = up.client("sqs").get_queue_attributes(
            QueueUrl=up.queue_url_prefix + name, AttributeNames=["VisibilityTimeout", "RedrivePolicy"]
        )["Attributes"]
        assert attributes["VisibilityTimeout"] == "180"
        assert int(json.loads(attributes["RedrivePolicy"])["maxReceiveCount"]) == 8


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


def test_a_dead_letter_is_listed_as_often_as_wanted_and_goes_back_to_its_queue(
    up: cloud.Cloud, queue: str, queue_pollers: QueuePollers, recorder: Recorder
) -> None:
    send(up, dead_letter_name(queue), "a", "b")
    for _ in range(2):
        assert [letter["body"]["name"] for letter in queue_pollers.dead_letters.listing(queue)] == ["a", "b"]
    (listed,) = queue_pollers.listing()
    assert (listed["name"], listed["waiting"], listed["dead"]) == (queue, 0, 2)
    assert queue_pollers.dead_letters.redrive(queue) == 2
    queue_pollers.round()
    assert sorted(recorder.handled) == ["a", "b"]
    assert queue_pollers.dead_letters.redrive(queue) == 0
    assert queue_pollers.dead_letters.listing(queue) == []


def test_a_queue_that_nobody_consumes_has_no_dead_letters(queue_pollers: QueuePollers) -> None:
    with pytest.raises(LookupError):
        queue_pollers.dead_letters.listing("bijuli-rumours")


def test_dead_letters_are_counted_looked_at_and_moved_once(up: cloud.Cloud, queue: str) -> None:
    sqs, letters = up.client("sqs"), SqsDeadLetters(up.client("sqs"), up.queue_url_prefix)
    url = up.queue_url_prefix + dead_letter_name(queue)
    for number in range(12):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"message_id": str(number)}))
    dead, waiting = dead_letter_name(queue), SqsQueues(sqs, up.queue_url_prefix).waiting
    assert waiting(dead) == 12
    for _ in range(2):
        seen = letters.peek(dead)
        assert (len(seen), seen[0].shown, seen[0].sent_at.tzinfo) == (10, {"message_id": "0"}, UTC)
    assert (letters.redrive(dead, queue, 11), waiting(dead), waiting(queue)) == (11, 1, 11)
    assert [letters.redrive(dead, queue, 11) for _ in range(2)] == [1, 0]
    assert (waiting(dead), waiting(queue)) == (0, 12)


def test_dead_letters_of_an_unreachable_queue_are_unavailable(up: cloud.Cloud) -> None:
    letters = SqsDeadLetters(up.client("sqs"), up.queue_url_prefix)
    with pytest.raises(Unavailable):
        letters.peek("no-such-queue")
    with pytest.raises(Unavailable):
        letters.redrive("no-such-queue", "neither", 1)
