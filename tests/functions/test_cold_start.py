"""A new process without an answer of SSM: requests are refused for a while, with an alarm, and then served."""

from collections.abc import Iterator
from io import StringIO

import pytest

from app import app
from chalicelib import wiring
from chalicelib.log import Output
from chalicelib.world import Unavailable, World
from tests.world.http_client import request


@pytest.fixture
def log_output() -> Iterator[StringIO]:
    before, Output.stream = Output.stream, StringIO()
    yield Output.stream
    Output.stream = before


@pytest.fixture
def no_ssm(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has not begun, whose secrets are in an SSM that nobody reaches."""
    monkeypatch.setenv("BIJULI_SECRETS_PARAMETER", "/bijuli/secrets")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    wiring.use_world(None)


def test_a_request_is_refused_with_an_alarm_and_served_later(
    no_ssm: None, world: World, log_output: StringIO
) -> None:
    refused = request(app, "GET", "/api/app/version", checked=False)
    assert (refused.status, refused.code) == (503, "busy")
    assert int(refused.headers["Retry-After"]) > 0
    assert '"fact":"keys_unavailable"' in log_output.getvalue()
    assert '"about":"ssm"' in log_output.getvalue()
    wiring.use_world(world)
    assert request(app, "GET", "/api/app/health").status == 200


def test_a_consumer_fails_its_message_with_an_alarm(no_ssm: None, log_output: StringIO) -> None:
    with pytest.raises(Unavailable, match="ssm"):
        wiring.world()
    assert '"fact":"keys_unavailable"' in log_output.getvalue()
