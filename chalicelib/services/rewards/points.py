"""Awards points from queue messages, each message once."""

from collections.abc import Mapping
from typing import Any

from chalicelib import log
from chalicelib.domain import ledger, ledger_entries
from chalicelib.domain.message_errors import AlreadyProcessed
from chalicelib.services.rewards import rental_points
from chalicelib.tables import accounts, outbox, postings
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


def award(world: World, body: Mapping[str, Any]) -> bool:
    """Award the points of a message and remove its outbox row in one transaction. False when the row was gone.

    An award of 0 points makes no posting. The message of a returned rental names the rental in place of the points.
    """
    if body.get("source") == rental_points.SOURCE:
        return rental_points.award(world, body)
    message_id, user_id, points = str(body["message_id"]), str(body["user_id"]), int(body["points"])
    account_key = accounts.account_key(user_id)

    def decide(ops: Transaction) -> None:
        account = fetch_one(account_key)
        if account is None or not points:
            outbox.complete(ops, message_id)
            return
        account_after, posting = ledger.post(account, ledger_entries.award_points(points), message_id, world.now())
        outbox.complete(ops, message_id)
        accounts.save(ops, account_after)
        postings.add(ops, posting)

    try:
        atomic(world, decide)
    except AlreadyProcessed:
        return False
    log.fact("points_awarded", user_id=user_id, message_id=message_id)
    return True
