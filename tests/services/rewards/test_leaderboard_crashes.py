"""The minute's run of the leaderboard, with a fault at any call, ends like a run without one."""

from dataclasses import dataclass

import pytest

from chalicelib.domain.accounts.score import Category, Period
from chalicelib.domain.rewards.leaderboard import SCORE_SHARDS, rankings_of, scores_of
from chalicelib.services.audit import whole_audit
from chalicelib.services.rewards import leaderboard_refresh
from chalicelib.tables import leaderboards
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.leaderboards import BEST, ScoreRow
from chalicelib.world import World
from tests.engines.fault_injection import crash_everywhere
from tests.scenarios.deletion_scenario import delete_customer
from tests.world.builders import account
from tests.world.clocks import tick
from tests.world.fake_world import FakeWorld
from tests.world.network import Network

WEEK = Period.WEEKLY


def changed(network: Network) -> tuple[str, ...]:
    """A customer whose score grew, one who left, and one who is new."""
    growing, leaving = network.customer(), network.customer()
    leaderboard_refresh.refresh(network.world)
    network.pay_topup(growing, network.open_topup(growing, 100_000), 100_000)
    network.deliver_messages()
    delete_customer(network, leaving)
    return growing, leaving, network.customer()


@dataclass
class MinuteRun:
    """A run of the schedule, and the runs of the next minutes."""

    fake_world: FakeWorld
    world: World
    users: tuple[str, ...]

    def run(self) -> None:
        tick(self.world, "refresh_leaderboards")

    def recover(self) -> None:
        self.fake_world.clock.advance(minutes=1)
        leaderboard_refresh.refresh(self.world)
        leaderboard_refresh.refresh(self.world)

    def check(self) -> None:
        growing, _, new = self.users
        now = self.world.now()
        scores = {user: scores_of(account(user), now) for user in self.users}
        assert {row.user_id: row.scores for row in ScoreRow.scan()} == {user: scores[user] for user in (growing, new)}
        assert all(account(user).score_changed_at is None for user in self.users)
        for shard in SCORE_SHARDS:
            stored = fetch_one(leaderboards.rankings_key(WEEK.id_at(now), shard))
            expected = rankings_of(leaderboards.scores_in(shard, WEEK.id_at(now)))
            assert stored is None or stored.rankings == expected
        best = fetch_one(leaderboards.leaderboard_key(Category.POINTS, WEEK, BEST))
        assert best is not None
        assert best.content == {"best": [[250, growing], [150, new]], "total": 2}
        assert not [found for found in whole_audit.audit(self.world) if found.rule.startswith("score")]


@pytest.mark.matrix
def test_a_run_with_any_fault_ends_alike() -> None:
    crash_everywhere("leaderboard", changed, MinuteRun)
