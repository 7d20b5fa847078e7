"""The audit of what operators added to one wallet: each is posted once, and decided by nobody who asked for it or
gets it."""

from collections.abc import Iterator

from chalicelib.domain.money.balance_addition import AdditionState
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.operations.audit import Violation
from chalicelib.services.audit.account_case import AccountCase


def addition_violations(case: AccountCase) -> Iterator[Violation]:
    """Every rule about additions that does not hold."""
    if case.part.is_first:
        yield from _sums(case)
    for addition in case.additions:
        sums = case.ledger.of(addition.addition_id)
        applied = addition.state is AdditionState.APPLIED
        if sums.kinds[PostingKind.BALANCE_ADDED] != applied:
            yield Violation("addition_not_posted_once", addition.addition_id)
        if sums.moved("wallet", PostingKind.BALANCE_ADDED) != applied * addition.amount_paisa:
            yield Violation("addition_amount_differs", addition.addition_id)
        if addition.decided_by is not None and addition.decided_by in (addition.requested_by, addition.user_id):
            yield Violation("addition_decided_by_party", addition.addition_id)
    addition_ids = {addition.addition_id for addition in case.additions}
    for ref, sums in case.ledger.refs.items():
        if sums.kinds[PostingKind.BALANCE_ADDED] and ref not in addition_ids:
            yield Violation("posting_without_addition", ref)


def _sums(case: AccountCase) -> Iterator[Violation]:
    """Compares the added money of the account with its postings and its balance."""
    account = case.account
    if account.added_paisa + account.added_spent_paisa != case.ledger.moved("wallet", PostingKind.BALANCE_ADDED):
        yield Violation("added_money_differs", account.user_id)
    if account.added_paisa > account.wallet_paisa + account.held_paisa:
        yield Violation("added_money_above_balance", account.user_id)
