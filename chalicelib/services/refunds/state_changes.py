"""Writes a refund's new state with its totals, its postings and its notification, in one transaction."""

from dataclasses import dataclass, replace

from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.ledger import Entry
from chalicelib.domain.payments.refund import Refund, RefundState, totals_after
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services import received_money, stranded_money
from chalicelib.services.refunds import notices
from chalicelib.services.refunds.refundable_amount import RefundableAmount, account_of
from chalicelib.tables import refunds, rentals
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


@dataclass(frozen=True)
class Transition:
    """One step of a refund: the refund after it, and the entry it posts. A rejection posts none.

    `payment` is what is refunded, if the caller has just read it. It saves two reads, and names the rental whose
    payment goes back.
    """

    after: Refund
    entry: Entry | None = None
    payment: RefundableAmount | None = None


@dataclass(frozen=True)
class RefundResult:
    """A refund as it is stored now.

    `stranded`: the money is back in the wallet of a deleted account, which has no customer to spend it.
    """

    refund: Refund
    stranded: bool = False


def apply(ops: Transaction, world: World, refund: Refund, transition: Transition) -> RefundResult:
    """Stage the step from `refund` to `transition.after`. Raises LookupError when the refund's totals are missing."""
    after, payment = transition.after, transition.payment
    account = payment.account if payment else account_of(after.user_id)
    totals = payment.totals if payment else fetch_one(refunds.totals_key(after.user_id, after.seq))
    if totals is None:
        raise LookupError(after.transaction_id)
    if transition.entry is not None:
        account, posting = ledger.post(account, transition.entry, after.refund_id, world.now())
        # A refund to the wallet, or one that its gateway did not pay, brings money into the wallet.
        account = received_money.stage(ops, account, posting, world.now())
    if payment is not None and payment.rental is not None:
        rentals.save(ops, _without_payment(payment.rental, after))
    stored = after.for_storage(deleted=account.deleted)
    refunds.save_totals(ops, totals_after(totals, refund, after))
    refunds.save(ops, stored)
    notices.notify(ops, world, account, stored)
    return RefundResult(stored, stranded=after.state is RefundState.FAILED and account.deleted)


def _without_payment(rental: Rental, refund: Refund) -> Rental:
    """The rental after a refund returned a payment of it. The state stays."""
    return replace(
        rental,
        points_paid=max(0, rental.points_paid - refund.points),
        wallet_paid_paisa=max(0, rental.wallet_paid_paisa - refund.amount_paisa),
    )


def mark_paid(ops: Transaction, world: World, refund: Refund, reference: str | None) -> RefundResult:
    """Stage that the customer has the money of a refund in flight."""
    paid = Transition(refund.processed(world.now(), reference), ledger_entries.refund_paid(refund))
    return apply(ops, world, refund, paid)


def mark_returned(ops: Transaction, world: World, refund: Refund, reason: str) -> RefundResult:
    """Stage that a refund in flight was not paid: its money and points go back to the wallet."""
    returned = Transition(refund.failed(world.now(), reason), ledger_entries.refund_returned(refund))
    return apply(ops, world, refund, returned)


def report_stranded(result: RefundResult) -> None:
    """Raise an alarm, after the commit, for money in the wallet of a deleted account."""
    refund = result.refund
    if result.stranded:
        stranded_money.report(refund.user_id, refund.amount_paisa, refund_id=refund.refund_id)
