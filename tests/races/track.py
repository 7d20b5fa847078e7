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
from chalicelib.domain.payment_gateway import Outcome
from chalicelib.domain.problems import Problem
from chalicelib.tables.dynamodb import connect
from chalicelib.tables.registry import MODELS
from chalicelib.world import World
from infra.local import cloud
from tests.fake_world import Scene
from tests.street import Street

LANES = 2
PATIENCE_SECONDS = 900
Contestant = Callable[[World, dict[str, Any]], Any]


@dataclass(frozen=True)
class Heat:
    """One race: who runs, with which orders, at what time; `paid` is what the gateways say meanwhile."""

    contestant: Contestant
    orders: Sequence[dict[str, Any]]
    now: datetime
    paid: Outcome | None = None


@dataclass(frozen=True)
class Result:
    """What became of one contestant: what its verb gave, or the code it was refused with."""

    gave: Any = None
    refused: str | None = None


@dataclass
class Track:
    """One engine, one street on it, and lanes that stay warm between heats."""

    environment: dict[str, str]
    scene: Scene
    street: Street
    lanes: list["Lane"] = field(default_factory=list)
    rounds: int = 1

    def race(
        self, contestant: Contestant, orders: Sequence[dict[str, Any]], paid: Outcome | None = None
    ) -> tuple[list[Result], int]:
        """All the orders at once, a thread for each, spread over the lanes. Returns results and how many ejects."""
        for number, lane in enumerate(self.lanes):
            lane.pipe.send(Heat(contestant, orders[number::LANES], self.scene.clock.now(), paid))
        for lane in self.lanes:
            lane.pipe.recv()
        for lane in self.lanes:
            lane.pipe.send("go")
        results: list[Result] = []
        ejects = 0
        for lane in self.lanes:
            if not lane.pipe.poll(PATIENCE_SECONDS):
                raise TimeoutError("a lane does not come back")
            told, sent = lane.pipe.recv()
            results += told
            ejects += sent
        return results, ejects


@dataclass
class Lane:
    """A process that runs its share of each heat."""

    pipe: Any
    process: Any


@contextmanager
def track(engine: str, rounds: int) -> Iterator[Track]:
    """A network on the engine, and lanes connected to it; all gone afterwards."""
    made = cloud.start(engine, None)
    lanes: list[Lane] = []
    try:
        environment = made.environment()
        connected(environment)
        scene = Scene()
        world = unique(scene)
        wiring.use(world)
        with redirect_stdout(StringIO()):
            street = Street(scene, world)
        lanes = [_lane(environment) for _ in range(LANES)]
        yield Track(environment, scene, street, lanes, rounds)
    finally:
        wiring.use(None)
        for lane in lanes:
            lane.process.terminate()
        made.stop()


def connected(environment: dict[str, str]) -> None:
    """This process's tables are the engine's."""
    os.environ.update(environment)
    connect(MODELS, cloud.PREFIX, botocore.session.get_session())


def unique(scene: Scene) -> World:
    """The scene's world, with ids and salts that no other process makes too."""
    return replace(
        scene.world(),
        new_id=lambda: ulid(scene.clock.now(), secrets.token_bytes(10)),
        random_bytes=secrets.token_bytes,
    )


def _lane(environment: dict[str, str]) -> Lane:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=run_lane, args=(environment, theirs), daemon=True)
    process.start()
    return Lane(ours, process)


def run_lane(environment: dict[str, str], pipe: Any) -> None:
    """A lane's process: heat after heat, until it is ended."""
    connected(environment)
    while True:
        heat = pipe.recv()
        scene = Scene()
        scene.clock.at = heat.now
        scene.settings = replace(scene.settings, eject_wait_seconds=0, station_turn_seconds=0)
        if heat.paid is not None:
            scene.khalti.outcome = scene.esewa.outcome = heat.paid
        world = unique(scene)
        results: list[Result] = []
        gate = threading.Event()
        threads = [
            threading.Thread(target=_run, args=(world, heat.contestant, order, gate, results))
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
        pipe.send((results, len(scene.cabinets.ejects)))


def _run(
    world: World, contestant: Contestant, order: dict[str, Any], gate: threading.Event, results: list[Result]
) -> None:
    gate.wait()
    try:
        results.append(Result(gave=contestant(world, order)))
    except Problem as problem:
        results.append(Result(refused=problem.code))
    except Exception as error:  # noqa: BLE001  a lane must come back with whatever happened
        results.append(Result(refused=f"bug: {error!r}"))
