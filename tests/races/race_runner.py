"""Where races are run: a real engine in its own process, participants in several others, all started at once."""

import multiprocessing
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import StringIO
from typing import Any

import botocore.session
import pytest

from chalicelib import wiring
from chalicelib.domain.payments.payment_gateway import PaymentStatus
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.ids import ulid
from chalicelib.tables.all_tables import ROW_TYPES
from chalicelib.tables.dynamodb import connect
from chalicelib.world import World
from infra.local import dynoxide
from infra.local.aws import cloud
from infra.local.garbage_collection import spare_imported_modules
from tests.engines.json_engine import JsonEngine
from tests.world.direct_client import call_directly
from tests.world.fake_world import FakeWorld
from tests.world.network import Network

RACES = [pytest.mark.races, pytest.mark.filterwarnings("default::ResourceWarning")]
"""The marks of a file of races."""
needs_dynoxide = pytest.mark.skipif(not dynoxide.find_executable(), reason="dynoxide is not here")
ENGINES = ["moto", pytest.param("dynoxide", marks=needs_dynoxide)]
WORKERS = 2
TIMEOUT_SECONDS = 900
Participant = Callable[[World, dict[str, Any]], Any]


@dataclass(frozen=True)
class Race:
    """One race: who runs, with which orders, at what time; `paid` is what the gateways say meanwhile."""

    participant: Participant
    orders: Sequence[dict[str, Any]]
    now: datetime
    paid: PaymentStatus | None = None


@dataclass(frozen=True)
class Result:
    """The outcome of one participant: what its verb returned, or the code of the problem that it raised."""

    value: Any = None
    problem_code: str | None = None


@dataclass
class RaceRunner:
    """One engine with one network, and worker processes that stay warm between races."""

    environment: dict[str, str]
    fake_world: FakeWorld
    network: Network
    workers: list["RaceWorker"] = field(default_factory=list)
    rounds: int = 1

    def race(
        self, participant: Participant, orders: Sequence[dict[str, Any]], payment_status: PaymentStatus | None = None
    ) -> tuple[list[Result], int]:
        """Runs all orders at once, a thread each, over all workers. Returns the results and the number of ejects."""
        for number, worker in enumerate(self.workers):
            worker.pipe.send(Race(participant, orders[number::WORKERS], self.fake_world.clock.now(), payment_status))
        for worker in self.workers:
            worker.pipe.recv()
        for worker in self.workers:
            worker.pipe.send("go")
        results: list[Result] = []
        ejects = 0
        for worker in self.workers:
            if not worker.pipe.poll(TIMEOUT_SECONDS):
                raise TimeoutError("a worker does not answer")
            answer, sent = worker.pipe.recv()
            results += answer
            ejects += sent
        return results, ejects


@dataclass
class RaceWorker:
    """A process that runs its share of each race."""

    pipe: Any
    process: Any


@contextmanager
def race_runner(engine: str, rounds: int) -> Iterator[RaceRunner]:
    """A network on the engine, and workers connected to it; all of them end afterwards."""
    created = cloud.start(engine)
    workers: list[RaceWorker] = []
    engine_client: JsonEngine | None = None
    try:
        environment = created.environment()
        engine_client = connected(environment)
        fake_world = FakeWorld()
        world = unique(fake_world)
        wiring.use_world(world)
        with redirect_stdout(StringIO()):
            network = Network(fake_world, world)
        workers = [_start_worker(environment) for _ in range(WORKERS)]
        yield RaceRunner(environment, fake_world, network, workers, rounds)
    finally:
        wiring.use_world(None)
        for worker in workers:
            worker.process.terminate()
        if engine_client is not None:
            engine_client.close()
        created.stop()


def connected(environment: dict[str, str]) -> JsonEngine:
    """Points this process's tables at the engine."""
    os.environ.update(environment)
    engine = JsonEngine(environment["AWS_ENDPOINT_URL_DYNAMODB"])
    session = botocore.session.get_session()
    call_directly(session, engine)
    connect(ROW_TYPES, cloud.PREFIX, session)
    return engine


def unique(fake_world: FakeWorld) -> World:
    """The scene's world, with ids and salts that no other process makes too."""
    return replace(
        fake_world.world(),
        new_id=lambda: ulid(fake_world.clock.now(), secrets.token_bytes(10)),
        random_bytes=secrets.token_bytes,
    )


def _start_worker(environment: dict[str, str]) -> RaceWorker:
    context = multiprocessing.get_context("spawn")
    near_end, far_end = context.Pipe()
    process = context.Process(target=run_worker, args=(environment, far_end), daemon=True)
    process.start()
    return RaceWorker(near_end, process)


def run_worker(environment: dict[str, str], pipe: Any) -> None:
    """The process of a worker: it runs race after race until it is terminated."""
    connected(environment)
    spare_imported_modules()
    while True:
        race = pipe.recv()
        fake_world = FakeWorld()
        fake_world.clock.at = race.now
        fake_world.settings = replace(fake_world.settings, eject_wait_seconds=0, station_queue_wait_seconds=0)
        if race.paid is not None:
            fake_world.khalti.payment_status = fake_world.esewa.payment_status = race.paid
        world = unique(fake_world)
        results: list[Result] = []
        gate = threading.Event()
        threads = [
            threading.Thread(target=_run, args=(world, race.participant, order, gate, results))
            for order in race.orders
        ]
        with redirect_stdout(StringIO()):
            for thread in threads:
                thread.start()
            pipe.send("ready")
            pipe.recv()
            gate.set()
            for thread in threads:
                thread.join()
        pipe.send((results, len(fake_world.cabinets.ejects)))


def _run(
    world: World, participant: Participant, order: dict[str, Any], gate: threading.Event, results: list[Result]
) -> None:
    gate.wait()
    try:
        results.append(Result(value=participant(world, order)))
    except Problem as problem:
        results.append(Result(problem_code=problem.code))
    except Exception as error:  # noqa: BLE001  a worker must answer, whatever happened
        results.append(Result(problem_code=f"bug: {error!r}"))
