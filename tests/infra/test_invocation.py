"""Functions have the time-outs that are deployed."""

import json
import threading

import pytest

from app import app
from infra.local.aws.invocation import CONFIG, TimedOut, run_limited, timeout_seconds
from infra.local.aws.lambdas import consumers, schedules
from infra.queues import CONSUMER_SECONDS


def test_each_function_has_its_deployed_timeout() -> None:
    deployed = json.loads(CONFIG.read_text())["stages"]["prod"]["lambda_functions"]
    assert {name: timeout_seconds(name) for name in deployed} == {
        name: content["lambda_timeout"] for name, content in deployed.items()
    }
    assert {timeout_seconds(consumer.name) for consumer in consumers(app)} == {CONSUMER_SECONDS}
    assert all(timeout_seconds(schedule.name) >= 60 for schedule in schedules(app))


def test_a_function_has_no_result_after_its_timeout() -> None:
    forever = threading.Event()
    with pytest.raises(TimedOut, match=r"award_points: Task timed out after 0\.05 seconds"):
        run_limited("award_points", 0.05, forever.wait)
    forever.set()


def test_a_function_is_ended_at_its_next_step() -> None:
    steps, ended, may_go_on = list[str](), threading.Event(), threading.Event()

    def run() -> None:
        try:
            may_go_on.wait(10)
            for _ in range(1000):
                threading.Event().wait(0.001)
            steps.append("after the time-out")
        finally:
            ended.set()

    with pytest.raises(TimedOut):
        run_limited("award_points", 0.05, run)
    may_go_on.set()
    assert ended.wait(60)
    assert steps == []


def test_the_result_or_the_error_of_a_function_is_passed_on() -> None:
    assert run_limited("award_points", 10, lambda: 7) == 7
    content: dict[str, str] = {}
    with pytest.raises(KeyError, match="user_id"):
        run_limited("award_points", 10, lambda: content["user_id"])
