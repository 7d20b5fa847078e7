"""A rental whose power bank counts as lost: its price is due, and is given back if the power bank is found again."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.money.reversal_due import collect_reversal_due
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState

Change = tuple[Rental, Account, list[Posting]]
"""The changed rental, its account, and what was posted."""


def lost(rental: Rental, account: Account, now: datetime) -> Change:
    """The price of the power bank is due in place of a late fee. The customer may rent again once it is paid."""
    price_paisa = rental.terms.replacement_paisa
    after = replace(
        rental.moved_to(RentalState.LOST),
        replacement_charge_paisa=price_paisa,
        due_paisa=rental.due_paisa + price_paisa,
    )
    account, posting = ledger.post(account, ledger_entries.due(price_paisa), rental.rental_id, now)
    account = replace(
        account.closed(rental.rental_id),
        lost_rental_ids=(*account.lost_rental_ids, rental.rental_id),
        due_rental_id=rental.rental_id,
        due_rental_paisa=after.due_paisa,
    )
    return after, account, [posting]


def found(rental: Rental, account: Account, now: datetime) -> Change:
    """The power bank of a lost rental is back: its price is owed no more, or goes back to where it was paid from.

    The rental is still lost. What its return costs comes next.
    """
    wallet_paisa, points = rental.replacement_wallet_paisa, rental.replacement_points
    unpaid_paisa = 0 if wallet_paisa or points else rental.replacement_charge_paisa
    entry = ledger_entries.found(due_paisa=unpaid_paisa, wallet_paisa=wallet_paisa, points=points)
    account, posted = ledger.post_if_any(account, entry, rental.rental_id, now)
    account, collected = collect_reversal_due(account, now)
    due_paisa = rental.due_paisa - unpaid_paisa
    after = replace(
        rental,
        replacement_charge_paisa=0,
        replacement_wallet_paisa=0,
        replacement_points=0,
        due_paisa=due_paisa,
        paid_up_seq=rental.paid_up_seq if due_paisa else account.seq,
        wallet_paid_paisa=rental.wallet_paid_paisa - wallet_paisa,
        points_paid=rental.points_paid - points,
    )
    if account.due_rental_id == rental.rental_id:
        account = replace(account, due_rental_id=rental.rental_id if due_paisa else None, due_rental_paisa=due_paisa)
    return after, account, [*posted, *collected]
