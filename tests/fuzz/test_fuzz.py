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
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.edge.body_decoding import MAX_TEXT_BYTES
from chalicelib.tables import event_log
from infra.local.cabinets import frames
from tests.conftest import SEED
from tests.fuzz.cases import boundary_cases
from tests.fuzz.fuzzer import Fuzzer, operations_of
from tests.fuzz.population import SUPER_ADMIN, Population
from tests.fuzz.transport import session_to
from tests.scenarios.contract import documented, operations
from tests.world.builders import LABIM
from tests.world.fake_world import FakeWorld
from tests.world.network import EJECTED, Network
from tests.world.real_tables import fresh_tables, save_rows

pytestmark = pytest.mark.fuzz
SHARE = float(os.environ.get("BIJULI_FUZZ_SHARE", "1"))
"""The factor of the usual number of cases."""
SAMPLED, DRAWN = 10, 2
RENTAL = "/api/rentals/{rental_id}"


@pytest.fixture(scope="module")
def loaded() -> dict[str, Any]:
    return operations_of(documented(app))


def answer_commands(network: Network | None) -> None:
    """The cabinet answers whatever an operator has sent to it since the last pause."""
    cabinets = network.fake_world.cabinets if network is not None else None
    if network is None or cabinets is None or not (cabinets.commands or cabinets.ejects):
        return
    network.fake_world.clock.advance(seconds=1)
    for _, powerbank_sn in cabinets.ejects:
        network.report_eject(LABIM, powerbank_sn, EJECTED)
    if cabinets.commands:
        network.report_frame(LABIM, frames.wifi_list(["Labim"]))
        network.report_status(LABIM, DeviceEventKind.ONLINE)
        network.report_snapshot(LABIM)
    cabinets.commands.clear()
    cabinets.ejects.clear()
    event_log.write(network.log_entries)
    network.log_entries.clear()


@pytest.fixture(scope="module")
def fuzzer() -> Iterator[Fuzzer]:
    with fresh_tables():
        fake_world = FakeWorld()
        network: Network | None = None
        # Pauses have random lengths, which would change the clock and every id.
        world = replace(fake_world.world(), pause=lambda seconds: answer_commands(network))
        wiring.use_world(world)
        network = Network(fake_world, world)
        population = Population(network).fill()
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


def test_a_body_that_is_too_large_is_rejected_as_documented(loaded: dict[str, Any], fuzzer: Fuzzer) -> None:
    cases_of_it = boundary_cases(loaded["PUT /api/admin/content/pages/{slug}"])
    case = next(item for item in cases_of_it if item.meta and "larger than maxLength" in str(item.meta.phase.data))
    assert isinstance(case.body, dict)
    case.body["content"] = "a" * MAX_TEXT_BYTES
    assert fuzzer.failures(case, SUPER_ADMIN) == []
