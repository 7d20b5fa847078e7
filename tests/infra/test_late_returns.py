"""Returns from pay pages that come late wait as data: a snapshot holds them, and they come by the restored clock."""

import threading
from typing import Any

import pytest

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
