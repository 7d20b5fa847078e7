"""Schedules by the sandbox's clock, read from the app as Lambda's are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import app
from infra.local.aws.lambdas import Context, Schedule, consumers, schedules
from infra.local.aws.schedule_runner import ScheduleRunner
from infra.local.clock import Clock
from infra.local.snapshots.activity_gate import ActivityGate
from infra.queues import CONSUMED

MORNING = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def counting(name: str, rate: str, runs: list[str]) -> Schedule:
    def run(event: Any, context: Context) -> int:
        assert event["resources"][0].endswith(f"rule/{name}")
        assert context.get_remaining_time_in_millis() > 0
        runs.append(name)
        return len(runs)

    return Schedule(name, rate, run)


def test_the_apps_consumers_and_schedules_are_found() -> None:
    assert {consumer.queue for consumer in consumers(app)} == set(CONSUMED)
    rates = {schedule.name: schedule.rate for schedule in schedules(app)}
    assert rates["poll_mns"] == "rate(1 minute)"
    assert all(schedule.after(MORNING) > MORNING for schedule in schedules(app))


@pytest.mark.parametrize(
    ("rate", "due"),
    [
        ("rate(1 minute)", timedelta(minutes=1)),
        ("rate(6 hours)", timedelta(hours=6)),
        ("cron(15 20 * * ? *)", timedelta(hours=14, minutes=15)),
        ("cron(0 6 * * ? *)", timedelta(days=1)),
    ],
)
def test_a_schedule_is_due_at_its_rate(rate: str, due: timedelta) -> None:
    assert counting("sweep", rate, []).after(MORNING) == MORNING + due


def test_an_unreadable_rate_raises() -> None:
    with pytest.raises(ValueError, match="cron"):
        counting("sweep", "cron(0 6 1 * ? *)", []).after(MORNING)


def test_schedules_that_became_due_by_a_clock_jump_run_once() -> None:
    clock, runs = Clock(), list[str]()
    sweeps = [counting("sweep", "rate(1 minute)", runs), counting("nightly", "rate(1 day)", runs)]
    schedule_runner = ScheduleRunner(clock, sweeps)
    assert schedule_runner.run_due() == []
    clock.advance(3600)
    assert schedule_runner.run_due() == ["sweep"]
    assert schedule_runner.run_due() == []
    clock.advance(86_400)
    assert sorted(schedule_runner.run_due()) == ["nightly", "sweep"]
    assert sorted(runs) == ["nightly", "sweep", "sweep"]


def test_a_failing_schedule_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    clock, runs = Clock(), list[str]()

    def fail(_: Any, __: Any) -> None:
        raise RuntimeError("a bug")

    broken = Schedule("broken", "rate(1 minute)", fail)
    schedule_runner = ScheduleRunner(clock, [broken, counting("sweep", "rate(1 minute)", runs)])
    clock.advance(60)
    schedule_runner.run_due()
    assert runs == ["sweep"]
    assert "a bug" in capsys.readouterr().err


def test_a_schedule_can_be_run_at_any_time_with_its_result() -> None:
    schedule_runner = ScheduleRunner(Clock(), [counting("sweep", "rate(1 day)", [])])
    assert schedule_runner.run("sweep") == 1
    assert schedule_runner.run("sweep") == 2
    with pytest.raises(KeyError):
        schedule_runner.run("unheard_of")


def test_a_sandbox_that_stops_runs_no_further_schedule_and_the_rest_stays_due() -> None:
    clock, activity, runs = Clock(), ActivityGate(), list[str]()
    stopping = Schedule("stopping", "rate(1 minute)", lambda _, __: activity.stop())
    schedule_runner = ScheduleRunner(clock, [stopping, counting("sweep", "rate(1 minute)", runs)], activity)
    clock.advance(60)
    assert schedule_runner.run_due() == ["stopping"]
    assert runs == []
    due = {item["name"]: datetime.fromisoformat(item["due_at"]) for item in schedule_runner.listing()}
    assert due["sweep"] <= clock.now() < due["stopping"]
