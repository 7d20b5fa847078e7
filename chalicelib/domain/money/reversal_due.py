"""Collects what an account owes for reversed top-ups, whenever money comes into its wallet.

So an account that owes for reversed top-ups has an empty wallet.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.ledger import Posting

REF = "reversal_due"
"""The due is one sum of all reversed top-ups, so its payments refer to none of them."""


def collect_reversal_due(account: Account, at: datetime) -> tuple[Account, list[Posting]]:
    """Pay the due of reversed top-ups as far as the wallet goes. No posting when the account owes nothing."""
    paisa = min(account.reversal_due_paisa, account.wallet_paisa)
    after, posted = ledger.post_if_any(account, ledger_entries.reversal_paid(paisa), REF, at)
    return replace(after, reversal_due_paisa=after.reversal_due_paisa - paisa), posted
