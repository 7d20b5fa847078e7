"""Answers that are none of AWS: each call that may be repeated raises Unavailable, and nothing counts as done."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.gateways.aws_session import AwsSession
from chalicelib.gateways.cloudwatch_logs import CloudWatchLogs
from chalicelib.gateways.kms import KmsVault
from chalicelib.gateways.sqs import SqsQueues
from chalicelib.gateways.sqs_dead_letters import SqsDeadLetters
from chalicelib.world import Unavailable
from tests.gateways.aws_clients import aws_client
from tests.gateways.odd_server import OddServer

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def started_server() -> Iterator[OddServer]:
    made = OddServer()
    yield made
    made.stop()


@pytest.fixture
def url(started_server: OddServer) -> str:
    return f"{started_server.url}aws/"


class SessionAt:
    """A botocore session whose every client is at one address."""

    def __init__(self, url: str) -> None:
        self.url = url

    def create_client(self, service: str, **_: Any) -> Any:
        return aws_client(service, self.url)


CALLS: dict[str, Callable[[str], object]] = {
    "a sealed field": lambda url: KmsVault(aws_client("kms", url), "key").seal("plain", about="u"),
    "an opened field": lambda url: KmsVault(aws_client("kms", url), "key").open("c2VhbGVk", about="u"),
    "the secrets of a cold start": lambda url: AwsSession(SessionAt(url)).parameter("/bijuli/secrets"),
    "sent messages": lambda url: SqsQueues(aws_client("sqs", url), url).send("points", [{"a": 1}, {"a": 2}]),
    "waiting messages": lambda url: SqsQueues(aws_client("sqs", url), url).waiting("points"),
    "a later retry": lambda url: SqsQueues(aws_client("sqs", url), url).retry_later("points", {"r": 2}),
    "dead letters": lambda url: SqsDeadLetters(aws_client("sqs", url), url).peek("points-dead"),
    "dead letters sent again": lambda url: SqsDeadLetters(aws_client("sqs", url), url).redrive(
        "points-dead", "points", 5
    ),
    "lines of the log": lambda url: CloudWatchLogs(aws_client("logs", url), "g").find({}, since=NOW, until=NOW),
}
ODD_FIELDS = {
    "CiphertextBlob": 5,
    "Plaintext": [1],
    "Parameter": "x",
    "Successful": "x",
    "Messages": [5],
    "events": 7,
}
BODIES: dict[str, tuple[str | bytes, int]] = {
    "a number": ("5", 200),
    "a text": ('"x"', 200),
    "fields of other types": (json.dumps(ODD_FIELDS | {"Failed": [5]}), 200),
    "a list in a refusal": ("[]", 400),
    "a refusal whose code is a number": ('{"__type": 5}', 400),
    "a nested refusal": ("[" * 50_000, 400),
    "a refusal that is no UTF-8": (b"\xff\xfe", 400),
    "a load balancer's page": ("<html>", 502),
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("call", CALLS)
def test_an_answer_that_is_none_of_aws_is_unavailable(
    call: str, body: str, started_server: OddServer, url: str
) -> None:
    started_server.answers_with(*BODIES[body])
    with pytest.raises(Unavailable):
        CALLS[call](url)


@pytest.mark.parametrize(
    "call", ["a sealed field", "an opened field", "the secrets of a cold start", "sent messages"]
)
@pytest.mark.parametrize(
    "content",
    [
        {},
        {"CiphertextBlob": "", "Plaintext": "", "Parameter": {"Value": ""}, "Successful": []},
        {"Successful": [{"Id": "0"}], "Parameter": {"Value": 5}, "Plaintext": base64.b64encode(b"\xff").decode()},
    ],
    ids=["nothing", "empty fields", "a part"],
)
def test_an_answer_without_its_content_is_unavailable(
    call: str, content: dict[str, Any], started_server: OddServer, url: str
) -> None:
    """An empty ciphertext would lose the field, and a message that SQS does not name would be lost."""
    started_server.answers_with(json.dumps(content), 200)
    with pytest.raises(Unavailable):
        CALLS[call](url)
