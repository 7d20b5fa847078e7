"""Fixtures of one simulated cabinet."""

from collections.abc import Callable

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.frames import Frame
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.simulation import Simulation
from tests.infra.one_cabinet import FIRST, IMEI, PRODUCT, SECOND, SN, events_of, frames


@pytest.fixture
def simulation() -> Simulation:
    return Simulation(pace=1)


@pytest.fixture
def queue() -> MnsQueue:
    return MnsQueue()


@pytest.fixture
def cabinets(simulation: Simulation, queue: MnsQueue) -> SimulatedCabinets:
    cabinets = SimulatedCabinets(simulation, queue, own_thread=False)
    cabinets.add(IMEI, SN, PRODUCT, {1: (FIRST, 90), 2: (SECOND, 80), 3: (None, 0), 4: (None, 0)})
    events_of(queue)
    return cabinets


@pytest.fixture
def after(simulation: Simulation, queue: MnsQueue, cabinets: SimulatedCabinets) -> Callable[[float], list[Frame]]:
    """Advance the clock. Returns the messages of that time."""

    def passing(seconds: float) -> list[Frame]:
        simulation.clock.advance(seconds)
        cabinets.tick()
        return frames(events_of(queue))

    return passing
