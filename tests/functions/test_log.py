"""Log lines: facts with permitted fields only, and no personal data."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from app import app
from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.log import FIELDS, NotLoggable, Output
from tests.scenarios.day_client import EMAIL, NEXT_PUSH_TOKEN, PHONE, PUSH_TOKEN
from tests.scenarios.full_day import FullDay
from tests.world.forms import DOCUMENT_NUMBER
from tests.world.http_client import request
from tests.world.network import Network

ALWAYS = {"fact", "level", "_aws"}
PERSONAL = ("phone", "otp", "token", "email", "name", "password", "document", "address", "body", "key", "url")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log lines of a test."""
    Output.stream = io.StringIO()
    yield Output.stream
    Output.stream = None


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_log_field_off_the_list_is_not_written(written: io.StringIO) -> None:
    with pytest.raises(NotLoggable, match="phone"):
        log.fact("user_registered", user_id="u", phone=PHONE)
    assert written.getvalue() == ""


def test_no_log_field_is_for_personal_data() -> None:
    assert [field for field in FIELDS for word in PERSONAL if word in field.split("_")] == []


def test_an_alarm_is_written_as_a_metric(written: io.StringIO) -> None:
    log.alarm(Alarm.QUEUE_UNAVAILABLE, queue="bijuli-otp")
    (line,) = lines(written)
    assert (line["fact"], line["level"], line["queue_unavailable"]) == ("queue_unavailable", "ALARM", 1)


def test_a_logged_text_cannot_begin_a_new_line(written: io.StringIO) -> None:
    log.fact("envelope_invalid", reason='x"}\n{"fact":"user_registered')
    assert len(lines(written)) == 1


def test_a_request_is_one_log_line_without_its_content(written: io.StringIO, network: Network) -> None:
    request(app, "POST", "/api/auth/login", {"identifier": PHONE, "verification_token": "a-token"})
    (line,) = [item for item in lines(written) if item["fact"] == "request"]
    assert line.keys() == {"fact", "request_id", "method", "path", "status", "code", "milliseconds"}
    assert (line["path"], line["status"]) == ("/api/auth/login", 422)


@pytest.mark.long
def test_a_full_day_logs_no_secret(
    written: io.StringIO, network: Network, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    day = FullDay(network)
    day.run()
    for queue in list(network.fake_world.queues.sent):
        day.take(queue)
    output = capfd.readouterr()
    text = written.getvalue() + json.dumps(day.queued) + output.out + output.err + caplog.text
    assert len(lines(written)) > 50
    assert {PHONE[4:], EMAIL, DOCUMENT_NUMBER, PUSH_TOKEN, NEXT_PUSH_TOKEN} < day.secrets
    assert [secret for secret in day.secrets if appears_in(secret, text)] == []
    for line in lines(written):
        assert line.keys() - ALWAYS - {line["fact"]} <= FIELDS


def appears_in(secret: str, text: str) -> bool:
    """Six digits of a code may be part of an id by chance. As a word of their own they must not be logged."""
    return re.search(rf"\b{secret}\b", text) is not None if len(secret) == 6 else secret in text


def test_a_problem_does_not_repeat_request_values(network: Network) -> None:
    canary = "canary-4711"
    for body in (
        {"identifier": canary},
        {"identifier": PHONE, "otp": canary},
        {"identifier": PHONE, "otp": [canary]},
    ):
        reply = request(app, "POST", "/api/auth/verify-otp", body)
        assert reply.status == 422
        assert canary not in reply.text
