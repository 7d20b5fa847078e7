"""A restore changes everything or nothing."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.local.aws.queue_poller import PollerCounts
from infra.local.control.drain import Drain
from infra.local.simulation import Simulation
from infra.local.snapshots.activity_gate import ActivityGate
from infra.local.snapshots.files import SnapshotError
from infra.local.snapshots.sandbox_state import Keys, SandboxState
from infra.local.snapshots.table_rows import TableRows


class Number:
    """A part whose state is one number, on an engine that refuses the numbers `refused`."""

    def __init__(self, value: int, *refused: int) -> None:
        self.value, self._refused = value, refused

    def state(self) -> int:
        return self.value

    def prepare(self, state: Any) -> Callable[[], None]:
        number = int(state)

        def apply() -> None:
            if number in self._refused:
                raise OSError(f"the engine does not take {number}")
            self.value = number

        return apply


def test_a_state_that_cannot_be_read_changes_nothing() -> None:
    first, second = Number(1), Number(2)
    state = SandboxState(ActivityGate(), {"first": first, "second": second})
    for content in ({"first": 5, "second": "many"}, {"first": 5}, {"first": 5, "second": 6, "third": 7}):
        with pytest.raises(SnapshotError):
            state.restore(content)
    assert (first.value, second.value) == (1, 2)


def test_rows_that_are_no_object_are_refused() -> None:
    state = SandboxState(ActivityGate(), {"tables": TableRows("http://nowhere.invalid", [], "")})
    with pytest.raises(SnapshotError, match="can't be restored"):
        state.restore({"tables": ["users"]})


def test_a_state_that_the_engine_does_not_take_is_no_snapshot_and_everything_is_put_back() -> None:
    first, second = Number(1), Number(2, 6)
    state = SandboxState(ActivityGate(), {"first": first, "second": second})
    with pytest.raises(SnapshotError, match="can't be restored: the engine does not take 6"):
        state.restore({"first": 5, "second": 6})
    assert (first.value, second.value) == (1, 2)
    with pytest.raises(SnapshotError, match="can't be restored: the engine does not take 6"):
        state.load({"first": 5, "second": 6})


def test_an_engine_that_takes_nothing_any_more_is_not_the_snapshots_fault() -> None:
    state = SandboxState(ActivityGate(), {"first": Number(1, 1, 5)})
    with pytest.raises(OSError, match="the engine does not take 1"):
        state.restore({"first": 5})


def test_a_snapshot_of_other_keys_is_refused() -> None:
    state = SandboxState(ActivityGate(), {"keys": Keys({"pepper": "ours"})})
    with pytest.raises(SnapshotError, match="a sandbox with other keys"):
        state.restore({"keys": {"pepper": "theirs"}})


def test_a_restore_begins_another_epoch() -> None:
    activity = ActivityGate()
    before = activity.epoch, activity.changes
    SandboxState(activity, {}).restore({})
    assert activity.epoch != before[0]
    assert activity.changes > before[1]


class MovingForever:
    """Queues in which always something moves, as while a company hangs."""

    def __init__(self) -> None:
        self.begun = threading.Event()

    def counts(self) -> PollerCounts:
        return PollerCounts()

    def release(self) -> None:
        pass

    def round(self) -> bool:
        self.begun.set()
        return True


def test_a_restore_ends_a_drain_instead_of_waiting_for_it() -> None:
    simulation, queues = Simulation(), MovingForever()
    unused: Any = None
    moving: Any = queues
    activity, drain = simulation.activity, Drain(unused, unused, moving, simulation)

    def drain_by_request() -> None:
        with activity.request("POST /queues/drain"):
            drain()

    with ThreadPoolExecutor() as pool:
        draining = pool.submit(drain_by_request)
        assert queues.begun.wait(60)
        SandboxState(activity, {}).restore({})
        with pytest.raises(TimeoutError, match="a reset, a restore or a stop ended it"):
            draining.result(60)
    assert not activity.ends_long_requests
