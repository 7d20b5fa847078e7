"""Fuzzes every operation of the API document in every role: no 5xx, and no undocumented response."""

import os
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib import wiring
from tests.conftest import SEED
from tests.contract import documented, operations
from tests.fake_world import FakeWorld
from tests.fuzz.fuzzer import Fuzzer, operations_of
from tests.fuzz.population import Population
from tests.fuzz.transport import session_to
from tests.network import Network
from tests.real_tables import fresh_tables, save_rows

pytestmark = pytest.mark.fuzz
SHARE = float(os.environ.get("BIJULI_FUZZ_SHARE", "1"))
"""The factor of the usual number of cases."""
SAMPLED, DRAWN = 10, 2
RENTAL = "/api/rentals/{rental_id}"


@pytest.fixture(scope="module")
def loaded() -> dict[str, Any]:
    return operations_of(documented(app))


@pytest.fixture(scope="module")
def fuzzer() -> Iterator[Fuzzer]:
    with fresh_tables():
        fake_world = FakeWorld()
        # Pauses have random lengths, which would change the clock and every id.
        world = replace(fake_world.world(), pause=lambda seconds: None)
        wiring.use_world(world)
        population = Population(Network(fake_world, world)).fill()
        yield Fuzzer(population, session_to(app), save_rows())
        wiring.use_world(None)


@pytest.mark.parametrize("name", [name for name, _ in operations(app)])
def test_every_response_of_an_operation_is_documented(
    name: str, loaded: dict[str, Any], fuzzer: Fuzzer, record_property: Callable[[str, object], None]
) -> None:
    before = fuzzer.sent.copy()
    draws = random.Random(f"{SEED} {name}")
    wrong = fuzzer.fuzz(loaded[name], draws, sampled=round(SAMPLED * SHARE), drawn=round(DRAWN * SHARE))
    record_property("fuzzed", dict(fuzzer.sent - before))
    assert not wrong, "\n\n".join(wrong)


def without_a_status(content: dict[str, Any]) -> None:
    del content["paths"][RENTAL]["get"]["responses"]["404"]


def with_another_type(content: dict[str, Any]) -> None:
    content["components"]["schemas"]["RentalResponse"]["properties"]["late_fee"] = {"type": "number"}


def with_a_header_that_is_not_sent(content: dict[str, Any]) -> None:
    headers = content["paths"][RENTAL]["get"]["responses"]["200"]["headers"]
    headers["X-Not-Sent"] = {"required": True, "schema": {"type": "string"}}


@pytest.mark.parametrize("change", [without_a_status, with_another_type, with_a_header_that_is_not_sent])
def test_a_wrong_document_is_detected(change: Callable[[dict[str, Any]], None], fuzzer: Fuzzer) -> None:
    content = deepcopy(documented(app))
    content["paths"] = {RENTAL: content["paths"][RENTAL]}
    change(content)
    assert fuzzer.fuzz(operations_of(content)[f"GET {RENTAL}"], random.Random(1), sampled=100, drawn=0)
