"""Thousands of customers: the first places and every rank are those of brute force, and each read costs the same."""

import os
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import pytest

from app import app
from chalicelib.domain.accounts.score import Category, Period
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.services.rewards import leaderboard_refresh
from chalicelib.tables import leaderboards
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one, shared_connection
from chalicelib.tables.leaderboards import HISTOGRAM, ScoreRow
from tests.engines.counting import Counted, counted
from tests.scenarios.leaderboard_crowd import Crowd, Fact
from tests.world.builders import SignedIn, account
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_for

USERS = int(os.environ.get("LEADERBOARD_USERS", "2000"))
"""100,000 in the full run, which takes minutes."""
SIZES = [80, pytest.param(USERS, marks=pytest.mark.long)]
PER_RUN = 3_200


@dataclass
class Reader:
    """A customer of the crowd who reads the leaderboard."""

    network: Network
    user_id: str

    def __post_init__(self) -> None:
        world = self.network.world

        def decide(ops: Transaction) -> str:
            return auth_sessions.begin(ops, world, account(self.user_id), None).session_id

        self.session = SignedIn(self.user_id, atomic(world, decide))

    def read(self, category: str, period: str) -> tuple[Reply, Counted]:
        path = f"/api/users/leaderboard?category={category}&period={period}&me=true"
        token = token_for(self.network.world, self.session)
        with counted() as counts:
            reply = request(app, "GET", path, token=token)
        return reply, counts


def refresh(network: Network) -> int:
    """Runs of the schedule until no account waits. Returns their number."""
    runs = 1
    while leaderboard_refresh.refresh(network.world):
        runs += 1
    assert all(row.score_changed_at is None for row in AccountRow.scan())
    return runs


def must_match(crowd: Crowd, reader: Reader) -> None:
    """The first places, the reader's own place and the rank of everybody are right, in every category and period."""
    for period in Period:
        for category, scores in crowd.scores(period).items():
            reply, counts = reader.read(category, period)
            shown = [(place["rank"], place["username"], place["score"]) for place in reply.data["leaderboard"]]
            assert shown == crowd.best(scores), (category, period)
            assert counts.calls == ["BatchGetItem", "BatchGetItem"]
            ordered = sorted(scores.values())
            score = scores[reader.user_id]
            rank = 1 + len(ordered) - bisect_right(ordered, score)
            assert (reply.data["me"]["rank"], reply.data["me"]["score"]) == (rank, score), (category, period)
            stored = fetch_one(leaderboards.leaderboard_key(Category(category), period, HISTOGRAM))
            assert stored is not None
            for other in set(ordered):
                assert stored.histogram.rank_of(other) == 1 + len(ordered) - bisect_right(ordered, other)


@pytest.mark.parametrize("size", SIZES)
def test_places_and_ranks_are_those_of_brute_force(network: Network, size: int) -> None:
    crowd = Crowd(network, size)
    assert refresh(network) <= 2 + size // PER_RUN * 2
    reader = Reader(network, f"user{size // 2:06d}")
    must_match(crowd, reader)
    scores = crowd.scores("all_time")["overall"]
    best = max(scores, key=scores.__getitem__)
    now = network.world.now()
    crowd.add(best, Fact(now, rentals=1, late=1, points=5))
    crowd.add(reader.user_id, Fact(now, points=2_000))
    with counted() as counts:
        leaderboard_refresh.refresh(network.world)
    must_match(crowd, reader)
    assert len(counts.calls) <= 70
    assert counts.rows_read <= 2


def test_an_account_that_can_not_be_read_keeps_no_other_from_its_score(network: Network) -> None:
    crowd = Crowd(network, 40)
    scored = {user_id for user_id, score in crowd.scores("all_time")["points"].items() if score}
    broken = min(scored)
    client: Any = shared_connection().client
    client.update_item(
        TableName=AccountRow.Meta.table_name,
        Key={"user_id": {"S": broken}},
        UpdateExpression="SET #status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": {"S": "{"}},
    )
    leaderboard_refresh.refresh(network.world)
    assert {row.user_id for row in ScoreRow.scan()} >= scored - {broken}
