"""Notifies customers of the steps of their refunds, in the transaction of the step."""

from typing import Any

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState
from chalicelib.services.notifications import inbox
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World


def notify(ops: Transaction, world: World, account: Account, refund: Refund) -> None:
    """Stage the notification of the refund's new state: two items. A deleted account gets none."""
    if account.deleted:
        return
    data: dict[str, Any] = {
        "refund_id": refund.refund_id,
        "transaction_id": refund.transaction_id,
        "amount_paisa": refund.amount_paisa,
        "points": refund.points,
    }
    if refund.state is RefundState.REJECTED:
        # The customer reads the reason in the list of refunds too.
        data["reason"] = refund.admin_notes or ""
    inbox.notify(ops, world, refund.user_id, _kind(refund), data)


def _kind(refund: Refund) -> NotificationKind:
    if refund.state is RefundState.REJECTED:
        return NotificationKind.REFUND_REJECTED
    if refund.state is RefundState.FAILED:
        return NotificationKind.REFUND_RETURNED
    if refund.method is RefundMethod.WALLET:
        return NotificationKind.REFUND_TO_WALLET
    if refund.method is RefundMethod.BY_HAND:
        return NotificationKind.REFUND_BY_HAND
    return NotificationKind.REFUND_PAID if refund.state is RefundState.PROCESSED else NotificationKind.REFUND_GRANTED
