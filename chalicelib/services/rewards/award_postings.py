"""Posts awarded points to an account."""

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.tables import postings
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World


def stage(ops: Transaction, world: World, account: Account, award_id: str, points: int) -> Account:
    """Stage the posting of the award. Returns the account with the points, for the caller to save."""
    account_after, posting = ledger.post(account, ledger_entries.award_points(points), award_id, world.now())
    postings.add(ops, posting)
    return account_after
