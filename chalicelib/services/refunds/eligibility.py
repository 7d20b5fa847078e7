"""What may go back of a payment, read off its posting and what is written with postings: for whoever asks for a
refund, and again for whoever grants it."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain import ledger
from chalicelib.domain.account import Account
from chalicelib.domain.ledger import Leg, Posting, PostingKind
from chalicelib.domain.point_rules import topup_points_kept
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import Way
from chalicelib.domain.refund_totals import Parts, Tally
from chalicelib.domain.rental import Rental
from chalicelib.domain.topup import Intent
from chalicelib.services.topups.crediting import award_id
from chalicelib.tables import intents, outbox, postings, refunds, rentals
from chalicelib.tables.dynamodb import fetch

REVENUE_OF: Mapping[PostingKind, str] = {
    PostingKind.SETTLE: ledger.REVENUE_RENTAL,
    PostingKind.CHARGE: ledger.REVENUE_RENTAL,
    PostingKind.LATE_FEE: ledger.REVENUE_LATE_FEE,
    PostingKind.PAY_DUE: ledger.REVENUE_DUE,
}
"""Payments for a rental, and what they were booked to."""
REFUNDABLE = REVENUE_OF.keys() | {PostingKind.TOPUP}
UNDONE = frozenset({"failed", "cancelled"})
"""Rentals that came to nothing: what was paid for them may be asked back."""


@dataclass(frozen=True)
class Claim:
    """A payment of an account, and the `parts` of it that go back. Of a top-up `gateway` is set, of a rental's
    payment `rental`."""

    account: Account
    original: Posting
    tally: Tally
    parts: Parts
    gateway: str | None = None
    rental: Rental | None = None

    def legs(self, way: Way) -> tuple[Leg, ...]:
        """How the ledger moves when it is granted."""
        paisa, points = self.parts.paisa, self.parts.points
        if self.rental is not None:
            return ledger.legs(
                paisa=[("wallet", paisa), (REVENUE_OF[self.original.kind], -paisa)],
                points=[("points", points), (ledger.LIABILITY_POINTS, -points)],
            )
        out = ledger.REFUND_IN_FLIGHT if way is Way.GATEWAY else ledger.REFUND_BY_HAND
        return ledger.legs(
            paisa=[("wallet", -paisa), (out, paisa)],
            points=[("points", -points), (ledger.LIABILITY_POINTS, points)],
        )


def claim(account: Account, seq: int, granted: Parts | None = None) -> Claim:
    """All that may go back of posting `seq` now, or, at the grant, just what was asked for.

    Raises Problem: not_found, not_refundable, already_refunded, refund_spent, refund_points_spent; busy while the
    points of a top-up are still on their way.
    """
    posting_key, tally_key = postings.posting_key(account.user_id, seq), refunds.tally_key(account.user_id, seq)
    found = fetch(posting_key, tally_key)
    original, tally = found[posting_key], found[tally_key] or Tally(account.user_id, seq)
    if original is None:
        raise Problem("not_found")
    if original.kind is PostingKind.TOPUP:
        return _topup(account, original, tally, granted)
    if original.kind in REVENUE_OF:
        return _rental(account, original, tally, granted)
    raise Problem("not_refundable", reason="nothing was paid by it")


def _topup(account: Account, original: Posting, tally: Tally, granted: Parts | None) -> Claim:
    """What is not spent yet; the points it earned go in proportion, at the rate they were earned at."""
    intent_key = intents.intent_key(account.user_id, original.ref)
    award_key = outbox.message_key(award_id(original.ref))
    found = fetch(intent_key, award_key)
    intent = found[intent_key]
    if intent is None:
        raise Problem("not_refundable", reason="no intent")
    topped_up = original.of("wallet")
    left = topped_up - tally.refunded_paisa
    if left <= 0:
        raise Problem("already_refunded")
    if found[award_key] is not None:
        raise Problem("busy", retry_after_seconds=60)
    unspent = min(left, account.wallet_paisa)
    if unspent == 0 or (granted is not None and granted.paisa > unspent):
        raise Problem("refund_spent", refundable_paisa=unspent)
    parts = granted or Parts(unspent, _points_of(intent, left, unspent))
    if parts.points > account.points:
        raise Problem("refund_points_spent", points_needed=parts.points, points=account.points)
    return Claim(account, original, tally, parts, gateway=intent.gateway)


def _points_of(intent: Intent, left: int, paisa: int) -> int:
    """What `paisa` of the `left` of a top-up earned. Its award's message is gone: they have been given."""
    earned, topped_up = intent.points_earned, intent.amount_paisa
    return topup_points_kept(earned, topped_up, left) - topup_points_kept(earned, topped_up, left - paisa)


def _rental(account: Account, original: Posting, tally: Tally, granted: Parts | None) -> Claim:
    """A payment for a rental that came to nothing, as far as we still have what was paid for the rental: its own
    totals say so, written with every posting that pays or gives back, and saved under their version at the grant."""
    rental_key = rentals.rental_key(account.user_id, original.ref)
    rental = fetch(rental_key)[rental_key]
    if rental is None or rental.state not in UNDONE:
        raise Problem("not_refundable", reason="the rental did not fail")
    paid = paid_by(original)
    left = Parts(
        max(0, min(paid.paisa - tally.refunded_paisa, rental.wallet_paid_paisa)),
        max(0, min(paid.points - tally.refunded_points, rental.points_paid)),
    )
    parts = granted or left
    if left == Parts(0, 0) or parts.paisa > left.paisa or parts.points > left.points:
        raise Problem("already_refunded")
    return Claim(account, original, tally, parts, rental=rental)


def paid_by(posting: Posting) -> Parts:
    """What the user paid by a posting, held or not; below zero where it gives back."""
    return Parts(
        -posting.of("wallet") - posting.of("held"),
        -posting.of("points") - posting.of("held_points"),
    )
