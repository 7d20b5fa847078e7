"""Concurrent operators: super admins who disable each other leave one, and a code of a second factor counts once."""

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.operators import totp
from chalicelib.domain.operators.role import Role
from chalicelib.services.auth import second_factor
from tests.races import race_clients
from tests.races.race_runner import RaceRunner
from tests.races.test_races import pytestmark, racing
from tests.world.builders import account, operator_account, sign_in

__all__ = ["pytestmark", "racing"]
OPERATORS = 8


def test_super_admins_who_disable_each_other_leave_at_least_one(racing: RaceRunner) -> None:
    world = racing.network.world
    for number in range(max(1, racing.rounds // 10)):
        emails = [f"boss{number}.{position}@example.com" for position in range(OPERATORS)]
        ids = [operator_account(world, email, "a password", Role.SUPER_ADMIN) for email in emails]
        orders = [
            {
                "user_id": user_id,
                "session_id": sign_in(world, user_id).session_id,
                "other": ids[(place + 1) % OPERATORS],
            }
            for place, user_id in enumerate(ids)
        ]
        results, _ = racing.race(race_clients.disable_operator, orders)
        assert {result.problem_code for result in results} <= {None, "session_ended", "busy"}
        active = sum(account(user_id).status is Status.ACTIVE for user_id in ids)
        assert active == OPERATORS - sum(result.problem_code is None for result in results) >= 1


def test_one_code_in_eight_sign_ins_at_once_opens_one(racing: RaceRunner) -> None:
    world, clock = racing.network.world, racing.network.fake_world.clock
    for number in range(max(1, racing.rounds // 10)):
        clock.advance(hours=1)
        email = f"coded{number}@example.com"
        caller = sign_in(world, operator_account(world, email, "a password", Role.FINANCE)).caller(world)
        secret = totp.secret_of(second_factor.enrol(world, caller, "a password").secret)
        step = totp.current_step(clock.now())
        second_factor.confirm(world, caller, totp.code_at(secret, step))
        order = {"email": email, "password": "a password", "otp": totp.code_at(secret, step + 1)}
        orders = [{**order, "address": f"192.0.2.{place}"} for place in range(OPERATORS)]
        results, _ = racing.race(race_clients.sign_operator_in, orders)
        codes = [result.problem_code for result in results]
        assert codes.count(None) == 1, codes
        assert set(codes) <= {None, "second_factor_wrong", "busy"}
