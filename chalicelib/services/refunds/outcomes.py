"""How a refund that was on its way ends: it has arrived, or the wallet has it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib import log
from chalicelib.domain import entries, ledger
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.ledger import Entry
from chalicelib.domain.refund import Refund, RefundMethod, RefundState
from chalicelib.domain.refund_totals import RefundTotals
from chalicelib.services import outbox
from chalicelib.services.refunds import notices
from chalicelib.services.refunds.decisions import account_of
from chalicelib.tables import accounts, postings, refunds
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.outbox import Message
from chalicelib.world import World


@dataclass(frozen=True)
class RefundResult:
    """A refund after what was just learned of it, and what is to be sent now. `stranded`: its money is back in the
    wallet of a deleted account."""

    refund: Refund
    messages: Sequence[Message] = ()
    stranded: bool = False


def mark_paid(ops: Transaction, world: World, refund: Refund, reference: str | None) -> RefundResult:
    """The customer has the money of a refund that was in flight."""
    return _end(ops, world, refund.processed(world.now(), reference), entries.refund_paid(refund))


def mark_returned(ops: Transaction, world: World, refund: Refund, reason: str) -> RefundResult:
    """It did not go out: the wallet has it back, and the points that were taken."""
    return _end(ops, world, refund.failed(world.now(), reason), entries.refund_returned(refund))


def publish(world: World, result: RefundResult) -> None:
    """After the commit: to the customer, and to a person where money lies that nobody can spend."""
    outbox.publish(world, result.messages)
    refund = result.refund
    if result.stranded:
        ids = {"amount_paisa": refund.amount_paisa, "refund_id": refund.refund_id}
        log.alarm(Alarm.MONEY_FOR_DELETED_ACCOUNT, user_id=refund.user_id, **ids)


def _end(ops: Transaction, world: World, ended: Refund, entry: Entry) -> RefundResult:
    account, posting = ledger.post(account_of(ended.user_id), entry, ended.refund_id, world.now())
    totals = fetch_one(refunds.totals_key(ended.user_id, ended.seq))
    if totals is None:
        raise LookupError(ended.transaction_id)
    failed, stored = ended.state is RefundState.FAILED, ended.for_storage(deleted=account.deleted)
    refunds.save_totals(ops, _with_outcome(totals, ended).without_open_request())
    refunds.save(ops, stored)
    accounts.save(ops, account)
    postings.add(ops, posting)
    return RefundResult(stored, notices.notify(ops, world, account, stored), stranded=failed and account.deleted)


def _with_outcome(totals: RefundTotals, ended: Refund) -> RefundTotals:
    """Only what its gateway has paid counts as sent there: a later refund is told from it."""
    if ended.state is RefundState.FAILED:
        return totals.subtract(ended.amount)
    return totals.mark_paid_out(ended.amount) if ended.method is RefundMethod.GATEWAY else totals
