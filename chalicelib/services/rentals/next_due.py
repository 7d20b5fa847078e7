"""Finds the rental whose due a customer pays next."""

from dataclasses import replace

from chalicelib.domain.accounts.account import Account
from chalicelib.tables import rentals

MAX_SCANNED = 100


def with_next_due(account: Account, settled_rental_id: str) -> Account:
    """The account after `settled_rental_id` owes nothing more. It names the newest other rental with a due.

    There rarely is one: a due blocks new rentals, but a rental that was given up may reopen with a due.
    """
    if account.due_paisa == account.reversal_due_paisa:
        return replace(account, due_rental_id=None, due_rental_paisa=0)
    newest = rentals.newest(account.user_id, before=None, limit=MAX_SCANNED)
    owing = [rental for rental in newest if rental.due_paisa and rental.rental_id != settled_rental_id]
    if not owing:
        return replace(account, due_rental_id=None, due_rental_paisa=0)
    return replace(account, due_rental_id=owing[0].rental_id, due_rental_paisa=owing[0].due_paisa)
