"""Control requests that the service refuses or fails: the answer says why, and has no status of an error of ours."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask

from chalicelib.domain.accounts.account import Status
from chalicelib.tables import accounts
from chalicelib.tables.atomic import atomic
from chalicelib.tables.users import UserRow
from infra.local.aws.lambdas import Context, Schedule
from infra.local.aws.schedule_runner import ScheduleRunner
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.control.clock import clock_blueprint
from infra.local.control.records import records_blueprint
from infra.local.control.requests import BadRequest
from infra.local.simulation import Simulation
from tests.world.builders import account
from tests.world.network import Network


def posted(blueprint: Blueprint, path: str) -> tuple[int, str]:
    """The status and the reason."""
    app = Flask("control")
    app.register_blueprint(blueprint)
    app.register_error_handler(BadRequest, lambda error: ({"error": error.why}, error.status))
    answer = app.test_client().post(path)
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
