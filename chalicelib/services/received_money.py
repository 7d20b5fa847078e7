"""Money that came into a wallet, and what of it pays the due of reversed top-ups."""

from datetime import datetime

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.money.reversal_due import collect_reversal_due
from chalicelib.tables import accounts, postings
from chalicelib.tables.atomic import Transaction


def stage(ops: Transaction, account: Account, posting: Posting, at: datetime) -> Account:
    """Stage the account with the posting that brought the money, and return the account after its due is paid."""
    account_after, collected = collect_reversal_due(account, at)
    accounts.save(ops, account_after)
    for entry_posted in (posting, *collected):
        postings.add(ops, entry_posted)
    return account_after
