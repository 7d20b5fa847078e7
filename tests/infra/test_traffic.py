"""The sandbox closes for a snapshot: visits end first, then work; what comes meanwhile waits."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from infra.local.snapshots.traffic import StillRunning, Stopped, Traffic


def test_work_that_a_visit_waits_for_still_runs_while_the_sandbox_closes() -> None:
    traffic, answered = Traffic(), threading.Event()
    with ThreadPoolExecutor() as pool, ExitStack() as visit:
        visit.enter_context(traffic.visit("POST /command"))
        closed = pool.submit(_is_quiet_while_closed, traffic)

        def answer() -> None:
            with traffic.work("cabinets"):
                answered.set()

        pool.submit(answer)
        assert answered.wait(5)
        assert not closed.done()
        visit.close()
        assert closed.result(5)


def test_what_comes_while_the_sandbox_is_closed_waits_until_it_opens() -> None:
    traffic, log = Traffic(), list[str]()

    def visit() -> None:
        with traffic.visit("POST /rent"):
            log.append("rented")

    with ThreadPoolExecutor() as pool:
        with traffic.closed():
            visiting = pool.submit(visit)
            log.append("saved")
        visiting.result(5)
    assert log == ["saved", "rented"]


def test_what_does_not_end_is_named_and_the_sandbox_opens_again() -> None:
    traffic = Traffic()
    with traffic.work("consumer push"), pytest.raises(StillRunning, match="consumer push"), traffic.closed(0):
        pass
    with traffic.visit("GET /clock"):
        assert not traffic.is_quiet


def test_what_waits_when_the_sandbox_stops_never_begins() -> None:
    traffic = Traffic()

    def visit() -> None:
        with traffic.visit("POST /rent"):
            raise AssertionError("begun")

    with ThreadPoolExecutor() as pool, traffic.closed():
        visiting = pool.submit(visit)
        traffic.stop()
        with pytest.raises(Stopped):
            visiting.result(5)


def _is_quiet_while_closed(traffic: Traffic) -> bool:
    with traffic.closed():
        return traffic.is_quiet
