"""Awards the points of a returned rental: for its completion, and for its return in time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib import log
from chalicelib.domain.message_errors import AlreadyProcessed
from chalicelib.domain.notification_kinds import NotificationKind
from chalicelib.domain.point_rules import PointsAward, on_time_award_id, rental_awards
from chalicelib.domain.rental import Rental
from chalicelib.domain.rental_state import RentalState
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.notifications import inbox
from chalicelib.services.rewards import award_postings
from chalicelib.tables import accounts, outbox, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World

SOURCE = "returned_rental"
"""The value of `source` in these messages on the queue of points."""
EARNING = frozenset({RentalState.COMPLETED, RentalState.DUE})


def stage(ops: Transaction, world: World, rental: Rental) -> None:
    """Stage the message that awards the points, if the power bank of the rental is back."""
    if rental.state not in EARNING:
        return
    # A return that proved wrong is followed by another one, so the id names the return by the version of the rental.
    message_id = f"points:returned:{rental.rental_id}:{rental.version}"
    body = {"user_id": rental.user_id, "rental_id": rental.rental_id, "source": SOURCE}
    outbox_messages.stage(ops, world, outbox_messages.POINTS, message_id, body)


def award(world: World, body: Mapping[str, Any]) -> bool:
    """Award what the rental has not earned yet, and remove the outbox row. False when the row was gone.

    A rental that was cancelled, whose return proved wrong, or that cost nothing earns nothing.
    """
    message_id, user_id, rental_id = str(body["message_id"]), str(body["user_id"]), str(body["rental_id"])
    account_key, rental_key = accounts.account_key(user_id), rentals.rental_key(user_id, rental_id)

    def decide(ops: Transaction) -> None:
        outbox.complete(ops, message_id)
        rows = fetch(account_key, rental_key)
        account, rental = rows[account_key], rows[rental_key]
        if account is None or account.deleted or rental is None or not _earns(rental):
            return
        awards, earned = rental_awards(
            user_id, rental_id, rental.earned_points, on_time=rental.on_time, settings=world.settings()
        )
        for points_award in awards:
            if points_award.points:
                account = award_postings.stage(ops, world, account, points_award.award_id, points_award.points)
        if awards:
            accounts.save(ops, account)
            rentals.save(ops, replace(rental, earned_points=earned))
            _notify(ops, world, rental_id, awards)

    try:
        atomic(world, decide)
    except AlreadyProcessed:
        return False
    log.fact("rental_points_awarded", user_id=user_id, message_id=message_id, rental_id=rental_id)
    return True


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
