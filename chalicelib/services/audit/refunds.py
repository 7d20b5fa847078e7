"""The audit of one account's refunds: their amounts, their postings, and the totals that decisions use."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.money import ledger_entries
from chalicelib.domain.money.ledger import Entry, Posting, PostingKind
from chalicelib.domain.operations.audit import MAX_OPEN_AGE, Violation
from chalicelib.domain.payments.refund import COUNTED_STATES, Refund, RefundMethod, RefundState
from chalicelib.domain.payments.transaction_id import transaction_id
from chalicelib.services.audit.account_case import AccountCase
from chalicelib.services.audit.ledger import ReferenceSums

REFUND_KINDS = frozenset({PostingKind.REFUND, PostingKind.REFUND_PAID, PostingKind.REFUND_RETURNED})
POSTED_STATES = frozenset({RefundState.APPROVED, RefundState.PROCESSED, RefundState.FAILED})
"""States of a refund that has posted entries."""


def refund_violations(case: AccountCase, now: datetime) -> Iterator[Violation]:
    """Every rule about refunds that does not hold."""
    for refund in [refund for refund in case.refunds if case.part.holds(refund.refund_id)]:
        payment = case.ledger.payments.get(refund.seq)
        yield from _refund(refund, payment, case.ledger.of(refund.refund_id))
        if refund.next_check_at is not None and now - refund.next_check_at > MAX_OPEN_AGE:
            yield Violation("refund_left_open", refund.refund_id)
    refund_ids = {refund.refund_id for refund in case.refunds}
    for ref, sums in case.ledger.refs.items():
        if ref not in refund_ids and any(sums.kinds[kind] for kind in REFUND_KINDS):
            yield Violation("posting_without_refund", ref)
    yield from _totals(case)


def _refund(refund: Refund, payment: Posting | None, sums: ReferenceSums) -> Iterator[Violation]:
    if refund.decided_by is not None and refund.decided_by in (refund.requested_by, refund.user_id):
        yield Violation("refund_decided_by_requester", refund.refund_id)
    expected = _entries(refund, payment)
    kinds = Counter({kind: count for kind, count in sums.kinds.items() if kind in REFUND_KINDS})
    if kinds != Counter(entry.kind for entry in expected):
        yield Violation("refund_postings_differ", refund.refund_id)
    legs: Counter[str] = Counter()
    for (kind, account), amount in sums.legs.items():
        if kind in REFUND_KINDS:
            legs[account] += amount
    for entry in expected:
        for leg in entry.legs:
            legs[leg.account] -= leg.amount
    if any(legs.values()):
        yield Violation("refund_legs_differ", refund.refund_id)


def _entries(refund: Refund, payment: Posting | None) -> list[Entry]:
    """The entries that a refund of `payment` should have posted by now."""
    paisa, points = refund.amount_paisa, refund.points
    if refund.state not in POSTED_STATES:
        return []
    if refund.rental_id is not None:
        if payment is None or payment.kind not in ledger_entries.REVENUE_OF:
            return []
        return [ledger_entries.refund_payment(payment.kind, paisa=paisa, points=points)]
    if refund.state is RefundState.PROCESSED and refund.sent_at is None:
        return [ledger_entries.refund_by_hand(paisa=paisa, points=points)]
    approved = ledger_entries.refund_by_gateway(paisa=paisa, points=points)
    if refund.state is RefundState.APPROVED:
        return [approved]
    ended = ledger_entries.refund_paid if refund.state is RefundState.PROCESSED else ledger_entries.refund_returned
    return [approved, ended(refund)]


def _totals(case: AccountCase) -> Iterator[Violation]:
    """Compares the totals of each payment with its refunds."""
    by_payment: dict[int, list[Refund]] = defaultdict(list)
    for refund in case.refunds:
        by_payment[refund.seq].append(refund)
    stored = {totals.seq: totals for totals in case.totals}
    for seq in [seq for seq in by_payment.keys() | stored.keys() if case.part.holds(str(seq))]:
        name, payment, totals = (
            transaction_id(case.account.user_id, seq),
            case.ledger.payments.get(seq),
            stored.get(seq),
        )
        counted = [refund for refund in by_payment[seq] if refund.state in COUNTED_STATES]
        refunded_paisa = sum(refund.amount_paisa for refund in counted)
        amounts = (refunded_paisa, sum(refund.points for refund in counted), _paid_out(case, by_payment[seq]))
        if totals is None or (totals.refunded_paisa, totals.refunded_points, totals.paid_out_paisa) != amounts:
            yield Violation("refund_totals_differ", name)
        open_ids = [refund.refund_id for refund in by_payment[seq] if refund.open]
        if open_ids != ([totals.open_refund_id] if totals and totals.open_refund_id else []):
            yield Violation("refund_open_differs", name)
        if payment is None or refunded_paisa > abs(payment.change_of("wallet")) + abs(payment.change_of("held")):
            yield Violation("refunded_more_than_paid", name)


def _paid_out(case: AccountCase, refunds: list[Refund]) -> int:
    """What a gateway paid back, in paisa."""
    return sum(
        refund.amount_paisa
        for refund in refunds
        if refund.method is RefundMethod.GATEWAY and case.ledger.of(refund.refund_id).kinds[PostingKind.REFUND_PAID]
    )
