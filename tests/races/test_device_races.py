"""Concurrent registrations of devices: a token has one owner, a user has ten devices."""

import os
from collections.abc import Iterator

import pytest

from chalicelib.tables import devices
from tests.races import race_clients
from tests.races.race_runner import RACES, RaceRunner, needs_dynoxide, race_runner
from tests.services.notifications.test_devices import owners_are_right

PARTICIPANTS = 32
ROUNDS = int(os.environ.get("RACE_ROUNDS", "50")) // 4 or 1
pytestmark = [*RACES, needs_dynoxide]


@pytest.fixture(scope="module")
def racing() -> Iterator[RaceRunner]:
    with race_runner("dynoxide", ROUNDS) as created:
        yield created


def orders_of(racing: RaceRunner, users: list[str], tokens: int, phones: int) -> list[dict[str, str]]:
    sessions = racing.network.sessions
    return [
        {
            "user_id": users[number % len(users)],
            "session_id": sessions[users[number % len(users)]].session_id,
            "device_id": f"phone{number % phones}",
            "fcm_token": f"token{number % tokens}",
        }
        for number in range(PARTICIPANTS)
    ]


def test_a_token_that_many_users_register_at_once_has_one_owner(racing: RaceRunner) -> None:
    users = [racing.network.customer(wallet_paisa=0) for _ in range(8)]
    for _ in range(racing.rounds):
        results, _ = racing.race(race_clients.register, orders_of(racing, users, tokens=1, phones=2))
        assert {result.problem_code for result in results} <= {None, "busy"}
        holders = [device for user in users for device in devices.of_user(user) if device.fcm_token is not None]
        assert len(holders) == 1
        assert owners_are_right()


def test_many_new_devices_at_once_never_exceed_ten(racing: RaceRunner) -> None:
    for _ in range(racing.rounds):
        user = racing.network.customer(wallet_paisa=0)
        results, _ = racing.race(race_clients.register, orders_of(racing, [user], tokens=24, phones=32))
        assert {result.problem_code for result in results} <= {None, "busy"}
        assert owners_are_right()
