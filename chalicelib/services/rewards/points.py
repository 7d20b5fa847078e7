"""Awards points from queue messages, each message once."""

from collections.abc import Mapping
from typing import Any

from chalicelib import log
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.operations.message_errors import AlreadyProcessed
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT
from chalicelib.services.notifications import inbox
from chalicelib.services.rewards import award_postings
from chalicelib.tables import accounts, outbox
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World

KIND_BY_SOURCE: Mapping[str, NotificationKind] = {
    "signup": NotificationKind.POINTS_SIGNUP,
    "topup": NotificationKind.POINTS_TOPUP,
}


def award(world: World, body: Mapping[str, Any]) -> bool:
    """Award the points of a message and remove its outbox row in one transaction. False when the row was gone.

    An award of 0 points makes no posting.
    """
    message_id, user_id, points = str(body["message_id"]), str(body["user_id"]), int(body["points"])
    account_key = accounts.account_key(user_id)

    def decide(ops: Transaction) -> None:
        account = fetch_one(account_key)
        if account is None or not points:
            outbox.complete(ops, message_id)
            return
        outbox.complete(ops, message_id)
        accounts.save(ops, award_postings.stage(ops, world, account, message_id, points))
        if not account.deleted:
            _notify(ops, world, user_id, points, str(body.get("source")))

    try:
        atomic(world, decide)
    except AlreadyProcessed:
        return False
    log.fact("points_awarded", user_id=user_id, message_id=message_id)
    return True


def _notify(ops: Transaction, world: World, user_id: str, points: int, source: str) -> None:
    kind = KIND_BY_SOURCE.get(source, NotificationKind.POINTS_EARNED)
    inbox.notify(ops, world, user_id, kind, {"points": points, "amount_paisa": points * PAISA_PER_POINT})
