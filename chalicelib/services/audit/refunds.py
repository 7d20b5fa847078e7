"""The audit of refunds: their amounts, their postings, and the totals that decisions about refunds use."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from chalicelib.domain import entries
from chalicelib.domain.ledger import Entry, Leg, Posting, PostingKind
from chalicelib.domain.point_rules import topup_award_id
from chalicelib.domain.refund import COUNTED_STATES, Refund, RefundMethod, RefundState
from chalicelib.domain.refund_totals import RefundAmount
from chalicelib.domain.transaction_id import transaction_id
from chalicelib.services.refunds.eligibility import paid_by
from chalicelib.tables.audit_scan import AuditData

REFUND_KINDS = frozenset({PostingKind.REFUND, PostingKind.REFUND_PAID, PostingKind.REFUND_RETURNED})
POSTED_STATES = frozenset({RefundState.APPROVED, RefundState.PROCESSED, RefundState.FAILED})
"""States of a refund that has posted entries."""
Violations = Iterator[tuple[str, str]]


def refund_violations(data: AuditData, now: datetime, max_open_age: timedelta) -> Violations:
    """Every rule that does not hold, with the id of its row."""
    payments = {(posting.user_id, posting.seq): posting for posting in data.postings}
    postings_by_refund: dict[str, list[Posting]] = defaultdict(list)
    for posting in data.postings:
        if posting.kind in REFUND_KINDS:
            postings_by_refund[posting.ref].append(posting)
    for refund in data.refunds:
        payment = payments.get((refund.user_id, refund.seq))
        yield from _refund(refund, payment, postings_by_refund.pop(refund.refund_id, []))
        if refund.next_check_at is not None and now - refund.next_check_at > max_open_age:
            yield "refund_left_open", refund.refund_id
    for ref in postings_by_refund:
        yield "posting_without_refund", ref
    yield from _totals(data)
    yield from _rentals_paid(data)
    yield from _credits(data)


def rental_of(data: AuditData) -> Mapping[str, str]:
    """The rental of each refund of a rental's payment, by the refund's id."""
    return {refund.refund_id: refund.rental_id for refund in data.refunds if refund.rental_id}


def _refund(refund: Refund, payment: Posting | None, postings: list[Posting]) -> Violations:
    if refund.decided_by in (refund.requested_by, refund.user_id):
        yield "refund_decided_by_requester", refund.refund_id
    expected = _entries(refund, payment)
    if sorted(posting.kind for posting in postings) != sorted(entry.kind for entry in expected):
        yield "refund_postings_differ", refund.refund_id
    if _sums(posting.legs for posting in postings) != _sums(entry.legs for entry in expected):
        yield "refund_legs_differ", refund.refund_id


def _entries(refund: Refund, payment: Posting | None) -> list[Entry]:
    """The entries that a refund of `payment` should have posted by now."""
    paisa, points = refund.amount_paisa, refund.points
    if refund.state not in POSTED_STATES:
        return []
    if refund.rental_id is not None:
        if payment is None or payment.kind not in entries.REVENUE_OF:
            return []
        return [entries.refund_payment(payment.kind, paisa=paisa, points=points)]
    if refund.state is RefundState.PROCESSED and refund.sent_at is None:
        return [entries.refund_by_hand(paisa=paisa, points=points)]
    approved = entries.refund_by_gateway(paisa=paisa, points=points)
    if refund.state is RefundState.APPROVED:
        return [approved]
    ended = entries.refund_paid if refund.state is RefundState.PROCESSED else entries.refund_returned
    return [approved, ended(refund)]


def _sums(legs_of_each: Iterable[Iterable[Leg]]) -> dict[str, int]:
    """The sum of the legs by account, without accounts whose sum is zero."""
    sums: dict[str, int] = defaultdict(int)
    for legs in legs_of_each:
        for leg in legs:
            sums[leg.account] += leg.amount
    return {account: amount for account, amount in sums.items() if amount}


def _rentals_paid(data: AuditData) -> Violations:
    """Compares each rental's totals with the payments and refunds in its postings."""
    paisa: dict[str, int] = defaultdict(int)
    points: dict[str, int] = defaultdict(int)
    rental_by_refund = rental_of(data)
    for posting in data.postings:
        ref, amount = rental_by_refund.get(posting.ref, posting.ref), paid_by(posting)
        paisa[ref] += amount.paisa
        points[ref] += amount.points
    for rental in data.rentals:
        stored = RefundAmount(rental.wallet_paid_paisa, rental.points_paid)
        if stored != RefundAmount(paisa[rental.rental_id], points[rental.rental_id]):
            yield "rental_paid_differs", rental.rental_id


def _credits(data: AuditData) -> Violations:
    """Compares each intent with the posting that credited it, and with the points awarded or waiting for it."""
    seqs = {
        (posting.user_id, posting.ref): posting.seq for posting in data.postings if posting.kind is PostingKind.TOPUP
    }
    points_given: dict[tuple[str, str], int] = defaultdict(int)
    for posting in data.postings:
        if posting.kind is PostingKind.POINTS:
            points_given[posting.user_id, posting.ref] += posting.change_of("points")
    waiting = {message.message_id for message in data.messages}
    for intent in data.intents:
        award = topup_award_id(intent.intent_id)
        if seqs.get((intent.user_id, intent.intent_id)) != intent.credited_seq:
            yield "topup_posting_differs", intent.intent_id
        if points_given[intent.user_id, award] != (0 if award in waiting else intent.points_earned):
            yield "topup_points_differ", intent.intent_id


def _totals(data: AuditData) -> Violations:
    paid = {(posting.user_id, posting.seq): posting for posting in data.postings}
    paid_out = {posting.ref for posting in data.postings if posting.kind is PostingKind.REFUND_PAID}
    paisa_counted: dict[tuple[str, int], int] = defaultdict(int)
    points: dict[tuple[str, int], int] = defaultdict(int)
    sent: dict[tuple[str, int], int] = defaultdict(int)
    open_ids: dict[tuple[str, int], list[str]] = defaultdict(list)
    for refund in data.refunds:
        payment_key = (refund.user_id, refund.seq)
        paisa_counted[payment_key] += refund.amount_paisa if refund.state in COUNTED_STATES else 0
        points[payment_key] += refund.points if refund.state in COUNTED_STATES else 0
        sent[payment_key] += (
            refund.amount_paisa if refund.refund_id in paid_out and refund.method is RefundMethod.GATEWAY else 0
        )
        if refund.open:
            open_ids[payment_key].append(refund.refund_id)
    stored_totals = {(totals.user_id, totals.seq): totals for totals in data.tallies}
    for payment_key in paisa_counted.keys() | stored_totals.keys():
        totals, original, name = stored_totals.get(payment_key), paid.get(payment_key), transaction_id(*payment_key)
        counted = (paisa_counted[payment_key], points[payment_key], sent[payment_key])
        if totals is None or (totals.refunded_paisa, totals.refunded_points, totals.paid_out_paisa) != counted:
            yield "refund_totals_differ", name
        expected_open = [totals.open_refund_id] if totals and totals.open_refund_id else []
        if open_ids[payment_key] != expected_open:
            yield "refund_open_differs", name
        if original is None or paisa_counted[payment_key] > abs(original.change_of("wallet")) + abs(
            original.change_of("held")
        ):
            yield "refunded_more_than_paid", name
