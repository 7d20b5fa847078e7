"""The audit of one account's scores: what the leaderboard counts is what happened."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.accounts.score import Counts
from chalicelib.domain.operations.audit import Violation
from chalicelib.domain.rewards.leaderboard import of_current_periods, scores_of
from chalicelib.services.audit.account_case import AccountCase


def score_violations(case: AccountCase, now: datetime) -> Iterator[Violation]:
    """Every rule about scores that does not hold.

    The scores of an account that waits for the leaderboard are not compared: they are counted within a minute.
    """
    account, user_id = case.account, case.account.user_id
    if account.score_changed_at is None and of_current_periods(case.scores, now) != scores_of(account, now):
        yield Violation("score_differs", user_id)
    if not account.deleted and account.achievements_count != len(case.achievements):
        yield Violation("achievements_count_differs", user_id, f"{account.achievements_count}")
    recent = account.recent_counts
    for latest in (recent.month, recent.week):
        facts = _facts(case, latest.period_id)
        if (latest.counts.points, latest.counts.rentals, latest.counts.on_time, latest.counts.late) != (
            facts.points,
            facts.rentals,
            facts.on_time,
            facts.late,
        ):
            yield Violation("period_counts_differ", user_id, latest.period_id)


def _facts(case: AccountCase, period_id: str) -> Counts:
    """The returned rentals and the earned points of a period, from the rows that record them."""
    points = Counts(points=case.ledger.points_by_period[period_id])
    return points.plus(case.sums.returns_by_period.get(period_id, Counts()))
