"""Writes the leaderboards that are shown, from the rankings of all shards. It runs each minute."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from chalicelib.domain.accounts.score import Category, Period
from chalicelib.domain.rewards.leaderboard import SCORE_SHARDS, Histogram, Rankings, merged, rankings_of
from chalicelib.services.rewards import score_counting
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.tables import leaderboards
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.tables.leaderboards import BEST, HISTOGRAM, ShardRankings, StoredLeaderboard
from chalicelib.world import World
from chalicelib.world.time_left import reserved

STORE_SECONDS = 10.0
"""The time to write the leaderboards after the last score is counted."""


def refresh(world: World) -> int:
    """Count changed scores, then write the leaderboards that changed. Returns the number of counted accounts.

    A new month or week needs no work: nobody has a score in it yet.
    """
    with reserved(STORE_SECONDS):
        count = score_counting.count_changed(world)
    for_each_isolated(list(Period), lambda period: _store(world, period), lambda period: f"leaderboards {period}")
    return count


def _store(world: World, period: Period) -> None:
    now = world.now()
    period_id = period.id_at(now)
    by_shard = _of_shards(world, period_id)
    parts = (BEST, HISTOGRAM)
    keys = {
        (category, part): leaderboards.leaderboard_key(category, period, part)
        for category in Category
        for part in parts
    }
    rows = fetch(*keys.values())
    for number, category in enumerate(Category):
        ranking = merged(rankings[number] for rankings in by_shard)
        contents = {
            BEST: {"best": [list(entry) for entry in ranking.best], "total": ranking.total_users},
            HISTOGRAM: asdict(Histogram.of(ranking.counts)),
        }
        for part in parts:
            leaderboard, stored = StoredLeaderboard(period_id, contents[part]), rows[keys[category, part]]
            if stored != leaderboard and (stored is not None or ranking.counts):
                leaderboards.save_leaderboard(category, period, part, leaderboard, now)


def _of_shards(world: World, period_id: str) -> Sequence[Rankings]:
    """The rankings of all shards. A shard that lost too many of its best customers reads them again."""
    keys = [leaderboards.rankings_key(period_id, shard) for shard in SCORE_SHARDS]
    rows = fetch(*keys)
    by_shard = {shard: (rows[key] or ShardRankings()).rankings for shard, key in zip(SCORE_SHARDS, keys, strict=True)}
    for shard, rankings in by_shard.items():
        if any(ranking.has_too_few_best for ranking in rankings):
            by_shard[shard] = atomic(world, partial(_reread, world, period_id, shard))
    return list(by_shard.values())


def _reread(world: World, period_id: str, shard: str, ops: Transaction) -> Rankings:
    stored = fetch_one(leaderboards.rankings_key(period_id, shard)) or ShardRankings()
    rankings = rankings_of(leaderboards.scores_in(shard, period_id))
    leaderboards.save_rankings(ops, period_id, shard, rankings, stored.version, world.now())
    return rankings
