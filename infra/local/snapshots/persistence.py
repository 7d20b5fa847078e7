"""What a sandbox stores: its data directory, its keys, its snapshots and its seeded start."""

from collections.abc import Callable, Mapping
from pathlib import Path

from chalicelib.domain.text.days import KATHMANDU
from infra.local.environment import new_keys
from infra.local.processes import Failed
from infra.local.simulation import Simulation
from infra.local.snapshots.autosave import Autosave
from infra.local.snapshots.data_directory import WAY_OUT, DataDirectory, keys_of
from infra.local.snapshots.files import SnapshotError
from infra.local.snapshots.sandbox_state import Keys, Part, SandboxState
from infra.local.snapshots.snapshots import Snapshots


class Persistence:
    """Without a data directory all of it lasts as long as the sandbox."""

    def __init__(self, simulation: Simulation, data_dir: Path | None, urls: tuple[str, str]) -> None:
        """`urls` are those of the API and of the page. Raises Failed for a directory that can't be used."""
        self._simulation = simulation
        self._urls = urls
        self._directory = DataDirectory(data_dir, urls)
        new = new_keys()
        self.keys = keys_of(self._directory.saved[1]) if self._directory.saved else new
        if self.keys.keys() != new.keys():
            self._directory.close()
            raise Failed(f"{self._directory.path} has no keys of the service: its state is damaged; {WAY_OUT}")
        self.resumed_from = ""
        """The saved state that it began with, in words. Empty for a new sandbox."""

    def connect(self, parts: Mapping[str, Part]) -> Snapshots:
        """The snapshots of these parts, in the order in which they are restored."""
        simulation = self._simulation
        state = SandboxState(simulation.activity, {"keys": Keys(self.keys), **parts})
        self._state = state
        self._autosave = Autosave(state, simulation.activity, self._directory, self._time)
        self._snapshots = Snapshots(state, simulation.feed, self._directory.path, self._urls)
        return self._snapshots

    def begin(self, seed: Callable[[], None]) -> None:
        """Go on with the saved state, or `seed` a new one and save it as the start. The sandbox is paused.

        Raises Failed for a saved state that can't be restored, and for a disk that takes none.
        """
        saved = self._directory.saved
        if saved is None:
            seed()
            self._must_write(self._snapshots.keep_start)
        else:
            try:
                self._state.load(saved[1])
            except SnapshotError as error:
                raise Failed(f"{self._directory.path}: {error}; {WAY_OUT}") from error
            rows = f"{saved[0].rows_count} rows of {self._directory.path}"
            self.resumed_from = f"with {rows}, at {self._time()} by its clock"
        self._must_write(self._autosave.save_start)

    def _must_write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            raise Failed(f"{self._directory.path} can't keep data: {error.strerror}") from error

    def start(self) -> None:
        """From now on save after each change."""
        self._autosave.start()

    def finish(self) -> str:
        """Let nothing begin any more, and save the state. Returns what was saved, in words."""
        return self._autosave.finish()

    def close(self) -> None:
        """Let another sandbox use the directory."""
        self._directory.close()

    def _time(self) -> str:
        return self._simulation.clock.now().astimezone(KATHMANDU).strftime("%a %d %b %Y %H:%M:%S")
