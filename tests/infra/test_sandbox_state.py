"""A restore changes everything or nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.local.snapshots.activity_gate import ActivityGate
from infra.local.snapshots.files import SnapshotError
from infra.local.snapshots.sandbox_state import Keys, SandboxState
from infra.local.snapshots.table_rows import TableRows


class Number:
    """A part whose state is one number. It can refuse to be restored to `refused`."""

    def __init__(self, value: int, refused: int | None = None) -> None:
        self.value, self._refused = value, refused

    def state(self) -> int:
        return self.value

    def prepare(self, state: Any) -> Callable[[], None]:
        number = int(state)

        def apply() -> None:
            if number == self._refused:
                raise OSError("the engine is gone")
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


def test_a_restore_that_fails_on_the_way_puts_everything_back() -> None:
    first, second = Number(1), Number(2, refused=6)
    state = SandboxState(ActivityGate(), {"first": first, "second": second})
    with pytest.raises(OSError, match="the engine is gone"):
        state.restore({"first": 5, "second": 6})
    assert (first.value, second.value) == (1, 2)


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
