"""Awards the points of a returned rental: for its completion, and for its return in time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib import log
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_cancellation import may_be_cancelled_until
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rewards.point_rules import (
    PointsAward,
    RentalPoints,
    late_return_id,
    on_time_award_id,
    rental_awards,
)
from chalicelib.services.notifications import inbox
from chalicelib.services.rewards import award_postings
from chalicelib.tables import accounts, outbox, postings, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World

EARNING = frozenset({RentalState.COMPLETED, RentalState.DUE})


def award(world: World, body: Mapping[str, Any]) -> bool:
    """Award what the returned rental of a message has not earned yet. The message stays.

    A rental that was cancelled, whose return proved wrong, or that cost nothing earns nothing. If a return in time
    proved wrong and the real one was late, the points for it are taken back. Returns whether the
    caller may handle now what else follows from a completed rental. False while a customer can cancel the rental: the
    message comes again after that. False when the message is gone.
    """
    message_id, user_id, rental_id = str(body["message_id"]), str(body["user_id"]), str(body["rental_id"])
    account_key, rental_key = accounts.account_key(user_id), rentals.rental_key(user_id, rental_id)
    message_key = outbox.message_key(message_id)

    def decide(ops: Transaction) -> bool:
        rows = fetch(account_key, rental_key, message_key)
        account, rental, message = rows[account_key], rows[rental_key], rows[message_key]
        if message is None or rental is None:
            return message is not None
        until = may_be_cancelled_until(rental)
        waits = rental.state in EARNING and world.now() < until
        if waits and message.due_at != until:
            outbox.add(ops, message.postponed(until))
        if account is not None and not account.deleted and _earns(rental):
            _award(ops, world, account, rental)
        return not waits

    return atomic(world, decide)


def _award(ops: Transaction, world: World, account: Account, rental: Rental) -> None:
    user_id, rental_id = rental.user_id, rental.rental_id
    awards, earned = rental_awards(
        user_id, rental_id, rental.earned_points, on_time=rental.on_time, settings=world.settings()
    )
    for points_award in awards:
        if points_award.points:
            account = award_postings.stage(ops, world, account, points_award.award_id, points_award.points)
    if not rental.on_time:
        account, earned = _without_on_time(ops, world, account, rental, earned)
    if earned != rental.earned_points:
        accounts.save(ops, account)
        rentals.save(ops, replace(rental, earned_points=earned))
    if awards:
        _notify(ops, world, rental_id, awards)
        fact = {"user_id": user_id, "rental_id": rental_id}
        ops.after_commit(lambda: log.fact("rental_points_awarded", **fact))


def _without_on_time(
    ops: Transaction, world: World, account: Account, rental: Rental, earned: RentalPoints
) -> tuple[Account, RentalPoints]:
    """The account without the points for a return in time that proved wrong. What is spent of them stays earned."""
    taken = earned.unearned(account.points)
    entry = ledger_entries.points_taken_back(taken)
    account, posted = ledger.post_if_any(account, entry, late_return_id(rental.rental_id), world.now())
    for posting in posted:
        postings.add(ops, posting)
    return account, replace(earned, late_taken_back=earned.late_taken_back + taken)


def _earns(rental: Rental) -> bool:
    """Whether the rental has ended and cost something: a free return earns nothing."""
    cost = rental.charge_at(rental.ended_at).total_paisa if rental.ended_at is not None else 0
    return rental.state in EARNING and cost > 0


def _notify(ops: Transaction, world: World, rental_id: str, awards: Sequence[PointsAward]) -> None:
    """One notification for all points of a return. None for awards of 0 points."""
    points = sum(points_award.points for points_award in awards)
    in_time = any(points_award.award_id == on_time_award_id(rental_id) for points_award in awards)
    kind = NotificationKind.POINTS_ON_TIME if in_time else NotificationKind.POINTS_RENTAL
    if points:
        inbox.notify(ops, world, awards[0].user_id, kind, {"points": points, "rental_id": rental_id})
