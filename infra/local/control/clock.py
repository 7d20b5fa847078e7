"""Routes of the control API that move the clock and run schedules."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from flask import Blueprint, Response, jsonify

from chalicelib.domain.sessions.session import Session
from chalicelib.domain.text.time_text import sortable_time_text
from chalicelib.tables.rows import entity
from chalicelib.tables.sessions import SessionRow
from infra.local.aws.schedule_runner import ScheduleRunner
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.control.request_shapes import TIME, RequestShape, number, shaped
from infra.local.control.requests import BadRequest, Fields, read_fields, read_number
from infra.local.simulation import Simulation
from infra.local.snapshots.activity_gate import Stopped

MAX_ADVANCE_SECONDS = 10 * 366 * 86400
"""Ten years."""
AS_TIME = "to is a time such as 2026-12-01T09:00:00Z"
SECONDS, STEP = number(MAX_ADVANCE_SECONDS), number(MAX_ADVANCE_SECONDS, 1)
MAX_STEPS = 5_000
ADVANCE_PATH = "/clock/advance"
"""Never waits for a snapshot as a whole: each of its steps does."""
ADVANCE = f"POST {ADVANCE_PATH}"
ADVANCE_FIELDS = {"seconds": SECONDS, "to": TIME, "step": STEP}


def clock_blueprint(
    simulation: Simulation, cabinets: SimulatedCabinets, runner: ScheduleRunner, settle: Callable[[], None]
) -> Blueprint:
    """The routes /clock and /schedules. `settle` lets every message arrive that is on its way."""
    blueprint = Blueprint("clock", __name__)

    @blueprint.get("/clock")
    def clock() -> Response:
        """The sandbox's time."""
        return jsonify({"now": sortable_time_text(simulation.clock.now())})

    @blueprint.post(ADVANCE_PATH)
    @shaped(RequestShape(body=ADVANCE_FIELDS))
    def advance() -> Response:
        """Move the clock by {seconds} or {to} a time; with {step}, in steps, after each of which schedules run.

        Between two steps a snapshot may be taken. A reset or a restore ends it there.
        """
        fields, epoch, ran = read_fields(*ADVANCE_FIELDS), simulation.activity.epoch, list[str]()
        _steps(fields, simulation.clock.now())
        with runner.held():
            before = simulation.clock.now()
            seconds, steps = _steps(fields, before)
            for number, step in enumerate(steps):
                with _step(simulation, epoch, f"{number} of {len(steps)} steps"):
                    if not number:
                        simulation.feed.add("clock", f"+{timedelta(seconds=round(seconds, 3))}", seconds=seconds)
                    simulation.clock.advance(step)
                    # Cabinets sent events during that time. The service handles them before its schedules run.
                    cabinets.tick()
                    settle()
                    ran += runner.run_due()
                    settle()
        with _step(simulation, epoch, "all its steps"):
            now = simulation.clock.now()
            ended = _sessions_ended(before, now)
        return jsonify({"now": sortable_time_text(now), "ran": ran, "sessions_ended": ended})

    _add_schedules(blueprint, runner)
    return blueprint


@contextmanager
def _step(simulation: Simulation, epoch: int, done: str) -> Iterator[None]:
    """One step of an advance that began in this epoch. Raises BadRequest when the advance goes no further."""
    try:
        with simulation.activity.request(ADVANCE):
            if simulation.activity.epoch != epoch:
                raise BadRequest(409, f"a reset or a restore ended this advance after {done}")
            yield
    except Stopped as stopped:
        raise BadRequest(409, f"the sandbox stops, after {done} of this advance") from stopped


def _add_schedules(blueprint: Blueprint, runner: ScheduleRunner) -> None:
    @blueprint.get("/schedules")
    def schedules() -> Response:
        """The schedules, their rates and when each is due."""
        return jsonify(runner.listing())

    @blueprint.post("/schedules/<name>/run")
    def run(name: str) -> Response:
        """Run a schedule now."""
        if name not in {item["name"] for item in runner.listing()}:
            raise BadRequest(404, f"there is no schedule {name}")
        try:
            return jsonify({"name": name, "answer": runner.run(name)})
        except Exception as error:
            traceback.print_exc()
            raise BadRequest(409, f"{name} failed: {type(error).__name__}") from error


def _steps(fields: Fields, now: datetime) -> tuple[float, list[float]]:
    """How far the clock moves in all, and its steps. Raises BadRequest."""
    if "to" in fields:
        if "seconds" in fields:
            raise BadRequest(422, "either seconds or to")
        fields = {**fields, "seconds": (_time(fields["to"]) - now).total_seconds()}
        if fields["seconds"] < 0:
            present = sortable_time_text(now)
            raise BadRequest(422, f"to is in the past: it is {present} here, and time does not go backwards")
        if fields["seconds"] > MAX_ADVANCE_SECONDS:
            raise BadRequest(422, "to is more than ten years ahead")
    seconds = read_number(fields, "seconds", SECONDS)
    step = read_number(fields, "step", STEP, default=MAX_ADVANCE_SECONDS)
    if seconds / step > MAX_STEPS:
        raise BadRequest(422, f"these are more than {MAX_STEPS} steps")
    whole, rest = divmod(seconds, step)
    return seconds, [step] * int(whole) + ([rest] if rest or not whole else [])


def _time(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError as error:
        raise BadRequest(422, AS_TIME) from error
    if at.tzinfo is None:
        raise BadRequest(422, AS_TIME)
    return at


def _sessions_ended(before: datetime, now: datetime) -> int:
    """How many sessions expired in that time."""
    sessions = [entity(row, Session) for row in SessionRow.scan(consistent_read=True)]
    return sum(session.ended_at is None and before < session.expires_at <= now for session in sessions)
