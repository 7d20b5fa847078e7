"""The audit of reversed top-ups: what was decided is what was posted, and what is owed is what the postings say."""

from collections import defaultdict
from collections.abc import Iterator

from chalicelib.domain.entries import gateway_account
from chalicelib.domain.ledger import PostingKind
from chalicelib.tables.audit_scan import AuditData

DECISIONS = frozenset({PostingKind.REVERSAL, PostingKind.REVERSAL_RESTORED})
REVERSAL_KINDS = DECISIONS | {PostingKind.REVERSAL_PAID}


def reversal_violations(data: AuditData) -> Iterator[tuple[str, str]]:
    """Every rule that does not hold, with the id of its row."""
    owed: dict[str, int] = defaultdict(int)
    given_back: dict[tuple[str, str, str], int] = defaultdict(int)
    for posting in data.postings:
        if posting.kind in REVERSAL_KINDS:
            owed[posting.user_id] += posting.change_of("due")
        if posting.kind in DECISIONS:
            for leg in posting.legs:
                given_back[posting.user_id, posting.ref, leg.account] += leg.amount
    for account in data.accounts:
        if account.reversal_due_paisa != owed[account.user_id]:
            yield "due_of_reversals_differs", account.user_id
    decided = set()
    for reversal in data.reversals:
        decided.add((reversal.user_id, reversal.intent_id))
        key = (reversal.user_id, reversal.intent_id, gateway_account(reversal.gateway))
        if given_back[key] != reversal.settled_paisa:
            yield "reversal_postings_differ", reversal.intent_id
    for user_id, intent_id, _ in given_back:
        if (user_id, intent_id) not in decided:
            yield "posting_without_reversal", intent_id
