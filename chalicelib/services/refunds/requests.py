"""Refunds asked for: by customers for themselves, by operators for anybody. No money moves."""

from chalicelib import log
from chalicelib.domain import transaction_id as transaction_ids
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import Refund, refund_id_of
from chalicelib.services import idempotency
from chalicelib.services.caller import Caller, again
from chalicelib.services.refunds import eligibility
from chalicelib.services.refunds.decisions import account_of, log_decision, must_have_a_way, read
from chalicelib.services.refunds.eligibility import Claim
from chalicelib.tables import accounts, refunds
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.world import World


def request(world: World, caller: Caller, transaction_id: str, reason: str) -> Refund:
    """Ask for one's own payment back: as much of it as may go back now. No money moves.

    Raises Problem: not_found, not_refundable, already_refunded, refund_open, refund_spent, refund_points_spent, busy.
    """
    if caller.once is not None and caller.once.ref is not None:
        return read(world, caller.once.ref)
    seq = transaction_ids.seq_of(caller.user_id, transaction_id)
    if seq is None:
        raise Problem("not_found")
    refund_id = refund_id_of(world.new_id(), caller.user_id)

    def decide(ops: Ops) -> Refund:
        who = again(world, caller, ops)
        return _open(ops, world, who, eligibility.claim(who.account, seq), refund_id, reason)

    return _told(atomic(world, decide))


def request_for(world: World, caller: Caller, transaction_id: str, reason: str) -> Refund:
    """An operator asks for a payment of any account back: for a customer who can't, or one who is gone. Somebody
    else decides it.

    Raises Problem: what `request` raises, and account_deleted for what could only go back into a wallet that is gone.
    """
    if caller.once is not None and caller.once.ref is not None:
        return read(world, caller.once.ref)
    named = transaction_ids.named(transaction_id)
    if named is None:
        raise Problem("not_found")
    user_id, seq = named
    refund_id = refund_id_of(world.new_id(), user_id)

    def decide(ops: Ops) -> Refund:
        who = again(world, caller, ops)
        found = eligibility.claim(account_of(user_id), seq)
        must_have_a_way(found)
        refund = _open(ops, world, who, found, refund_id, reason)
        asked = {"transaction_id": transaction_id, "amount_paisa": refund.amount_paisa, "reason": reason}
        log_decision(ops, world, who, refund, asked)
        return refund

    return _told(atomic(world, decide))


def _open(ops: Ops, world: World, who: Caller, found: Claim, refund_id: str, reason: str) -> Refund:
    """A refund that waits for a decision."""
    refund = Refund(
        refund_id,
        found.account.user_id,
        found.original.seq,
        found.parts.paisa,
        found.parts.points,
        reason,
        requested_by=who.user_id,
        requested_at=world.now(),
        intent_id=found.original.ref if found.gateway else None,
        gateway=found.gateway,
        rental_id=found.rental.rental_id if found.rental else None,
    )
    refunds.save_tally(ops, found.tally.opened(refund_id))
    refunds.save(ops, refund)
    # An account that is being deleted at this moment is decided about anew by whoever is second.
    accounts.save(ops, found.account)
    idempotency.claim(ops, world, who.once, refund_id)
    return refund


def _told(refund: Refund) -> Refund:
    ids = {"refund_id": refund.refund_id, "user_id": refund.user_id}
    log.fact("refund_requested", **ids, amount_paisa=refund.amount_paisa)
    return refund
