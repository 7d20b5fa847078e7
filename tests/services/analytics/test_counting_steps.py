"""A user with much that is uncounted is counted in steps, as after weeks without a count."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import StringIO

from chalicelib.domain.rewards.achievement import UnlockedAchievement
from chalicelib.domain.text.days import day_of
from chalicelib.services.analytics import counting
from chalicelib.tables import accounts, achievements, uncounted
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.rows import shard_of
from tests.scenarios.day_counts import of_day
from tests.world.builders import account
from tests.world.network import Network


def store(unlocked: UnlockedAchievement, ops: Transaction) -> None:
    achievements.add(ops, unlocked)


def test_achievements_of_more_days_than_a_transaction_takes_are_counted_once(network: Network) -> None:
    user, now = network.customer(), network.world.now()
    days = [now - timedelta(days=2 * number) for number in range(25)]
    for number, day in enumerate(days):
        atomic(network.world, partial(store, UnlockedAchievement(user, f"level-{number}", 10, day)))
    changed = replace(account(user), achievements_count=len(days))
    atomic(network.world, lambda ops: accounts.save(ops, changed))
    for _ in range(2):
        counting.count_changed(network.world)
        assert [of_day(day_of(day).isoformat())[f"achievements.level-{n}"] for n, day in enumerate(days)] == [1] * 25
    assert uncounted.user_ids(shard_of(user), 10, 0) == []


def test_a_user_whose_posting_is_missing_keeps_no_other_from_being_counted(
    network: Network, log_output: StringIO
) -> None:
    damaged, other = network.customer(), network.newcomer()
    changed = replace(account(damaged), seq=account(damaged).seq + 1)
    atomic(network.world, lambda ops: accounts.save(ops, changed))
    counting.count_changed(network.world)
    assert uncounted.user_ids(shard_of(damaged), 10, 0)[-1] == damaged
    assert other not in uncounted.user_ids(shard_of(other), 10, 0)
    assert "PostingMissing" in log_output.getvalue()
