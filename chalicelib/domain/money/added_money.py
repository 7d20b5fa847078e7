"""Follows the money that operators added to a wallet. It never leaves the service through a payment gateway."""

from dataclasses import replace

from chalicelib.domain.accounts.account import Account


def with_added_money(account: Account, *, total_paisa: int, is_addition: bool, gives_back: bool) -> Account:
    """The account when its wallet and its holds hold `total_paisa`. `account` has its sums of before.

    Other money is spent first. What is given back for a rental or a reversal is first what was spent of the added
    money.
    """
    before = account.wallet_paisa + account.held_paisa
    added, spent = account.added_paisa, account.added_spent_paisa
    if is_addition:
        added += total_paisa - before
    elif total_paisa > before and gives_back:
        back = min(total_paisa - before, spent)
        added, spent = added + back, spent - back
    kept = min(added, total_paisa)
    return replace(account, added_paisa=kept, added_spent_paisa=spent + added - kept)


def from_gateways_paisa(account: Account) -> int:
    """What lies in the wallet and was not added by operators."""
    return min(account.wallet_paisa, account.wallet_paisa + account.held_paisa - account.added_paisa)
