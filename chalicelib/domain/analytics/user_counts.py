"""What a customer counts in the counters of days, each posting and each achievement once (decision 0071)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.score import first_day_of_week
from chalicelib.domain.analytics.day_facts import (
    ALL_DAYS,
    NO_FACTS,
    FactKey,
    Facts,
    difference,
    network,
    posting_facts,
    total,
)
from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.operators.role import Role
from chalicelib.domain.rewards.achievement import UnlockedAchievement
from chalicelib.domain.text.days import day_of

MAX_RETENTION_WEEKS = 12
"""Retention is counted for this many weeks after the week of a registration."""


@dataclass(frozen=True)
class CountedUser:
    """What is counted of one user. `seq` is the last counted posting, `active_on` the last counted day."""

    user_id: str
    facts: Facts
    """What the account counts as it is: its registration and its status."""
    seq: int = 0
    active_on: date | None = None
    joined_on: date | None = None
    achievement_ids: tuple[str, ...] = ()
    version: int = 0


def new(user_id: str) -> CountedUser:
    return CountedUser(user_id, NO_FACTS)


def account_facts(account: Account, joined_on: date | None) -> Facts:
    """What an account counts as it is now. Operators count nothing."""
    if account.role is not Role.CUSTOMER:
        return NO_FACTS
    facts = {network(ALL_DAYS, f"users.{account.status.value}"): 1}
    return facts | ({network(joined_on, "users.registered"): 1} if joined_on else {})


def step(
    counted: CountedUser,
    account: Account,
    joined_at: datetime | None,
    postings: Sequence[Posting],
    unlocked: Iterable[UnlockedAchievement],
) -> tuple[CountedUser, Facts]:
    """The user after the next postings and the unlocked achievements are counted, and what that adds.

    `joined_at` is None once the personal data is erased. `postings` follow the last counted one.
    """
    joined_on = counted.joined_on or (day_of(joined_at) if joined_at else None)
    facts = account_facts(account, joined_on)
    added = [difference(counted.facts, facts), *map(posting_facts, postings)]
    after = replace(counted, facts=facts, joined_on=joined_on)
    for posting in postings:
        added.append(_activity(after, day_of(posting.at)))
        after = replace(after, seq=posting.seq, active_on=day_of(posting.at))
    for achievement in unlocked:
        if achievement.achievement_id not in after.achievement_ids:
            added.append(achievement_facts(achievement))
            after = replace(after, achievement_ids=(*after.achievement_ids, achievement.achievement_id))
    return after, total(added)


def achievement_facts(unlocked: UnlockedAchievement) -> Facts:
    """What an unlocked achievement counts, on its day and in all: itself, and its points."""
    sums: Counter[FactKey] = Counter()
    for day in (day_of(unlocked.unlocked_at), ALL_DAYS):
        sums[network(day, f"achievements.{unlocked.achievement_id}")] += 1
        sums[network(day, f"achievements.{unlocked.achievement_id}.points")] += unlocked.points
    return {key: count for key, count in sums.items() if count}


def _activity(counted: CountedUser, day: date) -> Facts:
    """A user with a posting is active on its day, in its week and in its month, once in each.

    The times of a ledger never decrease, so the last counted day tells what is counted already. The week of the
    registration counts in which later weeks the user came back.
    """
    last = counted.active_on
    if day == last:
        return NO_FACTS
    week = first_day_of_week(day)
    facts = {network(day, "users.active"): 1}
    if last is None or first_day_of_week(last) != week:
        facts[network(week, "users.active_in_week")] = 1
        if counted.joined_on is not None:
            joined_week = first_day_of_week(counted.joined_on)
            weeks = (week - joined_week).days // 7
            if 0 <= weeks <= MAX_RETENTION_WEEKS:
                facts[network(joined_week, f"users.back_after.{weeks}")] = 1
    if last is None or (last.year, last.month) != (day.year, day.month):
        facts[network(day.replace(day=1), "users.active_in_month")] = 1
    return facts
