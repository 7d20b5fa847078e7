"""Many operators add money to one wallet, or decide one addition: the limit holds, and each decision is made once."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.operators.role import Role
from chalicelib.services.wallet import balance_additions
from tests.races import race_clients
from tests.races.race_runner import RACES, RaceRunner, needs_dynoxide, race_runner
from tests.world.builders import account, operator_account, sign_in

ADDITIONS, DECISIONS = 12, 40
ROUNDS = int(os.environ.get("RACE_ROUNDS", "10")) // 5
pytestmark = [*RACES, needs_dynoxide]


@pytest.fixture(scope="module")
def racing() -> Iterator[RaceRunner]:
    with race_runner("dynoxide", ROUNDS) as created:
        yield created


def operator(racing: RaceRunner, role: Role) -> Any:
    racing.network.numbers += 1
    email = f"operator{racing.network.numbers}@example.com"
    return sign_in(racing.network.world, operator_account(racing.network.world, email, "a password", role))


def order_of(session: Any, **more: Any) -> dict[str, Any]:
    return {"user_id": session.user_id, "session_id": session.session_id, **more}


def test_additions_at_once_keep_the_limit_of_a_day(racing: RaceRunner) -> None:
    for _ in range(racing.rounds):
        user_id, session = racing.network.customer(wallet_paisa=0), operator(racing, Role.FINANCE)
        orders = [order_of(session, to=user_id, paisa=200_000, reason=f"slot {n}") for n in range(ADDITIONS)]
        results, _ = racing.race(race_clients.add_balance, orders)
        assert Counter(result.value for result in results) == {"applied": 5, "pending": ADDITIONS - 5}
        assert account(user_id).wallet_paisa == 1_000_000


def test_one_addition_is_decided_once(racing: RaceRunner) -> None:
    for _ in range(racing.rounds):
        user_id, requester = racing.network.customer(wallet_paisa=0), operator(racing, Role.ADMIN)
        caller = requester.caller(racing.network.world)
        addition = balance_additions.add(racing.network.world, caller, user_id, 2_000_000, "a race")
        deciding = operator(racing, Role.SUPER_ADMIN)
        orders = [
            order_of(deciding, addition_id=addition.addition_id, rejects=number % 2 == 1)
            for number in range(DECISIONS)
        ]
        results, _ = racing.race(race_clients.decide_addition, orders)
        assert Counter(result.problem_code for result in results) == {
            None: 1,
            "addition_already_decided": DECISIONS - 1,
        }
        state = next(result.value for result in results if result.problem_code is None)
        assert account(user_id).wallet_paisa == (2_000_000 if state == "applied" else 0)
    racing.network.deliver_messages()
    assert racing.network.books_balance()
