"""Finds the number of an account's last posting at a moment, by binary search."""

from datetime import datetime, timedelta

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.text.days import Span
from chalicelib.tables import postings
from chalicelib.tables.dynamodb import fetch_one

TIME_RESOLUTION = timedelta(microseconds=1)
"""The precision of stored times."""


def last_seq_before(account: Account, span: Span) -> int:
    """The number of the last posting before the span, 0 when there is none."""
    return last_seq_at(account, span.start - TIME_RESOLUTION) if span.start is not None else 0


def last_seq_at(account: Account, at: datetime) -> int:
    """The number of the last posting at or before `at`, 0 when there is none.

    Time does not go back along a ledger, so it is found by halving: as many reads as the account's number of postings
    has binary digits, none when nothing is newer than `at`.
    """
    if account.posted_at is None or account.posted_at <= at:
        return account.seq
    low, high = 0, account.seq - 1
    while low < high:
        middle = (low + high + 1) // 2
        posting = fetch_one(postings.posting_key(account.user_id, middle))
        if posting is None:
            raise LookupError(f"posting {middle} of {account.user_id} is not there")
        low, high = (middle, high) if posting.at <= at else (low, middle - 1)
    return low
