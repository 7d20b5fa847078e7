"""Counts the changed scores of accounts in the rankings of their shard, each change once."""

from collections.abc import Sequence
from functools import partial

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operations.round_robin import rotated, turn_of
from chalicelib.domain.rewards.leaderboard import (
    SCORE_SHARDS,
    ScoreChange,
    changes,
    rankings_after,
    score_shard_of,
    scores_of,
)
from chalicelib.services.sweeps import for_each_batch, for_each_isolated
from chalicelib.tables import accounts, leaderboards
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.leaderboards import CountedScores, ShardRankings
from chalicelib.world import World

MAX_BATCH_USERS = 20
"""Accounts of one transaction, which also writes up to five rankings of their shard."""
MAX_PER_SHARD = 200
"""Accounts of one shard that a run counts. The next run counts what is left."""


def count_changed(world: World) -> int:
    """Count accounts with changed scores, of each shard the longest waiting ones. Returns their number.

    An account leaves the index after its scores are counted. A crash in between counts nothing twice: the next run
    compares the account with what is counted.
    """
    turn = turn_of(world.now())
    counts: list[int] = []
    for_each_isolated(
        rotated(SCORE_SHARDS, turn),
        lambda shard: counts.append(_count_shard(world, shard, turn)),
        lambda shard: f"scores of shard {shard}",
    )
    return sum(counts)


def _count_shard(world: World, shard: str, turn: int) -> int:
    user_ids = accounts.with_changed_score(shard, MAX_PER_SHARD, turn)
    return for_each_batch(user_ids, MAX_BATCH_USERS, partial(_count_batch, world), lambda name: f"score {name}")


def _count_batch(world: World, user_ids: Sequence[str]) -> None:
    for account in count(world, user_ids):
        if account.score_changed_at is not None:
            accounts.mark_score_counted(account)


def count(world: World, user_ids: Sequence[str]) -> list[Account]:
    """Count the scores of up to MAX_BATCH_USERS users of one shard as they are now, in one transaction.

    Users without an active account leave the rankings. Returns the accounts.
    """
    return atomic(world, partial(_decide, world, user_ids))


def _decide(world: World, user_ids: Sequence[str], ops: Transaction) -> list[Account]:
    account_keys = [accounts.account_key(user_id) for user_id in user_ids]
    counted_keys = [leaderboards.scores_key(user_id) for user_id in user_ids]
    rows, now = fetch(*account_keys, *counted_keys), world.now()
    by_period: dict[str, list[ScoreChange]] = {}
    for user_id, account_key, counted_key in zip(user_ids, account_keys, counted_keys, strict=True):
        counted = rows[counted_key] or CountedScores(user_id)
        scores = scores_of(rows[account_key], now)
        changed = list(changes(user_id, counted.scores, scores, now))
        if changed or (counted.version and not scores):
            leaderboards.save_scores(ops, CountedScores(user_id, scores, counted.version))
        for period_id, change in changed:
            by_period.setdefault(period_id, []).append(change)
    if by_period:
        _stage_boards(ops, world, score_shard_of(user_ids[0]), by_period)
    return [account for key in account_keys if (account := rows[key]) is not None]


def _stage_boards(ops: Transaction, world: World, shard: str, by_period: dict[str, list[ScoreChange]]) -> None:
    keys = {period_id: leaderboards.rankings_key(period_id, shard) for period_id in by_period}
    rows, now = fetch(*keys.values()), world.now()
    for period_id, changed in by_period.items():
        stored = rows[keys[period_id]] or ShardRankings()
        leaderboards.save_rankings(
            ops, period_id, shard, rankings_after(stored.rankings, changed), stored.version, now
        )
