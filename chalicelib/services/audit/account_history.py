"""Reads the rentals, top-ups and refunds of an account: those of one part, and sums of all of them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.cancellable_return import CancellableReturn
from chalicelib.domain.accounts.score import Counts, Period, returns
from chalicelib.domain.payments.refund import Refund
from chalicelib.domain.payments.refund_totals import RefundTotals
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_cancellation import cancellable_return
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.audit.account_part import AccountPart
from chalicelib.tables import intents, refunds, rentals


@dataclass
class HistorySums:
    """What one pass over all rentals, top-ups and refunds of an account found. Only sums and what is open stay."""

    account: Account
    ended_count: int = 0
    on_time_count: int = 0
    last_out_at: datetime | None = None
    open_rental_ids: list[str] = field(default_factory=list)
    lost_rental_ids: list[str] = field(default_factory=list)
    refused_ids: set[str] = field(default_factory=set)
    """Rentals whose eject was refused in favour of another power bank. Kept only for a deleted account."""
    returns_by_period: dict[str, Counts] = field(default_factory=dict)
    """The returns of the month and of the week that the account counts."""
    cancellable_returns: Counter[CancellableReturn] = field(default_factory=Counter)
    open_refund_ids: set[str] = field(default_factory=set)
    review_ids: set[str] = field(default_factory=set)
    """Top-ups that an operator has to review."""

    def add_rental(self, rental: Rental, now: datetime) -> None:
        if rental.open:
            self.open_rental_ids.append(rental.rental_id)
        if rental.state is RentalState.LOST:
            self.lost_rental_ids.append(rental.rental_id)
        for at in _times_out(rental):
            self.last_out_at = max(self.last_out_at or at, at)
        if self.account.deleted:
            self.refused_ids |= {refused.rental_id for refused in rental.superseded_ejects}
        if rental.ended_at is not None and rental.state is not RentalState.CANCELLED:
            self._add_return(rental, rental.ended_at, now)

    def _add_return(self, rental: Rental, ended_at: datetime, now: datetime) -> None:
        self.ended_count += 1
        self.on_time_count += rental.on_time
        recent = self.account.recent_counts
        for period, latest in ((Period.MONTHLY, recent.month), (Period.WEEKLY, recent.week)):
            if period.id_at(ended_at) == latest.period_id:
                before = self.returns_by_period.get(latest.period_id, Counts())
                self.returns_by_period[latest.period_id] = before.plus(returns(1, on_time=rental.on_time))
        cancellable = cancellable_return(rental)
        if cancellable.until > now:
            self.cancellable_returns[cancellable] += 1


def _times_out(rental: Rental) -> Iterator[datetime]:
    """When its power banks came out."""
    first = rental.swap.first_out_at if rental.swap and not rental.swap.open else None
    return (at for at in (rental.started_at, first) if at is not None)


@dataclass(frozen=True)
class AccountHistory:
    """The rows of one part, and the sums of all rows."""

    rentals: tuple[Rental, ...]
    intents: tuple[Intent, ...]
    refunds: tuple[Refund, ...]
    totals: tuple[RefundTotals, ...]
    sums: HistorySums


def read_history(account: Account, part: AccountPart, has: Callable[[str], bool], now: datetime) -> AccountHistory:
    """Read the history, a page at a time. `has` says which tables may have rows of the account.

    Raises Problem("storage_unavailable").
    """
    sums, user_id = HistorySums(account), account.user_id
    return AccountHistory(
        tuple(_rentals_of_part(user_id, part, sums, now)) if has("rentals") else (),
        tuple(_intents_of_part(user_id, part, sums)) if has("intents") else (),
        tuple(_refunds_of_part(user_id, part, sums)) if has("refunds") else (),
        tuple(one for one in refunds.each_totals_of_user(user_id) if part.holds(str(one.seq)))
        if has("refund_totals")
        else (),
        sums,
    )


def _rentals_of_part(user_id: str, part: AccountPart, sums: HistorySums, now: datetime) -> Iterator[Rental]:
    for rental in rentals.each_of_user(user_id):
        sums.add_rental(rental, now)
        if part.holds(rental.rental_id):
            yield rental


def _intents_of_part(user_id: str, part: AccountPart, sums: HistorySums) -> Iterator[Intent]:
    for intent in intents.of_user(user_id, after="0"):
        if intent.needs_review:
            sums.review_ids.add(intent.intent_id)
        if part.holds(intent.intent_id):
            yield intent


def _refunds_of_part(user_id: str, part: AccountPart, sums: HistorySums) -> Iterator[Refund]:
    """The refunds of the part, and those that its rentals and its payments are compared with."""
    for refund in refunds.each_of_user(user_id):
        if refund.open:
            sums.open_refund_ids.add(refund.refund_id)
        compared_with = (refund.refund_id, refund.rental_id or refund.refund_id, str(refund.seq))
        if any(part.holds(name) for name in compared_with):
            yield refund
