"""What a rental, a top-up and a posting count in the counters of days. Pure functions (decision 0071)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from chalicelib.domain.money import ledger
from chalicelib.domain.money.ledger import Posting, PostingKind
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_notice import NoticeKind
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.text.days import day_of

ALL_DAYS = "all"
"""The day of counters that no day ends: how many there are, and in which state they are now."""


class Series(StrEnum):
    """What counters are about: the whole network, each station, or the hourly samples of all stations."""

    NETWORK = "network"
    STATIONS = "stations"
    SAMPLES = "samples"


class FactKey(NamedTuple):
    """A counter: its series, its day (`2026-11-29` in Kathmandu, or ALL_DAYS), and its name.

    An hourly sample of all stations has its hour in the place of a day: `2026-11-29T14`.

    The name of a station's counter is `{sn}:{name}`.
    """

    series: Series
    day: str
    name: str


Facts = Mapping[FactKey, int]
"""How much a row counts in each counter. No count is 0."""
NO_FACTS: Facts = {}
REVENUE_NAMES: Mapping[str, str] = {
    ledger.REVENUE_RENTAL: "revenue.rental",
    ledger.REVENUE_DUE: "revenue.due",
    ledger.REVENUE_LATE_FEE: "revenue.late_fee",
    ledger.REVENUE_FORFEITED: "revenue.forfeited",
}
"""The counter of each revenue account, in paisa."""
STATION_COUNTERS = ("started", "completed", "cancelled", "late", "lost", "paisa", "minutes", "samples", "online")
"""The names of a station's counters, in the order in which they are stored. A new one comes last."""
TOPUP_PAISA, TRANSACTIONS, POINTS_AWARDED = "topups.paisa", "transactions", "points.awarded"


def difference(counted: Facts, now: Facts) -> Facts:
    """What has to be added to the counters of a row that counted `counted` and is to count `now`."""
    changes = {key: now.get(key, 0) - counted.get(key, 0) for key in (*counted, *now)}
    return {key: change for key, change in changes.items() if change}


def total(parts: Iterable[Facts]) -> Facts:
    """The sum of facts."""
    sums: Counter[FactKey] = Counter()
    for part in parts:
        sums.update(part)
    return {key: count for key, count in sums.items() if count}


def network(day: date | str, name: str) -> FactKey:
    return FactKey(Series.NETWORK, day if isinstance(day, str) else day.isoformat(), name)


def group_of(rental: Rental) -> str:
    """The group in which a rental is shown: its state, or `overdue` once its notice of lateness is written."""
    state = rental.state
    if state is RentalState.LOST:
        return "overdue"
    if state is RentalState.ACTIVE:
        return "overdue" if _has_late_notice(rental) else "active"
    if state is RentalState.STARTING:
        return "pending"
    return "completed" if state is RentalState.DUE else state.value


def rental_facts(rental: Rental) -> Facts:
    """What a rental counts.

    On the day of its request: the rental, in its group as it is now, and at its station what it paid in paisa and how
    many minutes it was out. On the day of each event: that it started, ended, came back late, was lost or cancelled.
    """
    requested_on = day_of(rental.requested_at)
    sums: Counter[FactKey] = Counter()
    for day in (requested_on, ALL_DAYS):
        sums[network(day, "rentals")] += 1
        sums[network(day, f"rentals.{group_of(rental)}")] += 1
    _count_at_station(sums, rental, requested_on, "paisa", rental.wallet_paid_paisa)
    if rental.started_at is not None and rental.ended_at is not None:
        minutes = max(0, int((rental.ended_at - rental.started_at).total_seconds() // 60))
        _count_at_station(sums, rental, requested_on, "minutes", minutes)
    for name, at in _events(rental):
        sums[network(day_of(at), f"events.{name}")] += 1
        _count_at_station(sums, rental, day_of(at), name, 1)
    return {key: count for key, count in sums.items() if count}


def intent_facts(intent: Intent) -> Facts:
    """What a top-up counts on the day of its creation: one at its gateway with its result, and its amount."""
    name = f"payments.{intent.gateway}.{intent.state.value}"
    day = day_of(intent.created_at)
    return {network(day, name): 1, network(day, f"{name}.paisa"): intent.amount_paisa}


def posting_facts(posting: Posting) -> Facts:
    """What a posting counts on its day: revenue by kind, earned points, itself if it is a top-up or moves revenue."""
    sums: Counter[FactKey] = Counter()
    day = day_of(posting.at)
    for account, name in REVENUE_NAMES.items():
        sums[network(day, name)] += posting.change_of(account)
    if posting.kind is PostingKind.TOPUP or any(sums.values()):
        sums[network(day, TRANSACTIONS)] += 1
    sums[network(day, TOPUP_PAISA)] += posting.topped_up_paisa
    sums[network(day, POINTS_AWARDED)] += posting.points_earned
    return {key: count for key, count in sums.items() if count}


def _count_at_station(sums: Counter[FactKey], rental: Rental, day: date, name: str, count: int) -> None:
    sums[FactKey(Series.STATIONS, day.isoformat(), f"{rental.station.sn}:{name}")] += count


def _events(rental: Rental) -> Iterable[tuple[str, datetime]]:
    cancelled = rental.state is RentalState.CANCELLED
    if rental.started_at is not None:
        yield "started", rental.started_at
    if rental.ended_at is not None and not cancelled:
        yield "completed", rental.ended_at
        if not rental.on_time:
            yield "late", rental.ended_at
    if cancelled:
        yield "cancelled", rental.ended_at or rental.requested_at
    if rental.state is RentalState.LOST:
        yield "lost", next((n.at for n in rental.notices if n.kind is NoticeKind.LOST), rental.requested_at)


def _has_late_notice(rental: Rental) -> bool:
    extensions_count = len(rental.extensions)
    return any(n.kind is NoticeKind.OVERDUE and n.extensions_count == extensions_count for n in rental.notices)
