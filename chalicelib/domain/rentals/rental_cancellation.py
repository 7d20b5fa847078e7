"""The cancellation of a rental: while its power bank is not out yet, or once it is back within a few minutes."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.cancellable_return import CancellableReturn
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.money.reversal_due import collect_reversal_due
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import CANCELLED_AFTER_RETURN, CANCELLED_BEFORE_EJECT, RentalState
from chalicelib.domain.rewards.point_rules import taken_back_id

Cancellation = tuple[Rental, Account, list[Posting]]
"""The cancelled rental, its account, and what was posted."""
CANCEL_WINDOW = timedelta(hours=1)
"""How long after its return a short rental can be cancelled. What its completion earns is awarded after that."""


def must_be_cancellable(rental: Rental, now: datetime) -> None:
    """Raises Problem: powerbank_not_returned, cancel_too_late, due_unpaid, rental_not_active."""
    if rental.state is RentalState.STARTING:
        return
    minutes = rental.terms.cancel_minutes
    # An outage dates the end back, which must not make a long rental free.
    reported_at = rental.return_reported_at or rental.ended_at or now
    in_time = rental.started_at is not None and reported_at - rental.started_at <= timedelta(minutes=minutes)
    if rental.state is RentalState.ACTIVE and in_time:
        raise Problem("powerbank_not_returned", powerbank_sn=rental.powerbank_sn)
    if rental.state is RentalState.ACTIVE:
        raise Problem("cancel_too_late", minutes=minutes)
    if rental.state is RentalState.DUE and in_time:
        raise Problem("due_unpaid", due_paisa=rental.due_paisa, rental_id=rental.rental_id)
    if rental.state is not RentalState.COMPLETED or not in_time or now - reported_at >= CANCEL_WINDOW:
        raise Problem("rental_not_active", status=rental.state.value)
    if rental.return_in_doubt:
        raise Problem("powerbank_not_returned", powerbank_sn=rental.powerbank_sn)


def may_be_cancelled_until(rental: Rental) -> datetime:
    """When no customer can cancel a rental like this one any more, however short it was."""
    return (rental.return_reported_at or rental.ended_at or rental.requested_at) + CANCEL_WINDOW


def cancellable_return(rental: Rental) -> CancellableReturn:
    """What the account keeps of the return of a rental. It is the same until the rental is cancelled or out again."""
    return CancellableReturn(may_be_cancelled_until(rental), rental.on_time)


def cancelled(rental: Rental, account: Account, reason: str | None, now: datetime) -> Cancellation:
    """The rental without its hold, or with everything that was paid given back to where it was paid from.

    The power bank of a rental that was starting may still come out. `sweep_at` stays, so that the sweep asks its
    cabinet, and the evidence reopens the rental.
    """
    if rental.state is RentalState.STARTING:
        entry = ledger_entries.release(paisa=rental.held_paisa, points=rental.held_points)
        if rental.swapping:
            entry = ledger_entries.cancel(paisa=rental.wallet_paid_paisa, points=rental.points_paid)
        after = replace(
            rental.moved_to(RentalState.CANCELLED).unpaid(), failure=CANCELLED_BEFORE_EJECT, cancel_reason=reason
        )
        account = account.closed(rental.rental_id)
    else:
        entry = ledger_entries.cancel(paisa=rental.wallet_paid_paisa, points=rental.points_paid)
        after = replace(
            rental.moved_to(RentalState.CANCELLED),
            points_paid=0,
            wallet_paid_paisa=0,
            late_fee_paisa=0,
            failure=CANCELLED_AFTER_RETURN,
            cancel_reason=reason,
        )
        account = account.return_cancelled(cancellable_return(rental), rental.ended_at or now)
    account, posted = ledger.post_if_any(account, entry, rental.rental_id, now)
    after, account, taken = without_points(after, account, now)
    account, collected = collect_reversal_due(account, now)
    return after, account, [*posted, *taken, *collected]


def without_points(rental: Rental, account: Account, now: datetime) -> Cancellation:
    """The rental, which costs nothing after all, without the points that it earned. What the customer has spent of
    them stays earned. They are taken back once."""
    earned = rental.earned_points
    taken = 0 if earned.taken_back else min(earned.total, account.points)
    entry = ledger_entries.points_taken_back(taken)
    account, posted = ledger.post_if_any(account, entry, taken_back_id(rental.rental_id), now)
    return replace(rental, earned_points=replace(earned, taken_back=earned.taken_back + taken)), account, posted
