"""Runs each step of the tests' set-up once in a process. Later calls restore the rows and the fakes that the step
left."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from tests.world.fake_world import FakeWorld
from tests.world.real_tables import connected, save_rows, versions

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """The rows, the fakes and the result of a step."""

    put_rows_back: Callable[[], None]
    fakes: dict[str, Any]
    result: Any


OUTCOMES: dict[tuple[object, ...], Outcome] = {}
"""Outcomes by what a step started with: its name with its parameters, the rows and the fakes."""
MAX_OUTCOMES = 300
KNOWN_ROWS: set[tuple[tuple[str, int], ...]] = {()}
"""The rows of empty tables, and the rows that each remembered step left. Only these occur again."""
ADDRESS = " at 0x"
"""Part of the text of a fake that holds a function. Another function may have the same address later."""


def remembered(fake_world: FakeWorld, step: str, run: Callable[[], T]) -> T:
    """Run the step, or restore what it left when it ran on the same rows and fakes before."""
    if not connected():
        return run()
    started_on = (step, versions(), repr(fake_world))
    if ADDRESS in started_on[2] or started_on[1] not in KNOWN_ROWS:
        return run()
    outcome = OUTCOMES.get(started_on)
    if outcome is not None:
        outcome.put_rows_back()
        _put_back(fake_world, outcome.fakes)
        return deepcopy(outcome.result)  # type: ignore[no-any-return]
    result = run()
    if len(OUTCOMES) < MAX_OUTCOMES:
        OUTCOMES[started_on] = Outcome(save_rows(), _state(fake_world), deepcopy(result))
        KNOWN_ROWS.add(versions())
    return result


def _state(fake_world: FakeWorld) -> dict[str, Any]:
    return {field.name: deepcopy(vars(fake_world)[field.name]) for field in fields(fake_world)}


def _put_back(fake_world: FakeWorld, state: dict[str, Any]) -> None:
    """Restore the content of each fake. The fakes themselves stay, since the World holds them."""
    for name, saved in state.items():
        fake = vars(fake_world)[name]
        if type(fake).__module__.startswith("tests."):
            vars(fake).update(deepcopy(vars(saved)))
        else:
            setattr(fake_world, name, saved)
