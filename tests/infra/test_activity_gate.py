"""The sandbox pauses for a snapshot: requests end first, then background work; what comes meanwhile waits."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from infra.local.snapshots.activity_gate import ActivityGate, StillRunning, Stopped


def test_background_work_that_a_request_waits_for_still_runs_before_a_pause() -> None:
    activity, answered = ActivityGate(), threading.Event()
    with ThreadPoolExecutor() as pool, ExitStack() as request:
        request.enter_context(activity.request("POST /command"))
        paused = pool.submit(_is_quiet_while_paused, activity)

        def answer() -> None:
            with activity.background_work("cabinets"):
                answered.set()

        pool.submit(answer)
        assert answered.wait(60)
        assert not paused.done()
        request.close()
        assert paused.result(60)


def test_a_request_that_comes_during_a_pause_waits_for_its_end() -> None:
    activity, log = ActivityGate(), list[str]()

    def rent() -> None:
        with activity.request("POST /rent"):
            log.append("rented")

    with ThreadPoolExecutor() as pool:
        with activity.paused():
            renting = pool.submit(rent)
            log.append("saved")
        renting.result(60)
    assert log == ["saved", "rented"]


def test_work_that_does_not_end_is_named_and_the_pause_ends() -> None:
    activity = ActivityGate()
    with (
        activity.background_work("consumer push"),
        pytest.raises(StillRunning, match="consumer push"),
        activity.paused(0),
    ):
        pass
    with activity.request("GET /clock"):
        assert not activity.is_quiet


def test_a_request_that_waits_when_the_sandbox_stops_never_begins() -> None:
    activity = ActivityGate()

    def rent() -> None:
        with activity.request("POST /rent"):
            raise AssertionError("begun")

    with ThreadPoolExecutor() as pool, activity.paused():
        renting = pool.submit(rent)
        activity.stop()
        with pytest.raises(Stopped):
            renting.result(60)


def _is_quiet_while_paused(activity: ActivityGate) -> bool:
    with activity.paused():
        return activity.is_quiet
