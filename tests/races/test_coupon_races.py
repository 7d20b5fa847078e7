"""Ten thousand users apply one coupon that is capped at a thousand uses: exactly a thousand get points."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.rewards.coupon import COUNTERS, Coupon
from chalicelib.services.audit import whole_audit
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.tables import accounts, coupons
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from tests.races import race_clients
from tests.races.race_runner import RACES, RaceRunner, needs_dynoxide, race_runner

PARTICIPANTS = 64
USERS = int(os.environ.get("RACE_USERS", "320"))
"""10,000 in the full run. The cap is a tenth of it."""
pytestmark = [*RACES, needs_dynoxide]


@pytest.fixture(scope="module")
def racing() -> Iterator[RaceRunner]:
    with race_runner("dynoxide", 1) as created:
        yield created


def signed_in_user(racing: RaceRunner) -> tuple[str, str]:
    """A bare account with a session. Returns the ids of both."""
    world = racing.network.world
    account = Account(world.new_id())

    def decide(ops: Transaction) -> str:
        accounts.save(ops, account)
        return auth_sessions.begin(ops, world, account, None).session_id

    return account.user_id, atomic(world, decide)


def test_a_cap_is_used_up_exactly(racing: RaceRunner) -> None:
    world, cap = racing.network.world, USERS // 10
    now = world.now()
    coupon = Coupon("RACE", "A race", 7, 1, now, now + timedelta(days=1), max_total_uses=cap)
    atomic(world, lambda ops: coupons.save(ops, coupon))
    users = [signed_in_user(racing) for _ in range(USERS)]
    orders = [{"code": "race", "users": users[number::PARTICIPANTS]} for number in range(PARTICIPANTS)]
    results, _ = racing.race(race_clients.apply_coupons, orders)
    outcomes = sum((Counter(result.value) for result in results), Counter[str]())
    assert outcomes == {"applied": cap, "coupon_used_up": USERS - cap}
    keys = [coupons.counter_key("RACE", number) for number in range(COUNTERS)]
    rows = fetch(*keys)
    assert sum(rows[key] or 0 for key in keys) == cap
    with_points = [user_id for user_id, _ in users if coupons.uses_of_user(user_id)]
    assert len(with_points) == cap
    assert {fetch_points(user_id) for user_id in with_points} == {7}
    assert [found for found in whole_audit.audit(world) if found.rule.startswith("coupon")] == []


def fetch_points(user_id: str) -> int:
    row = fetch(accounts.account_key(user_id))[accounts.account_key(user_id)]
    assert row is not None
    return row.points
