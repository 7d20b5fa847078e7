"""Scores by user in shards, the rankings of each shard, and the leaderboards that are shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from chalicelib.domain.accounts.score import Category, Period
from chalicelib.domain.rewards.leaderboard import NO_RANKINGS, Histogram, Ranking, Rankings, Scores, score_shard_of
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.compressed_json import compressed, decompressed
from chalicelib.tables.conditional_writes import put_if
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity

BOARD_TTL = timedelta(days=62)
"""The rankings of a month or week are deleted this long after their last change."""
ROWS_PER_READ = 1000


class ScoreRow(Row):
    """What the rankings of a shard count of one user."""

    class Meta:
        table_name = "scores"

    shard = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(range_key=True)
    scores: DocumentAttribute[Scores] = DocumentAttribute(dict[str, tuple[int, ...]])
    version = IntAttribute()


class ShardRankingsRow(Row):
    """The rankings of one shard in one period, compressed."""

    class Meta:
        table_name = "shard_rankings"

    period_id = UnicodeAttribute(hash_key=True)
    shard = UnicodeAttribute(range_key=True)
    content = BinaryAttribute(legacy_encoding=False)
    expires = IntAttribute(null=True)
    version = IntAttribute()


class LeaderboardRow(Row):
    """What is shown of one category and kind of period: the best users, and in a row of its own the histogram."""

    class Meta:
        table_name = "leaderboards"

    name = UnicodeAttribute(hash_key=True)
    part = UnicodeAttribute(range_key=True)
    period_id = UnicodeAttribute()
    content = BinaryAttribute(legacy_encoding=False)
    made_at = TimeAttribute()


BEST, HISTOGRAM = "best", "histogram"


@dataclass(frozen=True)
class CountedScores:
    """What the rankings count of one user."""

    user_id: str
    scores: Scores = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True)
class ShardRankings:
    """The rankings of one shard in one period."""

    rankings: Rankings = NO_RANKINGS
    version: int = 0


@dataclass(frozen=True)
class StoredLeaderboard:
    """A part of a leaderboard: the best users with the number of all, or the histogram."""

    period_id: str
    content: Any

    @property
    def histogram(self) -> Histogram:
        return Histogram(self.content["scores"], self.content["above"])


def scores_key(user_id: str) -> Key[CountedScores]:
    return Key(ScoreRow, score_shard_of(user_id), user_id, lambda row: entity(row, CountedScores))


def save_scores(ops: Transaction, counted: CountedScores) -> None:
    """Stage the scores of a user, or without any the deletion of the row. Stale when they changed since the read."""
    row = ScoreRow(score_shard_of(counted.user_id), counted.user_id, scores=counted.scores)
    if counted.scores:
        ops.save(row, counted.version)
    elif counted.version:
        ops.remove(row, version=counted.version)


def scores_in(shard: str, period_id: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """All users of a shard with scores in the period. Raises Problem("storage_unavailable")."""
    with storage():
        for row in ScoreRow.query(shard, consistent_read=True, page_size=ROWS_PER_READ):
            if period_id in row.scores:
                yield row.user_id, row.scores[period_id]


def rankings_key(period_id: str, shard: str) -> Key[ShardRankings]:
    return Key(
        ShardRankingsRow,
        period_id,
        shard,
        lambda row: ShardRankings(_rankings(decompressed(row.content)), row.version),
    )


def save_rankings(
    ops: Transaction, period_id: str, shard: str, rankings: Rankings, version: int, now: datetime
) -> None:
    """Stage the rankings of a shard over their `version`. Stale when they changed since the read."""
    content = [[sorted(ranking.counts.items()), ranking.best, ranking.complete] for ranking in rankings]
    ends = period_id != Period.ALL_TIME.id_at(now)
    expires = int((now + BOARD_TTL).timestamp()) if ends else None
    ops.save(ShardRankingsRow(period_id, shard, content=compressed(content), expires=expires), version)


def leaderboard_key(category: Category, period: Period, part: str) -> Key[StoredLeaderboard]:
    def read(row: Any) -> StoredLeaderboard:
        return StoredLeaderboard(row.period_id, decompressed(row.content))

    return Key(LeaderboardRow, _name(category, period), part, read)


def save_leaderboard(category: Category, period: Period, part: str, stored: StoredLeaderboard, now: datetime) -> None:
    """Store a part of a leaderboard, unless one of later is stored. Raises Problem("storage_unavailable")."""
    row = LeaderboardRow(
        _name(category, period),
        part,
        period_id=stored.period_id,
        content=compressed(stored.content),
        made_at=now,
    )
    put_if(row, LeaderboardRow.made_at.does_not_exist() | (LeaderboardRow.made_at <= now))


def _name(category: Category, period: Period) -> str:
    return f"{period}#{category}"


def _rankings(content: Any) -> Rankings:
    return tuple(
        Ranking(dict(counts), tuple((score, user_id) for score, user_id in best), complete)
        for counts, best, complete in content
    )
