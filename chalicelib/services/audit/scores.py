"""The audit of one account's scores: what the leaderboard counts is what happened."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.audit import Violation
from chalicelib.domain.leaderboard import of_current_periods, scores_of
from chalicelib.domain.rental_state import RentalState
from chalicelib.domain.score import Counts, Period, returns
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
    for period, latest in ((Period.MONTHLY, recent.month), (Period.WEEKLY, recent.week)):
        facts = _facts(case, period, latest.period_id)
        if (latest.counts.points, latest.counts.rentals, latest.counts.on_time, latest.counts.late) != (
            facts.points,
            facts.rentals,
            facts.on_time,
            facts.late,
        ):
            yield Violation("period_counts_differ", user_id, latest.period_id)


def _facts(case: AccountCase, period: Period, period_id: str) -> Counts:
    """The returned rentals and the earned points of a period, from the rows that record them."""
    facts = Counts(points=case.ledger.points_by_period[period_id])
    for rental in case.rentals:
        counted = rental.ended_at is not None and rental.state is not RentalState.CANCELLED
        if counted and rental.ended_at is not None and period.id_at(rental.ended_at) == period_id:
            facts = facts.plus(returns(1, on_time=rental.on_time))
    return facts
