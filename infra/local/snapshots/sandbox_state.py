"""The state of the whole sandbox: each part gives its own, and takes it back."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from chalicelib.services import warm_cache
from infra.local.snapshots.activity_gate import ActivityGate
from infra.local.snapshots.files import Content, SnapshotError

Apply = Callable[[], None]


class Part(Protocol):
    """A part of the sandbox that a snapshot holds."""

    def state(self) -> Any:
        """A copy of its state that json can write."""
        ...

    def prepare(self, state: Any) -> Apply:
        """Read a state without changing anything. The result puts it in place of the present one.

        Raises AttributeError, LookupError, TypeError, ValueError for a state that is no state of this part.
        """
        ...


class Keys:
    """The service's keys. Rows are encrypted and sessions are signed with them, so they are never exchanged."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = dict(keys)

    def state(self) -> dict[str, str]:
        return dict(self._keys)

    def prepare(self, state: Any) -> Apply:
        if state != self._keys:
            raise ValueError("it was taken by a sandbox with other keys")
        return lambda: None


class SandboxState:
    """The states of all parts, in the order in which they are restored."""

    def __init__(self, activity: ActivityGate, parts: Mapping[str, Part]) -> None:
        self._activity = activity
        self._parts = parts

    def take(self) -> Content:
        """The state of a moment in which nothing runs. Raises StillRunning."""
        with self._activity.paused():
            return self.take_now()

    def take_now(self) -> Content:
        """The present state. The caller has paused the sandbox."""
        return {name: part.state() for name, part in self._parts.items()}

    def restore(self, content: Content) -> None:
        """Put all states in place of the present ones, or change nothing.

        Raises SnapshotError for a content that can't be restored, StillRunning, and OSError where an engine does not
        take the state before either.
        """
        applies = self._prepare(content)
        with self._activity.paused(replaces=True):
            before = self._prepare(self.take_now())
            try:
                _run(applies)
            except Exception as error:
                _run(before)
                raise _unfit(error) from error
            finally:
                self._activity.epoch += 1
                self._activity.note_change()
                warm_cache.clear_all()

    def load(self, content: Content) -> None:
        """As `restore`, for a sandbox that starts: it has no state before. The caller has paused the sandbox.

        Raises SnapshotError.
        """
        applies = self._prepare(content)
        try:
            _run(applies)
        except Exception as error:
            raise _unfit(error) from error

    def _prepare(self, content: Content) -> list[Apply]:
        if content.keys() != self._parts.keys():
            differing = ", ".join(sorted(content.keys() ^ self._parts.keys()))
            raise SnapshotError(f"the snapshot is of another version of the sandbox: {differing}")
        try:
            return [part.prepare(content[name]) for name, part in self._parts.items()]
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise _unfit(error) from error


def _unfit(error: Exception) -> SnapshotError:
    """A content that a part, or the engine behind it, does not take."""
    return SnapshotError(f"the snapshot can't be restored: {error or type(error).__name__}")


def _run(applies: list[Apply]) -> None:
    for apply in applies:
        apply()
