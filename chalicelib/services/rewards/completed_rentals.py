"""What follows from a completed rental, by a message: the points of a referral, and achievements."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.point_rules import completed_rental_message_id
from chalicelib.domain.rental import Rental
from chalicelib.domain.rental_cancellation import CANCEL_WINDOW
from chalicelib.services import outbox
from chalicelib.services.rewards import achievements, referral_awards
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World

SOURCE = "completed_rental"
"""The value of `source` in these messages on the queue of points."""


def stage(ops: Transaction, world: World, rental: Rental) -> None:
    """Stage the message in the transaction that completes the rental or pays its due.

    The sweep sends it when the customer can't cancel the rental any more. Nothing else sends it.
    """
    body = {"user_id": rental.user_id, "rental_id": rental.rental_id, "source": SOURCE}
    message_id = completed_rental_message_id(rental.rental_id, rental.version)
    outbox.stage(ops, world, outbox.POINTS, message_id, body, after=CANCEL_WINDOW)


def handle(world: World, body: Mapping[str, Any]) -> None:
    """Award what the customer's completed rentals have earned. The message ends last: a crash repeats all of it.

    Every award reads the account and happens once, so that the message may come again, late and in any order.
    """
    user_id = str(body["user_id"])
    referrer_id = referral_awards.settle(world, user_id)
    achievements.unlock(world, user_id)
    if referrer_id is not None:
        achievements.unlock(world, referrer_id)
    outbox.drop(str(body["message_id"]))
