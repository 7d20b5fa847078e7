"""What must always hold of refunds: never more than was paid, never by two ways, each with just its own postings; and
of what they are decided on, wherever it repeats the postings."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from chalicelib.domain import ledger
from chalicelib.domain.ledger import Posting, PostingKind
from chalicelib.domain.refund import GIVEN, Refund, RefundState, Way
from chalicelib.domain.refund_totals import Parts
from chalicelib.services.refunds.eligibility import paid_by
from chalicelib.services.topups.crediting import award_id
from chalicelib.tables.audit_scan import Everything

KINDS = frozenset({PostingKind.REFUND, PostingKind.REFUND_PAID, PostingKind.REFUND_RETURNED})
Found = Iterator[tuple[str, str]]


def refunds_wrong(held: Everything, now: datetime, patience: timedelta) -> Found:
    """Every rule that does not hold, and the row it is about."""
    booked: dict[str, list[Posting]] = defaultdict(list)
    for posting in held.postings:
        if posting.kind in KINDS:
            booked[posting.ref].append(posting)
    for refund in held.refunds:
        yield from _refund(refund, booked.pop(refund.refund_id, []))
        if refund.look_at is not None and now - refund.look_at > patience:
            yield "refund_left_open", refund.refund_id
    for ref in booked:
        yield "posting_without_refund", ref
    yield from _tallies(held)
    yield from _rentals_paid(held)
    yield from _credits(held)


def rental_of(held: Everything) -> Mapping[str, str]:
    """The rental that a refund's posting is about, by the refund."""
    return {refund.refund_id: refund.rental_id for refund in held.refunds if refund.rental_id}


def _refund(refund: Refund, postings: list[Posting]) -> Found:
    if refund.decided_by in (refund.requested_by, refund.user_id):
        yield "refund_decided_by_who_asked", refund.refund_id
    kinds = sorted(posting.kind.value for posting in postings)
    if kinds != _kinds(refund):
        yield "refund_postings_differ", refund.refund_id
    expected = _legs(refund)
    names = expected.keys() | {leg.account for posting in postings for leg in posting.legs if _counts(leg.account)}
    if any(sum(posting.of(name) for posting in postings) != expected.get(name, 0) for name in names):
        yield "refund_legs_differ", refund.refund_id


def _counts(account: str) -> bool:
    return account in ("wallet", "points") or account.startswith(("refund:", "gateway:"))


def _kinds(refund: Refund) -> list[str]:
    """The postings a refund should have by now."""
    first = [] if refund.state in (RefundState.REQUESTED, RefundState.REJECTED) else [PostingKind.REFUND.value]
    by_call = refund.sent_at is not None
    if refund.state is RefundState.PROCESSED and by_call:
        return [*first, PostingKind.REFUND_PAID.value]
    return [*first, PostingKind.REFUND_RETURNED.value] if refund.state is RefundState.FAILED else first


def _legs(refund: Refund) -> dict[str, int]:
    """What all of a refund's postings should come to, by account."""
    if refund.state not in GIVEN:
        return {}
    if refund.rental_id is not None:
        return {"wallet": refund.amount_paisa, "points": refund.points}
    arrived = ledger.REFUND_BY_HAND if refund.way is Way.BY_HAND else f"gateway:{refund.gateway}"
    where = ledger.REFUND_IN_FLIGHT if refund.state is RefundState.APPROVED else arrived
    return {"wallet": -refund.amount_paisa, "points": -refund.points, where: refund.amount_paisa}


def _rentals_paid(held: Everything) -> Found:
    """Each rental's totals are what its postings paid, and what its refunds gave back taken off."""
    paisa: dict[str, int] = defaultdict(int)
    points: dict[str, int] = defaultdict(int)
    about = rental_of(held)
    for posting in held.postings:
        ref, paid = about.get(posting.ref, posting.ref), paid_by(posting)
        paisa[ref] += paid.paisa
        points[ref] += paid.points
    for rental in held.rentals:
        kept = Parts(rental.wallet_paid_paisa, rental.points_paid)
        if kept != Parts(paisa[rental.rental_id], points[rental.rental_id]):
            yield "rental_paid_differs", rental.rental_id


def _credits(held: Everything) -> Found:
    """Each intent names the posting that credited it, and the points that were given, or wait in its message."""
    seqs = {(one.user_id, one.ref): one.seq for one in held.postings if one.kind is PostingKind.TOPUP}
    given: dict[tuple[str, str], int] = defaultdict(int)
    for posting in held.postings:
        if posting.kind is PostingKind.POINTS:
            given[posting.user_id, posting.ref] += posting.of("points")
    waiting = {message.message_id for message in held.messages}
    for intent in held.intents:
        award = award_id(intent.intent_id)
        if seqs.get((intent.user_id, intent.intent_id)) != intent.credited_seq:
            yield "topup_posting_differs", intent.intent_id
        if given[intent.user_id, award] != (0 if award in waiting else intent.points_earned):
            yield "topup_points_differ", intent.intent_id


def _tallies(held: Everything) -> Found:
    paid = {(posting.user_id, posting.seq): posting for posting in held.postings}
    paid_out = {posting.ref for posting in held.postings if posting.kind is PostingKind.REFUND_PAID}
    given: dict[tuple[str, int], int] = defaultdict(int)
    points: dict[tuple[str, int], int] = defaultdict(int)
    sent: dict[tuple[str, int], int] = defaultdict(int)
    open_ids: dict[tuple[str, int], list[str]] = defaultdict(list)
    for refund in held.refunds:
        about = (refund.user_id, refund.seq)
        given[about] += refund.amount_paisa if refund.state in GIVEN else 0
        points[about] += refund.points if refund.state in GIVEN else 0
        sent[about] += refund.amount_paisa if refund.refund_id in paid_out and refund.way is Way.GATEWAY else 0
        if refund.open:
            open_ids[about].append(refund.refund_id)
    tallies = {(tally.user_id, tally.seq): tally for tally in held.tallies}
    for about in given.keys() | tallies.keys():
        tally, original, name = tallies.get(about), paid.get(about), f"{about[0]}-{about[1]}"
        counted = (given[about], points[about], sent[about])
        if tally is None or (tally.refunded_paisa, tally.refunded_points, tally.sent_paisa) != counted:
            yield "refund_tally_differs", name
        if [tally.open_refund_id] != open_ids[about] if tally and tally.open_refund_id else open_ids[about]:
            yield "refund_open_differs", name
        if original is None or given[about] > abs(original.of("wallet")) + abs(original.of("held")):
            yield "refunded_more_than_paid", name
