"""Operators approve or reject refunds. `payouts.py` sends the approved ones to their gateways."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib import log
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.payments.refund import COUNTED_STATES, Refund, RefundMethod, RefundState
from chalicelib.domain.payments.refund_method import choose_method
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.services import audit_log, idempotency, outbox
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.refunds import charge_backs, state_changes
from chalicelib.services.refunds.refundable_amount import RefundableAmount, account_of, refundable_amount
from chalicelib.services.refunds.state_changes import RefundResult, Transition
from chalicelib.tables import accounts, refunds
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_many, fetch_one
from chalicelib.world import World


@dataclass(frozen=True)
class Approval:
    """How an operator approves a refund. Without a `method` the payment's usual one is used."""

    method: RefundMethod | None = None
    reference: str | None = None
    notes: str | None = None


def list_own(
    caller: Caller,
    *,
    limit: int,
    before: str | None,
) -> tuple[list[Refund], str | None]:
    """The caller's refunds older than `before`, newest first, and where the next page begins (None at the end)."""
    newest = refunds.newest(caller.user_id, before=before, limit=limit + 1)
    return newest[:limit], newest[limit - 1].refund_id if len(newest) > limit else None


def list_in_state(
    state: RefundState,
    page: NumberedPage,
) -> tuple[list[Refund], int]:
    """A page of the refunds in a state, and their number, counted up to MAX_LISTED.

    Refunds to decide come oldest first, all others newest first.
    """
    waiting = state is RefundState.REQUESTED
    return refunds.in_state(state, newest_first=not waiting, page=page)


def accounts_of(listed: Sequence[Refund]) -> Mapping[str, Account]:
    """The accounts of the refunds' customers, by user id. They show operators why a refund can't be approved."""
    keys = [accounts.account_key(user_id) for user_id in {refund.user_id for refund in listed}]
    return {account.user_id: account for account in fetch_many(keys)}


def read(refund_id: str) -> Refund:
    """A refund as it is now, by its id alone. Raises Problem("not_found")."""
    return must_exist(fetch_one(refunds.refund_key(refund_id)))


def approve(world: World, caller: Caller, refund_id: str, approval: Approval) -> Refund:
    """Approve a refund, if its amount can still be refunded now.

    A refund by a gateway is sent to it later. A refund to the wallet, or one that an operator paid by hand, is
    processed at once. Raises Problem: not_found, refund_already_decided, refund_own_request, invalid_input (method,
    reference), account_deleted for a rental's payment of a deleted account, and what `refundable_amount`
    raises.
    """
    if caller.earlier_resource_id is not None:
        return read(caller.earlier_resource_id)

    def decide(ops: Transaction) -> RefundResult:
        current_caller = fresh_caller(world, caller, ops)
        refund = read(refund_id)
        decided = refund.decided(by=current_caller.user_id, at=world.now(), notes=approval.notes)
        method = choose_method(decided, approval.method, approval.reference, configured_gateways=world.gateways)
        payment = _refundable_now(decided)
        approved = decided.approved(method, payment.totals.paid_out_paisa)
        if method is RefundMethod.GATEWAY:
            outbox.stage(ops, world, outbox.REFUNDS, f"refund:{refund_id}", {"refund_id": refund_id})
        else:
            approved = approved.processed(world.now(), approval.reference if method is RefundMethod.BY_HAND else None)
        changes = {
            "refund_method": method.value,
            "amount_paisa": refund.amount_paisa,
            "reference": approval.reference,
        }
        audit_log.record(ops, world, current_caller.user_id, logged_decision(refund, approved, changes))
        result = state_changes.apply(ops, world, refund, Transition(approved, payment.entry(method), payment))
        idempotency.claim(ops, world, current_caller.idempotency, refund_id)
        return result

    result = atomic(world, decide)
    approved = result.refund
    log.fact("refund_approved", refund_id=refund_id, amount_paisa=approved.amount_paisa, state=approved.state.value)
    state_changes.report_stranded(result)
    return approved


def reject(world: World, caller: Caller, refund_id: str, notes: str) -> Refund:
    """Reject a refund. A new refund of the same payment may be requested.

    Raises Problem: not_found, refund_already_decided, refund_own_request.
    """
    if caller.earlier_resource_id is not None:
        return read(caller.earlier_resource_id)

    def decide(ops: Transaction) -> RefundResult:
        current_caller = fresh_caller(world, caller, ops)
        refund = read(refund_id)
        decided = refund.decided(by=current_caller.user_id, at=world.now(), notes=notes)
        rejected = decided.rejected(world.now())
        result = state_changes.apply(ops, world, refund, Transition(rejected))
        charge_backs.stage_look_up(ops, world, rejected)
        audit_log.record(ops, world, current_caller.user_id, logged_decision(refund, rejected))
        idempotency.claim(ops, world, current_caller.idempotency, refund_id)
        return result

    result = atomic(world, decide)
    log.fact("refund_rejected", refund_id=refund_id)
    state_changes.report_stranded(result)
    return result.refund


def has_been_refunded(intent: Intent) -> bool:
    """Whether the gateway has refunded some of this top-up for us, or a refund that was sent is still open.

    The totals of the top-up's posting answer the first question, its open refund answers the second.
    """
    if intent.credited_seq is None:
        return False
    totals = fetch_one(refunds.totals_key(intent.user_id, intent.credited_seq))
    if totals is None or totals.paid_out_paisa or totals.open_refund_id is None:
        return totals is not None and totals.paid_out_paisa > 0
    refund = fetch_one(refunds.refund_key(totals.open_refund_id))
    return refund is not None and refund.state in COUNTED_STATES and refund.sent_at is not None


def must_be_payable_out(refundable: RefundableAmount) -> None:
    """Raises Problem("account_deleted") for a rental's payment of a deleted account: nobody can use that wallet."""
    if refundable.account.deleted and refundable.rental is not None:
        raise Problem("account_deleted")


def logged_decision(before: Refund | None, refund: Refund, changes: Mapping[str, Any] | None = None) -> AdminAction:
    """The audit log's entry of a decision, with the refund before it. None before means a new request."""
    decided = {
        "before": {"status": before.state} if before is not None else None,
        "after": {"status": refund.state},
        "notes": refund.admin_notes,
    }
    return AdminAction(f"refund_{refund.state.value}", refund.refund_id, decided | dict(changes or {}))


def _refundable_now(refund: Refund) -> RefundableAmount:
    """The amount that can be refunded now.

    Raises Problem: what `refundable_amount` raises, account_deleted, and refund_already_decided.
    """
    try:
        refundable = refundable_amount(account_of(refund.user_id), refund.seq, refund.amount)
        must_be_payable_out(refundable)
        return refundable
    except Problem:
        # This decision reads the refund first, then its payment. If another operator approves the refund between
        # the two reads, the payment has already lost its amount and looks "already refunded" or "spent". Reading
        # the refund again distinguishes this case from a real refusal, so the operator learns the true reason.
        read(refund.refund_id).must_be_undecided()
        raise
