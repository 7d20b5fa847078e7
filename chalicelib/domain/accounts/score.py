"""What customers score: by category, and in a month, a week or all time."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.text.days import day_of


class Category(StrEnum):
    """By what a leaderboard ranks customers."""

    OVERALL = "overall"
    RENTALS = "rentals"
    POINTS = "points"
    REFERRALS = "referrals"
    TIMELY_RETURNS = "timely_returns"


class Period(StrEnum):
    """What time a leaderboard is about. Months and weeks are those of Kathmandu; a week begins on Sunday."""

    ALL_TIME = "all_time"
    MONTHLY = "monthly"
    WEEKLY = "weekly"

    def id_at(self, at: datetime) -> str:
        """The period that `at` belongs to: `all`, its first day for a week, or a month as `2026-11`.

        Ids of one kind of period sort as time does.
        """
        day = day_of(at)
        if self is Period.ALL_TIME:
            return "all"
        return f"{day:%Y-%m}" if self is Period.MONTHLY else first_day_of_week(day).isoformat()


def first_day_of_week(day: date) -> date:
    """The Sunday on or before a day."""
    return day - timedelta(days=day.isoweekday() % 7)


@dataclass(frozen=True)
class Counts:
    """What scores are made of. `rentals` are those whose power bank came back; `points` were earned."""

    rentals: int = 0
    referrals: int = 0
    on_time: int = 0
    late: int = 0
    points: int = 0

    def plus(self, change: "Counts") -> "Counts":
        return Counts(
            self.rentals + change.rentals,
            self.referrals + change.referrals,
            self.on_time + change.on_time,
            self.late + change.late,
            self.points + change.points,
        )

    def score(self, category: Category) -> int:
        """Overall: 10 a rental, 20 a referral, 5 a return in time, -5 a late one, and 1 for 10 points, rounded down.

        No score is below 0: a cancellation may take back in this week what an earlier week counted.
        """
        by_events = 10 * self.rentals + 20 * self.referrals + 5 * self.on_time - 5 * self.late
        scores = {
            Category.OVERALL: by_events + self.points // 10,
            Category.RENTALS: self.rentals,
            Category.POINTS: self.points,
            Category.REFERRALS: self.referrals,
            Category.TIMELY_RETURNS: self.on_time,
        }
        return max(scores[category], 0)

    @property
    def scores(self) -> tuple[int, ...]:
        """The score in each category, in the order of Category."""
        return tuple(self.score(category) for category in Category)


def returns(count: int, *, on_time: bool) -> Counts:
    """What `count` returned rentals count; -1 takes one back."""
    return Counts(rentals=count, on_time=count if on_time else 0, late=0 if on_time else count)


@dataclass(frozen=True)
class PeriodCounts:
    """What an account counted in its latest month or week, named by `period_id`."""

    period_id: str = ""
    counts: Counts = Counts()

    def after(self, period_id: str, change: Counts) -> "PeriodCounts":
        """With a fact of a period. A later period starts from zero; a fact of an earlier one is not counted."""
        if period_id < self.period_id:
            return self
        before = self.counts if period_id == self.period_id else Counts()
        return PeriodCounts(period_id, before.plus(change))

    def counts_in(self, period_id: str) -> Counts:
        return self.counts if period_id == self.period_id else Counts()


@dataclass(frozen=True)
class RecentCounts:
    """The latest month and week of an account."""

    month: PeriodCounts = PeriodCounts()
    week: PeriodCounts = PeriodCounts()

    def after(self, at: datetime, change: Counts) -> "RecentCounts":
        """With a fact that happened at `at`."""
        return replace(
            self,
            month=self.month.after(Period.MONTHLY.id_at(at), change),
            week=self.week.after(Period.WEEKLY.id_at(at), change),
        )


NO_COUNTS = RecentCounts()
