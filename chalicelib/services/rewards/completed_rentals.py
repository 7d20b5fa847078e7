"""What follows from a returned rental, by one message: its points, the points of a referral, and achievements."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_cancellation import CANCEL_WINDOW
from chalicelib.domain.rewards.point_rules import paid_rental_message_id, returned_rental_message_id
from chalicelib.services import outbox
from chalicelib.services.rewards import achievements, referral_awards, rental_points
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World

RETURNED, PAID = "returned_rental", "paid_rental"
"""The values of `source` in these messages on the queue of points."""
SOURCES = frozenset({RETURNED, PAID})


def stage(ops: Transaction, world: World, rental: Rental) -> None:
    """Stage the message in the transaction of a return: nothing else sends it. A rental that is not back has none."""
    if rental.state in rental_points.EARNING:
        message_id = returned_rental_message_id(rental.rental_id, rental.version)
        outbox.stage(ops, world, outbox.POINTS, message_id, _body(rental, RETURNED))


def stage_paid(ops: Transaction, world: World, rental: Rental) -> None:
    """Stage the message in the transaction that pays the due of a rental. The sweep sends it when the customer can't
    cancel the rental any more."""
    message_id = paid_rental_message_id(rental.rental_id, rental.version)
    outbox.stage(ops, world, outbox.POINTS, message_id, _body(rental, PAID), after=CANCEL_WINDOW)


def _body(rental: Rental, source: str) -> dict[str, str]:
    return {"user_id": rental.user_id, "rental_id": rental.rental_id, "source": source}


def handle(world: World, body: Mapping[str, Any]) -> None:
    """Award the points of a return at once, and what the customer's completed rentals have earned after the time in
    which the customer can cancel. The message ends last: a crash repeats all of it.

    Every award reads the account and happens once, so that the message may come again, late and in any order. It
    counts only rentals that nobody can cancel any more. Each later rental has a message of its own.
    """
    if body["source"] == RETURNED and not rental_points.award(world, body):
        return
    user_id = str(body["user_id"])
    referrer_id = referral_awards.settle(world, user_id)
    achievements.unlock(world, user_id)
    if referrer_id is not None:
        achievements.unlock(world, referrer_id)
    outbox.drop(str(body["message_id"]))
