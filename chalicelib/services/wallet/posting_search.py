"""Finds the last posting before a moment by binary search."""

from datetime import datetime, timedelta

from chalicelib.domain.account import Account
from chalicelib.domain.days import Span
from chalicelib.tables import postings
from chalicelib.tables.dynamodb import fetch

MOMENT = timedelta(microseconds=1)
"""What times are kept to."""


def last_before(account: Account, span: Span) -> int:
    """The number of the last posting before the span, 0 when there is none."""
    return last_by(account, span.start - MOMENT) if span.start is not None else 0


def last_by(account: Account, at: datetime) -> int:
    """The number of the last posting at or before `at`, 0 when there is none.

    Time does not go back along a ledger, so it is found by halving: as many reads as the account's number of postings
    has binary digits, none when nothing is newer than `at`.
    """
    if account.posted_at is None or account.posted_at <= at:
        return account.seq
    known, unknown = 0, account.seq - 1
    while known < unknown:
        middle = (known + unknown + 1) // 2
        key = postings.posting_key(account.user_id, middle)
        posting = fetch(key)[key]
        if posting is None:
            raise LookupError(f"posting {middle} of {account.user_id} is not there")
        known, unknown = (middle, unknown) if posting.at <= at else (known, middle - 1)
    return known
