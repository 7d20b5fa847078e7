"""The servers of the gateway tests: one that gives any response, and the simulated companies, each once a module."""

from collections.abc import Iterator

import pytest

from infra.local.clock import Clock
from infra.local.companies.all_companies import Companies
from infra.local.fault import Fault
from infra.local.simulation import Simulation
from tests.gateways.companies import companies
from tests.gateways.gateways_under_test import GatewayUnderTest, fake, real
from tests.gateways.odd_server import OddServer


@pytest.fixture(scope="module")
def started_server() -> Iterator[OddServer]:
    made = OddServer()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def odd_server(started_server: OddServer) -> OddServer:
    started_server.reset()
    return started_server


@pytest.fixture(scope="module")
def started_companies() -> Iterator[tuple[Companies, Simulation]]:
    with companies() as made:
        yield made


@pytest.fixture
def companies_and_simulation(
    started_companies: tuple[Companies, Simulation],
) -> tuple[Companies, Simulation]:
    """The companies at the real time and without faults, whatever the previous test did."""
    _, simulation = started_companies
    simulation.clock = Clock()
    simulation.faults.clear()
    return started_companies


@pytest.fixture(params=["khalti", "esewa", "stripe", "fake khalti", "fake esewa", "fake stripe"])
def gateway_under_test(
    request: pytest.FixtureRequest, companies_and_simulation: tuple[Companies, Simulation]
) -> Iterator[GatewayUnderTest]:
    servers, simulation = companies_and_simulation
    if request.param.startswith("fake"):
        yield fake(request.param.removeprefix("fake "))
        return
    gateway = real(servers, simulation, request.param)
    server = servers.gateways[request.param]
    yield GatewayUnderTest(
        gateway,
        lambda intent, outcome: server.pay(intent.order_ref, outcome, "never"),
        lambda: simulation.faults.update({request.param: Fault(1, status=502)}),
    )


@pytest.fixture
def env(companies_and_simulation: tuple[Companies, Simulation]) -> dict[str, str]:
    """The settings with which the adapters reach the companies."""
    return companies_and_simulation[0].environment()
