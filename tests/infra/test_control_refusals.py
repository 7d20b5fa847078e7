"""Control requests that the service refuses or fails: the answer says why, and has no status of an error of ours."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Blueprint, Flask

from chalicelib.domain.accounts.account import Status
from chalicelib.tables import accounts
from chalicelib.tables.atomic import atomic
from chalicelib.tables.users import UserRow
from infra.local.aws.lambdas import Context, Schedule
from infra.local.aws.schedule_runner import ScheduleRunner
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.control.clock import ADVANCE_PATH, clock_blueprint
from infra.local.control.records import records_blueprint
from infra.local.control.requests import BadRequest
from infra.local.simulation import Simulation
from infra.local.snapshots.activity_gate import ActivityGate, StillRunning
from tests.world.builders import account
from tests.world.network import Network


def posted(blueprint: Blueprint, path: str, body: Any = None) -> tuple[int, str]:
    """The status and the reason."""
    app = Flask("control")
    app.register_blueprint(blueprint)
    app.register_error_handler(BadRequest, lambda error: ({"error": error.why}, error.status))
    answer = app.test_client().post(path, json=body)
    return answer.status_code, str((answer.json or {}).get("error"))


def test_a_schedule_that_fails_is_named() -> None:
    def fail(event: Any, context: Context) -> None:
        raise PermissionError

    simulation = Simulation()
    cabinets = SimulatedCabinets(simulation, MnsQueue(), own_thread=False)
    runner = ScheduleRunner(simulation.clock, [Schedule("sweep", "rate(1 minute)", fail)])
    blueprint = clock_blueprint(simulation, cabinets, runner, lambda: None)
    assert posted(blueprint, "/schedules/sweep/run") == (409, "sweep failed: PermissionError")


def test_a_blocked_customer_gets_no_token(network: Network) -> None:
    user = network.customer()
    atomic(network.world, lambda ops: accounts.save(ops, replace(account(user), status=Status.BANNED)))
    phone = UserRow.get(user).phone
    status, reason = posted(records_blueprint(network.world, {}), f"/people/{phone}/token")
    assert (status, reason) == (409, "this customer can't sign in: account_banned")


def test_a_time_that_is_too_far_ahead_is_refused_in_the_words_of_the_request() -> None:
    simulation = Simulation()
    cabinets = SimulatedCabinets(simulation, MnsQueue(), own_thread=False)
    blueprint = clock_blueprint(simulation, cabinets, ScheduleRunner(simulation.clock, []), lambda: None)
    refused = posted(blueprint, ADVANCE_PATH, {"to": "9999-12-31T23:59:59Z"})
    assert refused == (422, "to is more than ten years ahead")


@dataclass
class Turning:
    """A clock that is turned in 1,000 steps, and what happens during its first step."""

    simulation: Simulation = field(default_factory=Simulation)
    during: list[Callable[[], None]] = field(default_factory=list)

    def turn(self) -> tuple[int, str]:
        """The status and the reason."""
        cabinets = SimulatedCabinets(self.simulation, MnsQueue(), own_thread=False)
        runner = ScheduleRunner(self.simulation.clock, [])
        blueprint = clock_blueprint(self.simulation, cabinets, runner, self._settle)
        return posted(blueprint, ADVANCE_PATH, {"seconds": 60_000, "step": 60})

    def _settle(self) -> None:
        for do in self.during:
            do()
        self.during.clear()


@pytest.mark.usefixtures("network")
def test_a_snapshot_is_taken_between_two_steps_of_an_advance() -> None:
    turning, activity = Turning(), ActivityGate()
    turning.simulation.activity = activity
    with ThreadPoolExecutor() as pool:
        turning.during.append(lambda: taken.append(pool.submit(_pause, activity)))
        taken = list[Any]()
        assert turning.turn() == (200, "None")
        assert taken[0].result(60) == ""


@pytest.mark.usefixtures("network")
def test_a_reset_ends_an_advance_between_two_steps() -> None:
    turning, pausing, before = Turning(), list[Any](), Simulation().now()
    with ThreadPoolExecutor() as pool:
        turning.during.append(lambda: pausing.append(pool.submit(_pause, turning.simulation.activity, restores=True)))
        status, reason = turning.turn()
    assert status == 409
    assert re.fullmatch(r"a reset or a restore ended this advance after \d+ of 1000 steps", reason)
    assert turning.simulation.now() < before + timedelta(seconds=60_000)


def test_a_stop_ends_an_advance_between_two_steps() -> None:
    turning = Turning()
    turning.during.append(turning.simulation.activity.stop)
    assert turning.turn() == (409, "the sandbox stops, after 1 of 1000 steps of this advance")


def _pause(activity: ActivityGate, *, restores: bool = False) -> str:
    """Pause, as a snapshot or a restore does. Returns what still ran."""
    try:
        with activity.paused():
            activity.epoch += restores
    except StillRunning as error:
        return str(error)
    return ""
