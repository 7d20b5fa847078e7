"""When SQS delivers a failed message again: soon for a cause that may pass, else after the queue's own time."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from app import app
from chalicelib.domain.operations.message_errors import Poison
from chalicelib.domain.problems.problems import Problem
from chalicelib.edge.sqs_batch import RESERVE_SECONDS, process_batch
from chalicelib.services import outbox
from chalicelib.tables.atomic import atomic
from chalicelib.world import Unavailable
from infra.local.aws.lambdas import Context, consumers, queue_event
from infra.local.fault import Fault
from infra.local.simulation import Simulation
from tests.world.builders import account
from tests.world.network import Network

QUEUE = "bijuli-points"


@dataclass
class Run:
    """One run of a made-up consumer. `failures` lists what its messages raise, in turn, by name."""

    failures: dict[str, list[Exception]] = field(default_factory=dict)
    seconds_left: list[float] = field(default_factory=list)
    handled: list[str] = field(default_factory=list)
    retries: dict[str, int] = field(default_factory=dict)
    queue_unavailable: bool = False
    asked: int = 0

    def __call__(self, *names: str, deliveries: int = 1) -> list[str]:
        """The names of the messages that failed."""
        event = SqsEvent(event_of(names, deliveries), self)
        failed = process_batch(event, self.handle, self.retry_later)["batchItemFailures"]
        return [item["itemIdentifier"] for item in failed]

    def handle(self, body: Any) -> None:
        self.handled.append(body["name"])
        if failures := self.failures.get(body["name"]):
            raise failures.pop(0)

    def retry_later(self, queue: str, seconds_by_receipt: Any) -> None:
        assert queue == QUEUE
        if self.queue_unavailable:
            raise Unavailable(queue)
        self.retries |= seconds_by_receipt

    def get_remaining_time_in_millis(self) -> int:
        """The first answer is at the start of the run."""
        self.asked += 1
        left = self.seconds_left.pop(0) if self.seconds_left and self.asked > 1 else 25.0
        return int(left * 1000)


@dataclass
class SqsEvent:
    """A batch as Chalice passes it to a handler."""

    content: dict[str, Any]
    context: Any

    def to_dict(self) -> dict[str, Any]:
        return self.content


def event_of(names: Any, deliveries: int) -> dict[str, Any]:
    messages = [
        {
            "MessageId": name,
            "ReceiptHandle": f"receipt-{name}",
            "Body": f'{{"name":"{name}"}}',
            "MD5OfBody": "",
            "Attributes": {"ApproximateReceiveCount": str(deliveries)},
        }
        for name in names
    ]
    return queue_event(QUEUE, messages)


def storage_unavailable() -> Problem:
    return Problem("storage_unavailable", retry_after_seconds=2)


def test_a_failed_message_is_handled_once_more_after_the_others() -> None:
    run = Run({"a": [storage_unavailable()]})
    assert run("a", "b") == []
    assert run.handled == ["a", "b", "a"]
    assert run.retries == {}


@pytest.mark.parametrize(("deliveries", "seconds"), [(1, 2), (2, 8), (3, 30)])
def test_a_message_comes_again_sooner_than_the_queues_time(deliveries: int, seconds: int) -> None:
    run = Run({"a": [Unavailable("sms"), Unavailable("sms")]})
    assert run("a", deliveries=deliveries) == ["a"]
    assert run.retries == {"receipt-a": seconds}


@pytest.mark.parametrize("count", ["x", None, "", "0", "-1", "9" * 5_000])
def test_an_odd_number_of_deliveries_fails_no_other_message(count: Any) -> None:
    run = Run({"first": [Unavailable("khalti")] * 2})
    event = event_of(("first", "second"), 1)
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = count
    failed = process_batch(SqsEvent(event, run), run.handle, run.retry_later)
    assert failed == {"batchItemFailures": [{"itemIdentifier": "first"}]}
    assert [*run.retries.values()] == [2]


def test_a_message_that_failed_often_waits_for_the_queues_time() -> None:
    run = Run({"a": [Unavailable("sms"), Unavailable("sms")]})
    assert run("a", deliveries=4) == ["a"]
    assert run.retries == {}


@pytest.mark.parametrize("error", [Poison("not ours"), KeyError("user_id"), Problem("not_found")])
def test_a_failure_that_stays_is_not_repeated_soon(error: Exception) -> None:
    run = Run({"a": [error]})
    assert run("a", "b") == ["a"]
    assert run.handled == ["a", "b"]
    assert run.retries == {}


def test_without_time_a_failed_message_is_not_handled_once_more() -> None:
    run = Run({"a": [storage_unavailable()]}, seconds_left=[RESERVE_SECONDS - 1])
    assert run("a") == ["a"]
    assert run.handled == ["a"]
    assert run.retries == {"receipt-a": 2}


def test_a_message_that_was_not_begun_comes_again_soon() -> None:
    run = Run(seconds_left=[RESERVE_SECONDS - 1])
    assert run("a", "b") == ["b"]
    assert run.handled == ["a"]
    assert run.retries == {"receipt-b": 2}


def test_a_message_whose_time_cannot_be_set_still_fails() -> None:
    run = Run({"a": [Unavailable("sms"), Unavailable("sms")]}, queue_unavailable=True)
    assert run("a", "b") == ["a"]


BODIES: dict[str, dict[str, Any]] = {
    "bijuli-otp": {"message_id": "otp:c1", "challenge_id": "c1", "generation": 1, "channel": "sms"},
    "bijuli-points": {"message_id": "points:u1", "user_id": "u1", "points": 5},
    "bijuli-device-events": {
        "message_id": "n1",
        "imei": "860000000000001",
        "kind": "online",
        "at": "2026-11-23T06:00:00+00:00",
        "frame": "",
    },
    "bijuli-payment-events": {"message_id": "w1", "user_id": "u1", "intent_id": "i1"},
    "bijuli-refunds": {"message_id": "refund:r1", "user_id": "u1", "refund_id": "r1"},
    "bijuli-erasure": {"message_id": "erase:account:u1", "user_id": "u1", "what": "account"},
    "bijuli-broadcasts": {"broadcast_id": "b1", "shard": 0, "number": 0, "after": ""},
    "bijuli-push": {"message_id": "push:n1", "user_id": "u1", "notification_id": "n1"},
}


@pytest.mark.parametrize("queue", BODIES)
def test_each_consumer_has_a_throttled_message_delivered_again_soon(
    queue: str, network: Network, storage_faults: Simulation
) -> None:
    (consumer,) = [consumer for consumer in consumers(app) if consumer.queue == queue]
    storage_faults.faults["dynamodb"] = Fault(1_000, code="ThrottlingException")
    message = {"MessageId": "m", "ReceiptHandle": "r", "Body": json.dumps(BODIES[queue]), "MD5OfBody": ""}
    assert consumer.handler(queue_event(queue, [message]), None) == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert network.fake_world.queues.retries == {"r": 2}


def test_a_long_message_ends_in_time_and_comes_again(network: Network) -> None:
    """A call of DynamoDB takes up to 4 s. None is begun in the last 5 s of a run."""
    (consumer,) = [consumer for consumer in consumers(app) if consumer.queue == QUEUE]
    user = network.customer()
    before = account(user)
    message_id = f"points:{user}"
    body = {"message_id": message_id, "user_id": user, "points": 7}
    atomic(network.world, lambda ops: outbox.stage(ops, network.world, QUEUE, message_id, body))
    message = {"MessageId": "m", "ReceiptHandle": "r", "Body": json.dumps(body), "MD5OfBody": ""}
    event = queue_event(QUEUE, [message])
    assert consumer.handler(event, Context("award_points", 4)) == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert (account(user), network.fake_world.queues.retries) == (before, {"r": 2})
    assert consumer.handler(event, Context("award_points", 30)) == {"batchItemFailures": []}
    assert account(user).points == before.points + 7
