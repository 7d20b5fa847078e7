"""Where races are run: a real engine in its own process, contestants in several others, all let go at once."""

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

from chalicelib import wiring
from chalicelib.domain.ids import ulid
from chalicelib.domain.payment_gateway import PaymentStatus
from chalicelib.domain.problems import Problem
from chalicelib.tables.dynamodb import connect
from chalicelib.tables.registry import MODELS
from chalicelib.world import World
from infra.local import cloud
from tests.direct_client import JsonEngine, call_directly
from tests.fake_world import FakeWorld
from tests.network import Network

WORKERS = 2
PATIENCE_SECONDS = 900
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
    """What became of one contestant: what its verb gave, or the code it was refused with."""

    value: Any = None
    problem_code: str | None = None


@dataclass
class RaceRunner:
    """One engine, one street on it, and lanes that stay warm between heats."""

    environment: dict[str, str]
    fake_world: FakeWorld
    network: Network
    workers: list["RaceWorker"] = field(default_factory=list)
    rounds: int = 1

    def race(
        self, contestant: Participant, orders: Sequence[dict[str, Any]], payment_status: PaymentStatus | None = None
    ) -> tuple[list[Result], int]:
        """All the orders at once, a thread for each, spread over the lanes. Returns results and how many ejects."""
        for number, lane in enumerate(self.workers):
            lane.pipe.send(Race(contestant, orders[number::WORKERS], self.fake_world.clock.now(), payment_status))
        for lane in self.workers:
            lane.pipe.recv()
        for lane in self.workers:
            lane.pipe.send("go")
        results: list[Result] = []
        ejects = 0
        for lane in self.workers:
            if not lane.pipe.poll(PATIENCE_SECONDS):
                raise TimeoutError("a lane does not come back")
            answer, sent = lane.pipe.recv()
            results += answer
            ejects += sent
        return results, ejects


@dataclass
class RaceWorker:
    """A process that runs its share of each heat."""

    pipe: Any
    process: Any


@contextmanager
def race_runner(engine: str, rounds: int) -> Iterator[RaceRunner]:
    """A network on the engine, and lanes connected to it; all gone afterwards."""
    created = cloud.start(engine, None)
    lanes: list[RaceWorker] = []
    engine_client: JsonEngine | None = None
    try:
        environment = created.environment()
        engine_client = connected(environment)
        fake_world = FakeWorld()
        world = unique(fake_world)
        wiring.use_world(world)
        with redirect_stdout(StringIO()):
            network = Network(fake_world, world)
        lanes = [_start_worker(environment) for _ in range(WORKERS)]
        yield RaceRunner(environment, fake_world, network, lanes, rounds)
    finally:
        wiring.use_world(None)
        for lane in lanes:
            lane.process.terminate()
        if engine_client is not None:
            engine_client.close()
        created.stop()


def connected(environment: dict[str, str]) -> JsonEngine:
    """Points this process's tables at the engine."""
    os.environ.update(environment)
    engine = JsonEngine(environment["AWS_ENDPOINT_URL_DYNAMODB"])
    session = botocore.session.get_session()
    call_directly(session, engine)
    connect(MODELS, cloud.PREFIX, session)
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
    ours, theirs = context.Pipe()
    process = context.Process(target=run_worker, args=(environment, theirs), daemon=True)
    process.start()
    return RaceWorker(ours, process)


def run_worker(environment: dict[str, str], pipe: Any) -> None:
    """A lane's process: heat after heat, until it is ended."""
    connected(environment)
    while True:
        heat = pipe.recv()
        fake_world = FakeWorld()
        fake_world.clock.at = heat.now
        fake_world.settings = replace(fake_world.settings, eject_wait_seconds=0, station_queue_wait_seconds=0)
        if heat.paid is not None:
            fake_world.khalti.payment_status = fake_world.esewa.payment_status = heat.paid
        world = unique(fake_world)
        results: list[Result] = []
        gate = threading.Event()
        threads = [
            threading.Thread(target=_run, args=(world, heat.participant, order, gate, results))
            for order in heat.orders
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
    world: World, contestant: Participant, order: dict[str, Any], gate: threading.Event, results: list[Result]
) -> None:
    gate.wait()
    try:
        results.append(Result(value=contestant(world, order)))
    except Problem as problem:
        results.append(Result(problem_code=problem.code))
    except Exception as error:  # noqa: BLE001  a lane must come back with whatever happened
        results.append(Result(problem_code=f"bug: {error!r}"))
