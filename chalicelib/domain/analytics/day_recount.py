"""The recount of a finished day from the tables, and how it is compared with the counters (decision 0072)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from chalicelib.domain.analytics.day_facts import FactKey, Facts, Series, network, posting_facts
from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.text.days import KATHMANDU, day_of

FROM_TIME = time(2, 30)
"""A day is recounted from this time of the next day in Kathmandu on."""
MAX_DAYS_BACK = 3
"""A recount that could not end, because the service was unavailable, is continued for this many days."""
MAX_ROUNDS = 5
"""The recount gives up after this many rounds. A round with another result than the one before proves nothing."""
RECOUNTED = ("rentals", "events.", "payments.", "revenue.", "topups.", "transactions", "points.", "users.active")
"""The counters of the network that a recount compares, by the beginning of their names.

Registrations and achievements are left out: the rows that tell them leave with a deleted account.
"""
SAMPLED = (":samples", ":online")
"""The counters of a station that no row tells: how often it was looked at, and was online."""
NOT_RECOUNTED = ("users.active_in_week", "users.active_in_month")


class RecountState(StrEnum):
    """How a recount of a day stands."""

    RUNNING = "running"
    AGREES = "agrees"
    CORRECTED = "corrected"
    UNSETTLED = "unsettled"


@dataclass(frozen=True)
class DayRecount:
    """The recount of one day, `2026-11-29` in Kathmandu.

    `differences` are those of the last round: each counter, what it said and what it is.
    """

    day: str
    started_at: datetime
    state: RecountState = RecountState.RUNNING
    round_number: int = 1
    finished_at: datetime | None = None
    differences_count: int = 0
    differences: Mapping[str, tuple[int, int]] | None = None
    version: int = 0


@dataclass(frozen=True)
class RecountWalk:
    """The checkpoint of one table in one round: its rows up to `position` are in `sums`."""

    day: str
    name: str
    position: str = ""
    done: bool = False
    sums: Facts | None = None
    last_user_id: str = ""
    version: int = 0


def days_to_recount(now: datetime) -> list[str]:
    """The finished days whose recount is due, the oldest first."""
    local = now.astimezone(KATHMANDU)
    newest = local.date() - timedelta(days=1 if local.time() >= FROM_TIME else 2)
    return [(newest - timedelta(days=days)).isoformat() for days in reversed(range(MAX_DAYS_BACK))]


def of_day(facts: Facts, day: str) -> Facts:
    return {key: count for key, count in facts.items() if key.day == day}


def posting_sums(postings: Iterable[Posting], day: str, last_user_id: str) -> tuple[Facts, str]:
    """What these postings count on the day, and the last active user. The postings of a user follow each other."""
    sums: Counter[FactKey] = Counter()
    for posting in postings:
        if day_of(posting.at).isoformat() != day:
            continue
        sums.update(posting_facts(posting))
        if posting.user_id != last_user_id:
            sums[network(day, "users.active")] += 1
            last_user_id = posting.user_id
    return dict(sums), last_user_id


def is_recounted(key: FactKey) -> bool:
    if key.series is Series.STATIONS:
        return not key.name.endswith(SAMPLED)
    return key.name.startswith(RECOUNTED) and key.name not in NOT_RECOUNTED
