"""Refund requests of customers, and of operators on behalf of customers. No money moves."""

from chalicelib import log
from chalicelib.domain.payments import transaction_id as transaction_ids
from chalicelib.domain.payments.refund import Refund, refund_id_of
from chalicelib.domain.problems.problems import must_exist
from chalicelib.services import audit_log, idempotency
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.refunds.decisions import logged_decision, must_be_payable_out, read
from chalicelib.services.refunds.refundable_amount import RefundableAmount, account_of, refundable_amount
from chalicelib.tables import accounts, refunds
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import World


def request(world: World, caller: Caller, transaction_id: str, reason: str) -> Refund:
    """Request a refund of the caller's own payment: all of it that can be refunded now. No money moves.

    Raises Problem: refund_open, and what `refundable_amount` raises.
    """
    if caller.earlier_resource_id is not None:
        return read(caller.earlier_resource_id)
    seq = must_exist(transaction_ids.seq_of(caller.user_id, transaction_id))
    refund_id = refund_id_of(world.new_id(), caller.user_id)

    def decide(ops: Transaction) -> Refund:
        current_caller = fresh_caller(world, caller, ops)
        return _open(ops, world, current_caller, refundable_amount(current_caller.account, seq), refund_id, reason)

    return _logged(atomic(world, decide))


def request_for(world: World, caller: Caller, transaction_id: str, reason: str) -> Refund:
    """Request a refund of any account's payment as an operator. Another operator must decide it.

    Raises Problem: what `request` raises, and account_deleted for a rental's payment of a deleted account.
    """
    if caller.earlier_resource_id is not None:
        return read(caller.earlier_resource_id)
    parsed = must_exist(transaction_ids.parse_transaction_id(transaction_id))
    user_id, seq = parsed
    refund_id = refund_id_of(world.new_id(), user_id)

    def decide(ops: Transaction) -> Refund:
        current_caller = fresh_caller(world, caller, ops)
        refundable = refundable_amount(account_of(user_id), seq)
        must_be_payable_out(refundable)
        refund = _open(ops, world, current_caller, refundable, refund_id, reason)
        changes = {"transaction_id": transaction_id, "amount_paisa": refund.amount_paisa, "reason": reason}
        audit_log.record(ops, world, current_caller.user_id, logged_decision(None, refund, changes))
        return refund

    return _logged(atomic(world, decide))


def _open(
    ops: Transaction, world: World, caller: Caller, refundable: RefundableAmount, refund_id: str, reason: str
) -> Refund:
    """Stage a refund that waits for a decision."""
    refund = Refund(
        refund_id,
        refundable.account.user_id,
        refundable.original.seq,
        refundable.amount.paisa,
        refundable.amount.points,
        reason,
        requested_by=caller.user_id,
        requested_at=world.now(),
        intent_id=refundable.original.ref if refundable.gateway else None,
        gateway=refundable.gateway,
        rental_id=refundable.rental.rental_id if refundable.rental else None,
    )
    refunds.save_totals(ops, refundable.totals.with_open_request(refund_id))
    refunds.save(ops, refund)
    # Writing the account row makes this transaction conflict with a concurrent deletion of the account.
    accounts.save(ops, refundable.account)
    idempotency.claim(ops, world, caller.idempotency, refund_id)
    return refund


def _logged(refund: Refund) -> Refund:
    ids = {"refund_id": refund.refund_id, "user_id": refund.user_id}
    log.fact("refund_requested", **ids, amount_paisa=refund.amount_paisa)
    return refund
