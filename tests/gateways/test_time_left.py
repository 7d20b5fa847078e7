"""Calls that could end after the running request are not begun."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from app import app
from chalicelib.gateways.aws_time_left import OutOfTime, end_in_time
from chalicelib.gateways.http_client import HttpClient
from chalicelib.tables.dynamodb import CLIENT
from chalicelib.world import Unavailable
from chalicelib.world.time_left import limited_to
from infra.grants import API
from infra.local.aws.iam import running
from infra.local.aws.lambdas import Context
from tests.gateways.odd_server import OddServer
from tests.world.http_client import event_of, request
from tests.world.network import Network
from tests.world.tokens import token_of

KEY = {"name": {"S": "a"}}


@dataclass
class Attempts:
    """A DynamoDB client whose attempts all time out, and how many there were."""

    meanwhile: Callable[[], object] = lambda: None
    count: int = 0

    def client(self) -> Any:
        session = botocore.session.get_session()
        session.set_credentials("test", "test")
        end_in_time(session)
        session.get_component("event_emitter").register_last("before-send", self._time_out)
        return session.create_client("dynamodb", region_name="ap-south-1", config=CLIENT)

    def _time_out(self, **_: Any) -> AWSResponse:
        self.count += 1
        self.meanwhile()
        raise ReadTimeoutError(endpoint_url="dynamodb")


def test_a_call_without_time_is_not_begun() -> None:
    attempts = Attempts()
    with limited_to(Context("api_handler", 4)), pytest.raises(OutOfTime):
        attempts.client().get_item(TableName="t", Key=KEY)
    assert attempts.count == 0


def test_a_call_whose_first_attempt_used_the_time_is_not_repeated() -> None:
    with limited_to(Context("api_handler", 29)), ExitStack() as during_attempt:
        attempts = Attempts(lambda: during_attempt.enter_context(limited_to(Context("api_handler", 4))))
        with pytest.raises(OutOfTime):
            attempts.client().get_item(TableName="t", Key=KEY)
    assert attempts.count == 1


def test_a_request_to_a_company_without_time_is_not_sent(odd_server: OddServer) -> None:
    client = HttpClient("khalti")
    with limited_to(Context("api_handler", 8)), pytest.raises(Unavailable):
        client.request("GET", f"{odd_server.url}a")
    assert odd_server.requests_received == []
    with limited_to(Context("api_handler", 29)):
        client.request("GET", f"{odd_server.url}a")
    assert len(odd_server.requests_received) == 1


def test_a_request_whose_time_is_used_up_is_answered_503(network: Network) -> None:
    headers = {"authorization": f"Bearer {token_of(network, network.customer())}"}
    event = event_of(app, "GET", "/api/user/wallet", headers, None)
    with running(API):
        answer = app(event, Context("api_handler", 3))
        later = app(event, Context("api_handler", 29))
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (503, "storage_unavailable")
    assert later["statusCode"] == 200


def test_a_request_without_a_limit_has_time(network: Network) -> None:
    assert request(app, "GET", "/api/user/wallet", token=token_of(network, network.customer())).status == 200
