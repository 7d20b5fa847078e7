"""The neighbour of these tests, and the simulated companies: one server a module."""

from collections.abc import Iterator

import pytest

from infra.local.companies import Companies
from infra.local.simulation import Fault, Simulation
from tests.gateways.companies import companies
from tests.gateways.counters import Counter, fake, real
from tests.gateways.neighbour import Neighbour


@pytest.fixture(scope="module")
def standing() -> Iterator[Neighbour]:
    made = Neighbour()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def neighbour(standing: Neighbour) -> Neighbour:
    standing.start_over()
    return standing


@pytest.fixture(scope="module")
def companies_and_stage() -> Iterator[tuple[Companies, Simulation]]:
    with companies() as made:
        yield made


@pytest.fixture(params=["khalti", "esewa", "stripe", "fake khalti", "fake esewa", "fake stripe"])
def counter(request: pytest.FixtureRequest, companies_and_stage: tuple[Companies, Simulation]) -> Iterator[Counter]:
    servers, simulation = companies_and_stage
    if request.param.startswith("fake"):
        yield fake(request.param.removeprefix("fake "))
        return
    gateway = real(servers, simulation, request.param)
    server = servers.gateways[request.param]
    yield Counter(
        gateway,
        lambda intent, outcome: server.pay(intent.order_ref, outcome, "never"),
        lambda: simulation.faults.update({request.param: Fault(1, status=502)}),
    )
