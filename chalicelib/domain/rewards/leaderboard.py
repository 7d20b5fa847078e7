"""Leaderboards: the customers of a shard by score, the best of all shards, and ranks from a histogram."""

import zlib
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate

from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.accounts.score import Category, Period
from chalicelib.domain.operators.role import Role

SCORE_SHARDS = tuple(f"{number:02d}" for number in range(16))
SHOWN_TO_CUSTOMERS, SHOWN_TO_OPERATORS = 10, 50
MIN_BEST = 60
"""How many of its best customers a shard must know: more than are shown, since some may be blocked meanwhile."""
MAX_BEST = 100
Scores = Mapping[str, tuple[int, ...]]
"""The scores of one customer in each category, by the id of the period. Only periods with a score above 0."""


def score_shard_of(user_id: str) -> str:
    return SCORE_SHARDS[zlib.crc32(user_id.encode()) % len(SCORE_SHARDS)]


def is_ranked(account: Account) -> bool:
    """Operators, blocked and deleted accounts are on no leaderboard."""
    return account.status is Status.ACTIVE and account.role is Role.CUSTOMER


def scores_of(account: Account | None, now: datetime) -> Scores:
    """The scores of an account in all periods that are not over."""
    if account is None or not is_ranked(account):
        return {}
    recent = account.recent_counts
    counts = {Period.ALL_TIME.id_at(now): account.counts_in(Period.ALL_TIME, now)}
    counts |= {latest.period_id: latest.counts for latest in (recent.month, recent.week)}
    return of_current_periods(
        {period_id: counted.scores for period_id, counted in counts.items() if any(counted.scores)}, now
    )


def of_current_periods(scores: Scores, now: datetime) -> Scores:
    """Those scores whose period is not over. A clock ahead of ours may begin the next period first."""
    first_ids = {len(period_id): period_id for period_id in (period.id_at(now) for period in Period)}
    return {period_id: of_period for period_id, of_period in scores.items() if period_id >= first_ids[len(period_id)]}


@dataclass(frozen=True)
class ScoreChange:
    """The scores of a customer in one period, in each category, before and after a change."""

    user_id: str
    before: tuple[int, ...]
    after: tuple[int, ...]


def changes(user_id: str, before: Scores, after: Scores, now: datetime) -> Iterator[tuple[str, ScoreChange]]:
    """What changed in each period that is not over, by its id."""
    none, earlier = (0,) * len(Category), of_current_periods(before, now)
    for period_id in sorted({*earlier, *after}):
        change = ScoreChange(user_id, earlier.get(period_id, none), after.get(period_id, none))
        if change.before != change.after:
            yield period_id, change


@dataclass(frozen=True)
class Histogram:
    """The scores that customers have, the highest first, and how many customers have a score above each of them.

    `above` has one number more than `scores`: that of all customers.
    """

    scores: Sequence[int]
    above: Sequence[int]

    @classmethod
    def of(cls, counts: Mapping[int, int]) -> "Histogram":
        scores = sorted(counts, reverse=True)
        return cls(scores, [0, *accumulate(counts[score] for score in scores)])

    def rank_of(self, score: int) -> int:
        """One more than the number of customers with a higher score. Equal scores have equal ranks."""
        return 1 + self.above[bisect_left(self.scores, -score, key=lambda other: -other)]


@dataclass(frozen=True)
class Ranking:
    """Customers with a score above 0 in one category and period. Equal scores are ordered by user id."""

    counts: Mapping[int, int] = field(default_factory=dict)
    """How many customers have each score."""
    best: tuple[tuple[int, str], ...] = ()
    """The score and the id of the best customers, the best first. Nobody who is better than the last is missing."""
    complete: bool = True
    """Whether `best` has all customers."""

    @property
    def total_users(self) -> int:
        return sum(self.counts.values())

    @property
    def has_too_few_best(self) -> bool:
        """Whether fewer than MIN_BEST are left in `best`, so that the shard has to be read again."""
        return not self.complete and len(self.best) < MIN_BEST

    def rank_of(self, score: int) -> int:
        """One more than the number of customers with a higher score. Equal scores have equal ranks."""
        return Histogram.of(self.counts).rank_of(score)

    def after(self, scores: Iterable[tuple[str, int, int]]) -> "Ranking":
        """With the scores of some customers changed: user id, the score before, the score after. 0 is no score."""
        counts, complete = Counter(self.counts), self.complete
        best = [(-score, user_id) for score, user_id in self.best]
        for user_id, before, after in scores:
            counts.subtract([before])
            counts.update([after])
            best = [entry for entry in best if entry[1] != user_id]
            entry = (-after, user_id)
            if after and (complete or (best and entry < best[-1])):
                insort(best, entry)
            if len(best) > MAX_BEST:
                best, complete = best[:MAX_BEST], False
        positive = {score: count for score, count in counts.items() if score and count}
        return Ranking(positive, tuple((-score, user_id) for score, user_id in best), complete)


Rankings = tuple[Ranking, ...]
"""The rankings of one period in each category, in the order of Category."""
NO_RANKINGS: Rankings = tuple(Ranking() for _ in Category)


def rankings_after(rankings: Rankings, changed: Iterable[ScoreChange]) -> Rankings:
    by_user = list(changed)
    return tuple(
        ranking.after([(change.user_id, change.before[number], change.after[number]) for change in by_user])
        for number, ranking in enumerate(rankings)
    )


def rankings_of(scores: Iterable[tuple[str, tuple[int, ...]]]) -> Rankings:
    """The rankings of some customers, from their ids and their scores in each category."""
    none = (0,) * len(Category)
    return rankings_after(NO_RANKINGS, (ScoreChange(user_id, none, of_user) for user_id, of_user in scores))


def merged(rankings: Iterable[Ranking]) -> Ranking:
    """The ranking of all customers, with the best SHOWN_TO_OPERATORS."""
    counts, best = Counter[int](), list[tuple[int, str]]()
    for ranking in rankings:
        counts.update(ranking.counts)
        best += ranking.best
    best.sort(key=lambda entry: (-entry[0], entry[1]))
    return Ranking(dict(counts), tuple(best[:SHOWN_TO_OPERATORS]), complete=False)
