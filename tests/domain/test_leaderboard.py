"""Rankings that follow single changes are as if they were sorted anew."""

import random
from datetime import UTC, datetime

from chalicelib.domain.rewards.leaderboard import (
    MAX_BEST,
    MIN_BEST,
    SHOWN_TO_OPERATORS,
    Ranking,
    Scores,
    changes,
    merged,
    rankings_of,
)

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
WEEK, NEXT_WEEK, LAST_WEEK = "2026-11-22", "2026-11-29", "2026-11-15"
FIVE = (3, 1, 30, 0, 1)


def by_score(scores: dict[str, int]) -> list[tuple[int, str]]:
    """The customers with a score, the best first."""
    return sorted(((score, user) for user, score in scores.items() if score), key=lambda item: (-item[0], item[1]))


def checked(ranking: Ranking, scores: dict[str, int]) -> None:
    """The histogram is exact, and the known customers are the first ones of all."""
    expected = by_score(scores)
    assert list(ranking.best) == expected[: len(ranking.best)]
    assert not ranking.complete or len(ranking.best) == len(expected)
    assert ranking.total_users == len(expected)
    for score in {0, *scores.values()}:
        assert ranking.rank_of(score) == 1 + sum(other > score for other in scores.values())


def test_a_ranking_stays_right_after_any_changes() -> None:
    for seed in range(4):
        chance, scores, ranking = random.Random(seed), dict[str, int](), Ranking()
        for step in range(60):
            batch = []
            for user in chance.sample([f"user{number:03d}" for number in range(250)], 20):
                after = chance.choice([0, chance.randint(0, 40), chance.randint(0, 400)])
                batch.append((user, scores.get(user, 0), after))
                scores[user] = after
            ranking = ranking.after(batch)
            if ranking.has_too_few_best:
                ranking = rankings_of((user, (score,) * 5) for user, score in scores.items())[0]
            if step % 10 == 9:
                checked(ranking, scores)
        assert len(ranking.best) >= min(MIN_BEST, len(by_score(scores)))


def test_a_shard_whose_best_customers_left_asks_to_be_read_anew() -> None:
    scores = {f"user{number:03d}": 1000 - number for number in range(MAX_BEST + 1)}
    ranking = Ranking().after((user, 0, score) for user, score in scores.items())
    assert (len(ranking.best), ranking.complete, ranking.has_too_few_best) == (MAX_BEST, False, False)
    leaving = list(scores)[: MAX_BEST - MIN_BEST + 1]
    ranking = ranking.after((user, scores[user], 0) for user in leaving)
    assert ranking.has_too_few_best
    checked(ranking, {**scores, **dict.fromkeys(leaving, 0)})


def test_the_best_of_all_shards_are_the_best_of_all() -> None:
    chance = random.Random(7)
    scores = {f"user{number:04d}": chance.randint(0, 300) for number in range(1000)}
    shards: list[Ranking] = []
    for part in range(4):
        ours = [(user, 0, score) for number, (user, score) in enumerate(scores.items()) if number % 4 == part]
        shards.append(Ranking().after(ours))
    ranking = merged(shards)
    assert list(ranking.best) == by_score(scores)[:SHOWN_TO_OPERATORS]
    assert ranking.rank_of(150) == 1 + sum(score > 150 for score in scores.values())


def test_periods_that_are_over_do_not_change() -> None:
    before: Scores = {"all": FIVE, LAST_WEEK: FIVE, "2026-10": FIVE}
    after: Scores = {"all": FIVE, WEEK: FIVE, "2026-11": FIVE}
    assert [period_id for period_id, _ in changes("user", before, after, NOW)] == ["2026-11", WEEK]


def test_a_week_that_began_on_a_clock_ahead_of_ours_counts() -> None:
    after: Scores = {NEXT_WEEK: FIVE}
    assert [period_id for period_id, _ in changes("user", {}, after, NOW)] == [NEXT_WEEK]
