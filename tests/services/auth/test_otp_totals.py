"""The hour's total of code requests: requests at the same time meet on no row, and the limit holds."""

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.auth import otp, otp_limits
from chalicelib.world import World
from infra.local.fault import Fault
from infra.local.simulation import Simulation
from tests.world.fake_world import FakeWorld


def request(world: World, number: int) -> None:
    otp.request_code(world, f"+977984{number:07d}", f"192.0.2.{number}")


def test_a_request_does_not_wait_for_the_counter_that_another_one_writes(
    world: World, storage_faults: Simulation
) -> None:
    """One counter is in a running transaction all the time."""
    held = otp_limits.total_keys(world.now())[-1].hash_key
    storage_faults.faults["dynamodb"] = Fault(1_000, code="TransactionConflict", receiver=str(held))
    for number in range(60):
        request(world, number)


def test_the_total_limit_holds_over_all_counters(fake_world: FakeWorld, world: World) -> None:
    fake_world.settings = fake_world.settings.changed({"otp_total_hour": 40})
    for number in range(40):
        request(world, number)
    with pytest.raises(Problem, match="otp_limit_reached"):
        request(world, 41)
    fake_world.clock.advance(hours=1)
    request(world, 42)


def test_a_request_is_busy_when_every_counter_is_held(world: World, storage_faults: Simulation) -> None:
    storage_faults.faults["dynamodb"] = Fault(1_000, code="TransactionConflict", receiver="otp#total#")
    with pytest.raises(Problem, match="busy"):
        request(world, 1)
