"""The audit of one account's top-ups: each is credited once, with its points, and its reference names it."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.money.ledger_entries import gateway_account
from chalicelib.domain.operations.audit import MAX_OPEN_AGE, Violation
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.rewards.point_rules import topup_award_id
from chalicelib.services.audit.account_case import AccountCase
from chalicelib.tables.intent_references import Pointer, credit_reference, references_of

DECISIONS = (PostingKind.REVERSAL, PostingKind.REVERSAL_RESTORED)
"""The kinds that post a decision about a reversal."""


def topup_violations(case: AccountCase, now: datetime) -> Iterator[Violation]:
    """Every rule about top-ups and their reversals that does not hold."""
    intent_ids = {intent.intent_id for intent in case.intents}
    for intent in case.intents:
        yield from _intent(case, intent)
        if intent.next_check_at is not None and now - intent.next_check_at > MAX_OPEN_AGE:
            yield Violation("intent_left_open", intent.intent_id)
    for ref, sums in case.ledger.refs.items():
        if sums.kinds[PostingKind.TOPUP] and ref not in intent_ids:
            yield Violation("topup_without_intent", ref)
    yield from _reversals(case)


def _intent(case: AccountCase, intent: Intent) -> Iterator[Violation]:
    intent_id, sums = intent.intent_id, case.ledger.of(intent.intent_id)
    credited_count = sums.kinds[PostingKind.TOPUP]
    if credited_count != (intent.state is IntentState.SUCCESS):
        yield Violation("topup_not_credited_once", intent_id, f"{credited_count}")
    if sums.moved("wallet", PostingKind.TOPUP) != credited_count * intent.amount_paisa:
        yield Violation("topup_amount_differs", intent_id)
    if sums.topup_seq != intent.credited_seq:
        yield Violation("topup_posting_differs", intent_id)
    award_id = topup_award_id(intent_id)
    waiting = award_id in case.waiting_awards
    if case.ledger.of(award_id).moved("points", PostingKind.POINTS) != (0 if waiting else intent.points_earned):
        yield Violation("topup_points_differ", intent_id)
    for gateway, reference in references_of(intent):
        pointer = case.pointers.get(f"{gateway}#{reference}")
        is_credit = reference.startswith(credit_reference(""))
        if pointer is None:
            yield Violation("credited_reference_gone" if is_credit else "reference_gone", intent_id, gateway)
        elif pointer != Pointer(intent.user_id, intent_id):
            rule = "reference_credited_twice" if is_credit else "reference_of_another"
            yield Violation(rule, intent_id, pointer.intent_id)


def _reversals(case: AccountCase) -> Iterator[Violation]:
    """What was decided is what was posted, and what is owed is what the postings say."""
    user_id = case.account.user_id
    owed = case.ledger.moved("due", *DECISIONS, PostingKind.REVERSAL_PAID)
    if case.part.is_first and case.account.reversal_due_paisa != owed:
        yield Violation("due_of_reversals_differs", user_id, f"{case.account.reversal_due_paisa} {owed}")
    for reversal in case.reversals:
        sums = case.ledger.of(reversal.intent_id)
        if sums.moved(gateway_account(reversal.gateway), *DECISIONS) != reversal.settled_paisa:
            yield Violation("reversal_postings_differ", reversal.intent_id)
    reversed_ids = {reversal.intent_id for reversal in case.reversals}
    for ref, sums in case.ledger.refs.items():
        if any(sums.kinds[kind] for kind in DECISIONS) and ref not in reversed_ids:
            yield Violation("posting_without_reversal", ref)
