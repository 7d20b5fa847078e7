"""Computes how much of a payment can be refunded, when a refund is requested and again when it is approved."""

from dataclasses import dataclass

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger_entries
from chalicelib.domain.money.added_money import from_gateways_paisa
from chalicelib.domain.money.ledger import Entry, Posting, PostingKind
from chalicelib.domain.payments.refund import RefundMethod
from chalicelib.domain.payments.refund_totals import RefundAmount, RefundTotals
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rewards.point_rules import topup_award_id, topup_points_kept
from chalicelib.services import eject_doubts
from chalicelib.tables import accounts, intents, outbox, postings, refunds, rentals, reversals
from chalicelib.tables.dynamodb import fetch, fetch_one

REFUNDABLE = ledger_entries.REVENUE_OF.keys() | {PostingKind.TOPUP}
REFUNDABLE_RENTAL_STATES = frozenset({RentalState.FAILED, RentalState.CANCELLED})
"""States of a rental in which its payments may be refunded."""


@dataclass(frozen=True)
class RefundableAmount:
    """A payment of an account, and the `amount` of it that is refunded.

    `gateway` is set for a top-up, `rental` for a payment of a rental.
    """

    account: Account
    original: Posting
    totals: RefundTotals
    amount: RefundAmount
    gateway: str | None = None
    rental: Rental | None = None

    def entry(self, method: RefundMethod) -> Entry:
        """What is posted when the refund is approved."""
        paisa, points = self.amount.paisa, self.amount.points
        if self.rental is not None:
            return ledger_entries.refund_payment(self.original.kind, paisa=paisa, points=points)
        if method is RefundMethod.GATEWAY:
            return ledger_entries.refund_by_gateway(paisa=paisa, points=points)
        return ledger_entries.refund_by_hand(paisa=paisa, points=points)


def account_of(user_id: str) -> Account:
    """The account of a refund's customer as it is now. Raises Problem("not_found")."""
    return must_exist(fetch_one(accounts.account_key(user_id)))


def refundable_amount(account: Account, seq: int, approved: RefundAmount | None = None) -> RefundableAmount:
    """All of posting `seq` that can be refunded now. With `approved`, exactly that amount.

    Raises Problem: not_found, not_refundable, already_refunded, refund_spent, refund_points_spent; due_unpaid or
    rental_open for a top-up whose customer owes money or has a power bank; busy while the points of a top-up are not
    awarded yet.
    """
    posting_key, totals_key = postings.posting_key(account.user_id, seq), refunds.totals_key(account.user_id, seq)
    rows = fetch(posting_key, totals_key)
    original, totals = must_exist(rows[posting_key]), rows[totals_key] or RefundTotals(account.user_id, seq)
    if original.kind is PostingKind.TOPUP:
        return _topup(account, original, totals, approved)
    if original.kind in ledger_entries.REVENUE_OF:
        return _rental(account, original, totals, approved)
    raise Problem("not_refundable", reason=Reason.NOTHING_PAID)


def _topup(
    account: Account, original: Posting, totals: RefundTotals, approved: RefundAmount | None
) -> RefundableAmount:
    """The unspent part of a top-up, with the points that this part earned."""
    intent_key = intents.intent_key(account.user_id, original.ref)
    award_key = outbox.message_key(topup_award_id(original.ref))
    reversal_key = reversals.reversal_key(account.user_id, original.ref)
    rows = fetch(intent_key, award_key, reversal_key)
    intent, reversal = rows[intent_key], rows[reversal_key]
    if intent is None:
        raise Problem("not_refundable", reason=Reason.NOTHING_PAID)
    topped_up = original.change_of("wallet")
    # The customer already has the money that went back at the gateway without us.
    unrefunded = topped_up - totals.refunded_paisa - (reversal.not_refundable_paisa if reversal else 0)
    if unrefunded <= 0:
        raise Problem("already_refunded")
    if rows[award_key] is not None:
        raise Problem("busy", retry_after_seconds=60)
    unspent = min(unrefunded, from_gateways_paisa(account))
    if unspent == 0 or (approved is not None and approved.paisa > unspent):
        raise Problem("refund_spent", refundable_paisa=unspent)
    _must_have_paid_and_returned(account)
    amount = approved or RefundAmount(unspent, _points_earned_by(intent, unrefunded, unspent))
    if account.deleted:
        # The deletion forfeited the points. The money of a power bank that came back later must not wait for them.
        amount = RefundAmount(amount.paisa, min(amount.points, account.points))
    if amount.points > account.points:
        raise Problem("refund_points_spent", points_needed=amount.points, points=account.points)
    return RefundableAmount(account, original, totals, amount, gateway=intent.gateway)


def _must_have_paid_and_returned(account: Account) -> None:
    """Raises Problem: due_unpaid, rental_open. The wallet may be needed for what the customer owes or will owe.

    A power bank whose eject is in doubt may prove to be with the customer, who then pays for it.
    """
    if account.due_paisa > 0:
        reasons = ["due_unpaid", *(["rental_open"] if account.open_rental_id else [])]
        raise Problem("due_unpaid", reasons=reasons, due_paisa=account.due_paisa, rental_id=account.due_rental_id)
    if account.open_rental_id is not None:
        raise Problem("rental_open", reasons=["rental_open"], rental_id=account.open_rental_id)
    if eject_doubts.eject_in_doubt(account.user_id):
        raise Problem("rental_open", reason=Reason.EJECT_IN_DOUBT, reasons=["rental_open"])


def _points_earned_by(intent: Intent, unrefunded_paisa: int, paisa: int) -> int:
    """The points that `paisa` of the `unrefunded_paisa` earned. No message of an award waits."""
    earned, topped_up = intent.points_earned, intent.amount_paisa
    return topup_points_kept(earned, topped_up, unrefunded_paisa) - topup_points_kept(
        earned, topped_up, unrefunded_paisa - paisa
    )


def _rental(
    account: Account, original: Posting, totals: RefundTotals, approved: RefundAmount | None
) -> RefundableAmount:
    """The part of a failed rental's payment that has not been refunded.

    The rental's totals limit it: every posting that pays or refunds updates them, and an approval saves them under
    their version.
    """
    rental = fetch_one(rentals.rental_key(account.user_id, original.ref))
    if rental is None or rental.state not in REFUNDABLE_RENTAL_STATES:
        raise Problem("not_refundable", reason=Reason.RENTAL_WENT_WELL)
    paid = paid_by(original)
    unrefunded = RefundAmount(
        max(0, min(paid.paisa - totals.refunded_paisa, rental.wallet_paid_paisa)),
        max(0, min(paid.points - totals.refunded_points, rental.points_paid)),
    )
    amount = approved or unrefunded
    if unrefunded == RefundAmount(0, 0) or amount.paisa > unrefunded.paisa or amount.points > unrefunded.points:
        raise Problem("already_refunded")
    return RefundableAmount(account, original, totals, amount, rental=rental)


def paid_by(posting: Posting) -> RefundAmount:
    """What the user paid with a posting, from the wallet or from a hold. Negative when the posting gives back."""
    return RefundAmount(
        -posting.change_of("wallet") - posting.change_of("held"),
        -posting.change_of("points") - posting.change_of("held_points"),
    )
