"""What is written down: facts, with the fields on the list, and nothing that anybody could misuse."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from app import app
from chalicelib import log
from chalicelib.log import FIELDS, NotLoggable, Output
from tests.asking import ask
from tests.day import EMAIL, NEXT_PUSH_TOKEN, PAPERS_NUMBER, PHONE, PUSH_TOKEN, Day
from tests.street import Street

ALWAYS = {"fact", "level", "_aws"}
PERSONAL = ("phone", "otp", "token", "email", "name", "password", "document", "address", "body", "key", "url")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Where the lines go."""
    Output.stream = io.StringIO()
    yield Output.stream
    Output.stream = None


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_field_that_is_not_on_the_list_is_not_written(written: io.StringIO) -> None:
    with pytest.raises(NotLoggable, match="phone"):
        log.fact("user_registered", user_id="u", phone=PHONE)
    assert written.getvalue() == ""


def test_no_field_on_the_list_is_for_anything_personal() -> None:
    assert [field for field in FIELDS for word in PERSONAL if word in field.split("_")] == []


def test_an_alarm_is_counted_as_a_metric(written: io.StringIO) -> None:
    log.alarm("queue_away", queue="bijuli-otp")
    (line,) = lines(written)
    assert (line["fact"], line["level"], line["queue_away"]) == ("queue_away", "ALARM", 1)


def test_a_text_cannot_begin_a_line_of_its_own(written: io.StringIO) -> None:
    log.fact("news_unreadable", reason='x"}\n{"fact":"user_registered')
    assert len(lines(written)) == 1


def test_a_request_is_one_line_without_what_was_asked(written: io.StringIO, street: Street) -> None:
    ask(app, "POST", "/api/auth/login", {"identifier": PHONE, "verification_token": "a-token"})
    (line,) = [one for one in lines(written) if one["fact"] == "request"]
    assert line.keys() == {"fact", "request_id", "method", "path", "status", "code", "milliseconds"}
    assert (line["path"], line["status"]) == ("/api/auth/login", 422)


@pytest.mark.long
def test_a_whole_day_leaves_no_secret_behind(
    written: io.StringIO, street: Street, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    day = Day(street)
    day.live()
    for queue in list(street.scene.queues.sent):
        day.take(queue)
    heard = capfd.readouterr()
    told = written.getvalue() + json.dumps(day.queued) + heard.out + heard.err + caplog.text
    assert len(lines(written)) > 50
    assert {PHONE[4:], EMAIL, PAPERS_NUMBER, PUSH_TOKEN, NEXT_PUSH_TOKEN} < day.secrets
    assert [secret for secret in day.secrets if found(secret, told)] == []
    for line in lines(written):
        assert line.keys() - ALWAYS - {line["fact"]} <= FIELDS


def found(secret: str, told: str) -> bool:
    """A code of six digits may be part of an id by chance; alone it may not stand anywhere."""
    return re.search(rf"\b{secret}\b", told) is not None if len(secret) == 6 else secret in told


def test_a_refusal_does_not_repeat_what_was_sent(street: Street) -> None:
    canary = "canary-4711"
    for body in (
        {"identifier": canary},
        {"identifier": PHONE, "otp": canary},
        {"identifier": PHONE, "otp": [canary]},
    ):
        answer = ask(app, "POST", "/api/auth/verify-otp", body)
        assert answer.status == 422
        assert canary not in answer.text
