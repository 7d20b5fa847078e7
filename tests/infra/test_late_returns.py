"""Returns and events of pay pages that come later wait as data: a snapshot holds them, and a drain waits for them."""

import threading
from typing import Any

import pytest

from chalicelib.world import World
from infra.local.aws.queue_poller import PollerCounts
from infra.local.control.drain import Drain
from infra.local.simulation import Simulation


def test_a_late_return_that_a_snapshot_holds_comes_after_the_restore() -> None:
    before, after = Simulation(), Simulation()
    before.late_returns.register("khalti", lambda *_: 200)
    before.late_returns.add(3600, "khalti", ["pidx-1"])
    came, contents = threading.Event(), list[Any]()

    def go(content: Any, forged: bool) -> int:
        contents.append((content, forged))
        came.set()
        return 200

    after.late_returns.register("khalti", go)
    after.late_returns.prepare(before.late_returns.state())()
    assert not contents
    after.clock.advance(3600)
    assert came.wait(60)
    assert contents == [(["pidx-1"], False)]
    assert after.late_returns.state() == []


def test_a_late_return_of_an_unknown_company_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no delayed call paypal"):
        Simulation().late_returns.prepare([["2026-11-29T00:00:00+00:00", "paypal", ["1"], None]])


class Still:
    """Cabinets, their messages and queues in which nothing moves."""

    def __init__(self) -> None:
        self.cabinets = self.mns = self

    def counts(self) -> PollerCounts:
        return PollerCounts()

    def busy(self) -> bool:
        return False

    def release(self) -> None:
        pass

    def round(self) -> int:
        return 0

    def waiting(self) -> int:
        return 0

    def count(self, *_queues: str) -> int:
        return 0


class NoCabinets(Still):
    """Hardware without cabinets, whose queue of messages is empty."""

    def counts(self) -> Any:
        return (0, 0)


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_drain_waits_for_a_return_that_is_due(world: World, seconds: int) -> None:
    simulation, contents = Simulation(), list[Any]()
    still: Any = Still()
    no_cabinets: Any = NoCabinets()

    def go(content: Any, forged: bool) -> int:
        contents.append((content, forged))
        return 200

    simulation.late_returns.register("stripe", go)
    simulation.late_returns.add(seconds, "stripe", [{"id": "evt_1"}])
    simulation.clock.advance(seconds)
    Drain(world, no_cabinets, still, simulation)()
    assert contents == [([{"id": "evt_1"}], False)]
