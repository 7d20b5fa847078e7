"""Leaderboards as customers and operators read them: names and scores are read with each request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.score import Category, Counts, Period
from chalicelib.domain.rewards.leaderboard import SHOWN_TO_CUSTOMERS, SHOWN_TO_OPERATORS, is_ranked
from chalicelib.domain.users.user import User
from chalicelib.services.caller import Caller
from chalicelib.tables import accounts, leaderboards, users
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.leaderboards import BEST, HISTOGRAM, StoredLeaderboard
from chalicelib.tables.rows import Key
from chalicelib.world import World

EXTRA_READS = 2
"""Customers read beyond the last entry, in case that somebody was blocked or deleted since the last refresh."""


@dataclass(frozen=True)
class LeaderboardEntry:
    """A customer on a leaderboard. `counts` are those of the period, `achievements_count` is of all time."""

    rank: int
    user: User
    score: int
    counts: Counts
    achievements_count: int


def keys(user_id: str, category: Category, period: Period, *, me: bool) -> tuple[Key[Any], ...]:
    """The rows to read together with the caller."""
    best = leaderboards.leaderboard_key(category, period, BEST)
    own = (leaderboards.leaderboard_key(category, period, HISTOGRAM), users.user_key(user_id)) if me else ()
    return (best, *own)


def for_customer(
    world: World, caller: Caller, category: Category, period: Period, *, me: bool
) -> tuple[list[LeaderboardEntry], LeaderboardEntry | None]:
    """The first SHOWN_TO_CUSTOMERS entries, and the caller's own with `me`. `caller` was read with `keys`.

    An operator has no entry.
    """
    now = world.now()
    entries = _entries(caller, category, period, now, SHOWN_TO_CUSTOMERS)
    user = caller.rows[users.user_key(caller.user_id)] if me else None
    if user is None or not is_ranked(caller.account):
        return entries, None
    own = next((entry for entry in entries if entry.user.user_id == caller.user_id), None)
    return entries, own or _own(caller, user, category, period, now)


def for_operator(
    world: World, caller: Caller, category: Category, period: Period
) -> tuple[list[LeaderboardEntry], int]:
    """The first SHOWN_TO_OPERATORS entries, and the number of customers with a score above 0."""
    now = world.now()
    stored = _present(caller, category, period, BEST, now)
    return _entries(caller, category, period, now, SHOWN_TO_OPERATORS), stored.content["total"] if stored else 0


def _own(caller: Caller, user: User, category: Category, period: Period, now: datetime) -> LeaderboardEntry:
    stored, counts = _present(caller, category, period, HISTOGRAM, now), caller.account.counts_in(period, now)
    score = counts.score(category)
    rank = stored.histogram.rank_of(score) if stored else 1
    return LeaderboardEntry(rank, user, score, counts, caller.account.achievements_count)


def _entries(caller: Caller, category: Category, period: Period, now: datetime, limit: int) -> list[LeaderboardEntry]:
    stored = _present(caller, category, period, BEST, now)
    if stored is None:
        return []
    user_ids = [user_id for _, user_id in stored.content["best"][: min(limit + EXTRA_READS, SHOWN_TO_OPERATORS)]]
    if not user_ids:
        return []
    rows = fetch(*map(accounts.account_key, user_ids), *map(users.user_key, user_ids))
    read = [(rows[accounts.account_key(user_id)], rows[users.user_key(user_id)]) for user_id in user_ids]
    shown = [(account, user) for account, user in read if account and user and is_ranked(account)]
    return _ranked(shown, category, period, now)[:limit]


def _ranked(
    shown: Sequence[tuple[Account, User]], category: Category, period: Period, now: datetime
) -> list[LeaderboardEntry]:
    scored = [(account.counts_in(period, now), account, user) for account, user in shown]
    scored.sort(key=lambda item: (-item[0].score(category), item[2].user_id))
    entries: list[LeaderboardEntry] = []
    for number, (counts, account, user) in enumerate(scored, start=1):
        score = counts.score(category)
        rank = entries[-1].rank if entries and entries[-1].score == score else number
        if score:
            entries.append(LeaderboardEntry(rank, user, score, counts, account.achievements_count))
    return entries


def _present(
    caller: Caller, category: Category, period: Period, part: str, now: datetime
) -> StoredLeaderboard | None:
    """A part of the leaderboard, or None while it is of an earlier month or week."""
    stored = caller.rows[leaderboards.leaderboard_key(category, period, part)]
    return stored if stored is not None and stored.period_id == period.id_at(now) else None
