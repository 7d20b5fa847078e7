"""Runs a flow once for each fault at each of its calls, and checks the end of each run.

A flow runs once without a fault, which records its calls. Then it runs once more for each call and each fault that is
possible there, on tables restored to the same state. After each run the recovery runs, and then the flow's check.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Protocol, TypeVar

from chalicelib import wiring
from chalicelib.services import warm_cache
from chalicelib.world import World
from tests.engines.faults import CallerGaveUp, Crash, Fault, FaultInjector, faults_at
from tests.world.fake_world import FakeClock, FakeWorld
from tests.world.network import Network
from tests.world.real_tables import fresh_tables, save_rows

T = TypeVar("T")
CELLS: dict[str, int] = {}
"""The number of cells of each matrix in this run, printed at its end."""


class Flow(Protocol):
    """A flow with customers, gateways, queues and clocks. Each step enters the service as in production."""

    def run(self) -> None:
        """Run all steps. Raises CallerGaveUp where a caller would stop after an error."""
        ...

    def recover(self) -> None:
        """Run queues, schedules and the client's retry, without faults. May run twice."""
        ...

    def check(self) -> None:
        """Check what must hold at the end. Raises AssertionError."""
        ...


def crash_everywhere(
    name: str, prepare: Callable[[Network], T], begin: Callable[[FakeWorld, World, T], Flow]
) -> None:
    """Run the whole matrix of a flow. `prepare` runs once, and `begin` makes the flow for each cell from that state.

    Raises AssertionError naming every failed cell and the number of cells.
    """
    with fresh_tables(), ExitStack() as stack:
        stack.callback(wiring.use_world, None)
        first = FakeWorld()
        _use_new_process(first.world())
        prepared = prepare(Network(first, wiring.world()))
        restore_rows = save_rows()

        def flow(injector: FaultInjector) -> Flow:
            restore_rows()
            fake_world = FakeWorld(
                clock=FakeClock(first.clock.at), settings=first.settings, ids_count=first.ids_count
            )
            _use_new_process(injector.around(fake_world.world()))
            return begin(fake_world, wiring.world(), prepared)

        plain = FaultInjector()
        _run_flow(plain, flow(plain))
        cells = [(at, call, fault) for at, call in enumerate(plain.calls) for fault in faults_at(call)]
        CELLS[name] = len(cells)
        wrong = [failure for cell in cells if (failure := _run_cell(flow, *cell)) is not None]
    by_call = dict(Counter(plain.calls))
    assert not wrong, f"{len(wrong)} of {len(cells)} cells of {name}, calls {by_call}:\n" + "\n".join(wrong)


def _run_cell(flow: Callable[[FaultInjector], Flow], at: int, call: str, fault: Fault) -> str | None:
    """Run one cell. Returns what failed, or None."""
    injector = FaultInjector(at, fault)
    flow_of_cell = flow(injector)
    injector.during_pause = flow_of_cell.recover
    try:
        _run_flow(injector, flow_of_cell)
        assert injector.failed_call == call, f"the flow made another call: {injector.failed_call}"
    except Exception as error:  # noqa: BLE001  every failed cell is reported, not only the first
        return f"{at} {call}, {fault}: {type(error).__name__}: {error}"
    return None


def _run_flow(injector: FaultInjector, flow: Flow) -> None:
    with suppress(Crash, CallerGaveUp), injector.armed():
        flow.run()
    flow.recover()
    flow.check()


def _use_new_process(world: World) -> None:
    """Start as a new process does: with this world and empty caches."""
    warm_cache.clear_all()
    wiring.use_world(world)
