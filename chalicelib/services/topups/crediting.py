"""Applies a payment's status at its gateway to its intent: credits once, sends to review, or asks again later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib import log
from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import UNRESOLVED, Intent, IntentState
from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.rewards.point_rules import topup_award
from chalicelib.services import outbox as outbox_messages
from chalicelib.services import received_money, stranded_money
from chalicelib.services.notifications import inbox
from chalicelib.services.sweeps import LOOK_UP_WORKERS, for_each_isolated
from chalicelib.services.topups.retired_gateway import gateway_for
from chalicelib.tables import accounts, intent_references, intents
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World

SWEEP_LIMIT = 50
REVIEWED_STATES = frozenset({PaymentState.PARTLY_REFUNDED, PaymentState.DISPUTED})
"""States in which part of the money may still be at the gateway for us. An operator decides about such a payment."""


@dataclass(frozen=True)
class TopupResult:
    """An intent and its wallet after a look-up. `payment_status` is the gateway's answer, None without a look-up.

    `closed`: the money was credited to a deleted account.
    """

    intent: Intent
    wallet_paisa: int
    payment_status: PaymentStatus | None = None
    closed: bool = False

    @property
    def is_unresolved(self) -> bool:
        """Whether the gateway reported no state, and neither the sweep nor an operator will ask it again."""
        unknown = self.payment_status is not None and self.payment_status.state is PaymentState.UNKNOWN
        return unknown and self.intent.next_check_at is None and not self.intent.needs_review


def refresh_from_gateway(
    world: World, intent: Intent, account: Account | None = None, *, by_hand: bool = False
) -> TopupResult:
    """Look the intent up at its gateway and apply the answer. It may be called any number of times.

    `account` is the account as just read: it saves a read. `by_hand`: an operator asks, so an intent in review is
    looked up too, whatever its reason.
    """
    if not _is_open(intent, by_hand):
        return TopupResult(intent, (account or _account(intent)).wallet_paisa)
    payment_status = gateway_for(world, intent.gateway).fetch_payment(intent)
    if payment_status.state is PaymentState.PAID:
        return replace(
            _credit_or_review(world, intent, payment_status, account, by_hand=by_hand), payment_status=payment_status
        )
    if payment_status.state in REVIEWED_STATES:
        # The gateway does not say how much of the money is ours. Without a review the money would be forgotten.
        reason = payment_status.state.value
        return replace(_send_to_review(world, intent, payment_status, reason), payment_status=payment_status)
    current = _postpone(world, intent, payment_status)
    return TopupResult(current, (account or _account(intent)).wallet_paisa, payment_status)


def _is_open(intent: Intent, by_hand: bool) -> bool:
    return intent.creditable or (by_hand and intent.needs_review)


def sweep(world: World) -> int:
    """Look up every intent whose check is due, so that a lost callback does no harm. Returns their number."""
    due: Sequence[Intent] = intents.due(world.now(), SWEEP_LIMIT)
    return for_each_isolated(
        due,
        lambda intent: refresh_from_gateway(world, intent),
        lambda intent: intent.intent_id,
        workers=LOOK_UP_WORKERS,
    )


def _credit_or_review(
    world: World, intent: Intent, payment_status: PaymentStatus, account: Account | None, *, by_hand: bool
) -> TopupResult:
    """Credit the payment, or send the intent to review when the payment does not match it."""

    def decide(ops: Transaction) -> TopupResult | None:
        current = fresh_intent(ops, intent)
        if not _is_open(current, by_hand) or _mismatch(current, payment_status) is not None:
            return None
        owner = account if account is not None and ops.attempt == 0 else _account(intent)
        return _credit(ops, world, current, payment_status, owner)

    try:
        credited = atomic(world, decide)
    except ReferenceUsed:
        # Another process credited this intent first, or the payment has been credited to another intent.
        return _send_to_review(world, intent, payment_status, "reference_used_before")
    if credited is None:
        return _send_to_review(world, intent, payment_status, _mismatch(intent, payment_status))
    result = credited
    log.fact("topup_credited", amount_paisa=intent.amount_paisa, intent_id=intent.intent_id)
    if result.closed:
        stranded_money.report(intent.user_id, intent.amount_paisa, intent_id=intent.intent_id)
    return result


class ReferenceUsed(Exception):
    """The gateway's transaction has been credited already."""


def _credit(
    ops: Transaction, world: World, intent: Intent, payment_status: PaymentStatus, account: Account
) -> TopupResult:
    now = world.now()
    award = topup_award(intent.user_id, intent.intent_id, intent.amount_paisa, world.settings())
    entry = ledger_entries.topup(intent.gateway, intent.amount_paisa)
    account_after, posting = ledger.post(account, entry, intent.intent_id, now)
    credited = intent.credited(payment_status, now).with_posting(posting.seq, award.points)
    intents.save(ops, credited)
    reference = intent_references.credit_reference(str(payment_status.reference))
    intent_references.claim_reference(ops, intent, reference, conflict=ReferenceUsed())
    account_after = received_money.stage(ops, account_after, posting, now)
    closed = account.status is Status.DELETED
    if not closed:
        inbox.notify(ops, world, intent.user_id, NotificationKind.TOPUP_CREDITED, _notification_values(intent))
    if award.points:
        outbox_messages.stage(ops, world, outbox_messages.POINTS, award.award_id, award.message_body)
    return TopupResult(credited, account_after.wallet_paisa, closed=closed)


def _mismatch(intent: Intent, payment_status: PaymentStatus) -> str | None:
    if not payment_status.merchant_matches:
        return "wrong_merchant"
    if not payment_status.reference:
        return "no_reference"
    return None if payment_status.amount_paisa == intent.amount_paisa else "wrong_amount"


def _send_to_review(world: World, intent: Intent, payment_status: PaymentStatus, reason: str | None) -> TopupResult:
    """Send the intent to review for `reason`. Nothing changes without a reason, or when the intent is credited."""
    key = intents.intent_key(intent.user_id, intent.intent_id)

    def decide(ops: Transaction) -> tuple[Intent, bool]:
        # The intent is read again on the first attempt too: another process may just have credited it.
        current = fetch_one(key) or intent
        if reason is None or not current.creditable:
            return current, False
        in_review = current.sent_to_review(reason, world.now(), payment_status)
        intents.save(ops, in_review)
        if current.state is not in_review.state and not _account(intent).deleted:
            inbox.notify(ops, world, intent.user_id, NotificationKind.TOPUP_IN_REVIEW, _notification_values(intent))
        return in_review, True

    current, in_review = atomic(world, decide)
    if in_review:
        log.alarm(Alarm.INTENT_NEEDS_REVIEW, intent_id=intent.intent_id, reason=reason)
    return TopupResult(current, _account(intent).wallet_paisa)


def _postpone(world: World, intent: Intent, payment_status: PaymentStatus) -> Intent:
    """The gateway reports no payment: mark the intent failed, set its next check, or send it to review."""
    now, settings = world.now(), world.settings()

    def decide(ops: Transaction) -> tuple[Intent, Intent]:
        current = fresh_intent(ops, intent)
        if not current.creditable:
            return current, current
        updated = current
        went_back = payment_status.state is PaymentState.REFUNDED
        expired = now >= current.expires_at and not went_back
        if current.state is IntentState.PENDING and (
            expired or went_back or payment_status.state is PaymentState.FAILED
        ):
            updated = updated.failed("expired" if expired else payment_status.reason or "refused")
        if current.next_check_at is not None and now >= current.next_check_at:
            first, give_up = settings.intent_first_check_minutes, settings.intent_give_up_hours
            updated = updated.check_postponed(
                now, first_minutes=first, give_up_hours=give_up, opened=payment_status.opened
            )
        if updated.next_check_at is None and _must_be_reviewed(current, payment_status):
            updated = updated.sent_to_review(UNRESOLVED, now, payment_status)
        if updated != current:
            intents.save(ops, updated)
        refused = payment_status.state is PaymentState.FAILED and not expired
        if refused and updated.state is IntentState.FAILED and current.state is IntentState.PENDING:
            inbox.notify(ops, world, intent.user_id, NotificationKind.TOPUP_FAILED, _notification_values(intent))
        return current, updated

    current, updated = atomic(world, decide)
    if updated.needs_review and not current.needs_review:
        log.alarm(Alarm.INTENT_NEEDS_REVIEW, intent_id=intent.intent_id, reason=UNRESOLVED)
    return updated


def _notification_values(intent: Intent) -> dict[str, Any]:
    """What a notification about a top-up names."""
    return {"amount_paisa": intent.amount_paisa, "intent_id": intent.intent_id}


def _must_be_reviewed(intent: Intent, payment_status: PaymentStatus) -> bool:
    """Whether an operator must look into the payment: it is pending or unknown, and no automatic check remains.

    An intent whose checks had ended before this look-up is not sent to review for an unknown status.
    """
    if intent.needs_review:
        return False
    return payment_status.state is PaymentState.PENDING or (
        payment_status.state is PaymentState.UNKNOWN and intent.next_check_at is not None
    )


def fresh_intent(ops: Transaction, intent: Intent) -> Intent:
    """The given intent on the first attempt. It is read again on retries."""
    if ops.attempt == 0:
        return intent
    return fetch_one(intents.intent_key(intent.user_id, intent.intent_id)) or intent


def _account(intent: Intent) -> Account:
    return must_exist(fetch_one(accounts.account_key(intent.user_id)))
