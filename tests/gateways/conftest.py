"""The neighbour of these tests, and the simulated companies: one server a module."""

from collections.abc import Iterator

import pytest

from infra.local.companies import Companies
from infra.local.stage import Fault, Stage
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
def street() -> Iterator[tuple[Companies, Stage]]:
    with companies() as made:
        yield made


@pytest.fixture(params=["khalti", "esewa", "stripe", "fake khalti", "fake esewa", "fake stripe"])
def counter(request: pytest.FixtureRequest, street: tuple[Companies, Stage]) -> Iterator[Counter]:
    made, stage = street
    if request.param.startswith("fake"):
        yield fake(request.param.removeprefix("fake "))
        return
    gateway = real(made, stage, request.param)
    server = made.gateways[request.param]
    yield Counter(
        gateway,
        lambda paid, outcome: server.pay(paid.order_ref, outcome, "never"),
        lambda: stage.faults.update({request.param: Fault(1, status=502)}),
    )
