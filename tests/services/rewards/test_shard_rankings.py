"""The rankings of one shard of the leaderboard."""

from itertools import count

from chalicelib.domain.accounts.score import Category, Period
from chalicelib.domain.rewards.leaderboard import SCORE_SHARDS, Ranking, score_shard_of
from chalicelib.services.rewards import leaderboard_refresh
from chalicelib.tables import leaderboards
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.leaderboards import CountedScores
from chalicelib.world import World


def test_a_shard_with_too_few_known_best_customers_reads_them_again(world: World) -> None:
    shard = SCORE_SHARDS[0]
    user_id = next(f"user{number}" for number in count() if score_shard_of(f"user{number}") == shard)
    period_id = Period.ALL_TIME.id_at(world.now())
    without_its_best = (Ranking({7: 1}, (), complete=False),) * len(Category)

    def plant(ops: Transaction) -> None:
        leaderboards.save_rankings(ops, period_id, shard, without_its_best, 0, world.now())
        leaderboards.save_scores(ops, CountedScores(user_id, {period_id: (7,) * len(Category)}))

    atomic(world, plant)
    leaderboard_refresh.refresh(world)
    stored = fetch_one(leaderboards.rankings_key(period_id, shard))
    assert stored is not None
    assert [ranking.best for ranking in stored.rankings] == [((7, user_id),)] * len(Category)
