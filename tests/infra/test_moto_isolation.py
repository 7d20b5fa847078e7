"""The lock around the engine, and its memory of transactions by token."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.aws.moto_isolation import OneAtATime, RequestTokens, TokenReused
from tests.infra.engines import run_concurrently


def quiet(*_: object) -> None:
    """A start_response that does nothing."""


def test_requests_are_served_one_after_another() -> None:
    meeting, met = threading.Barrier(2), []

    def app(_: dict[str, Any], __: Callable[..., Any]) -> list[bytes]:
        try:
            meeting.wait(0.2)
            met.append("two were inside")
        except threading.BrokenBarrierError:
            return [b"alone"]
        return [b"not alone"]

    engine = OneAtATime(app, threading.Condition())
    assert run_concurrently(2, lambda _: engine({}, quiet)) == [[b"alone"], [b"alone"]]
    assert met == []


def test_an_engine_that_fails_answers_500_and_serves_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    statuses: list[str] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ.get("PATH_INFO") == "/broken":
            raise RuntimeError("broken")
        start_response("200 OK", [])
        return [b"well"]

    engine = OneAtATime(app, threading.Condition())
    engine({"PATH_INFO": "/broken"}, lambda status, _: statuses.append(status))
    assert engine({}, lambda status, _: statuses.append(status)) == [b"well"]
    assert [status[:3] for status in statuses] == ["500", "200"]
    assert "RuntimeError: broken" in capsys.readouterr().err


def test_a_token_lasts_ten_minutes_for_one_transaction() -> None:
    time = [0.0]
    tokens = RequestTokens(lambda: time[0])
    assert not tokens.took_effect("token", "a transfer")
    tokens.store("token", "a transfer")
    time[0] = 599
    assert tokens.took_effect("token", "a transfer")
    with pytest.raises(TokenReused):
        tokens.took_effect("token", "another transfer")
    time[0] = 601
    assert not tokens.took_effect("token", "another transfer")
