"""How the account pays a rental: the hold at the eject, what a return adds, and the price of a reopened rental."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.money.payment_plan import Plan, split
from chalicelib.domain.money.pricing import Charge
from chalicelib.domain.rentals.rental import Rental


def plan_of_return(account: Account, rental: Rental, charge: Charge) -> Plan:
    """How to pay what the return adds: a late fee from points and wallet; a postpaid price in a later payment."""
    added_paisa = charge.total_paisa - rental.prepaid_paisa
    if rental.package.postpaid:
        return split(added_paisa, points=0, wallet_paisa=0)
    return split(added_paisa, points=account.points, wallet_paisa=account.wallet_paisa)


def collect(account: Account, rental: Rental, plan: Plan, now: datetime) -> tuple[Account, list[Posting]]:
    if not plan.sufficient:
        return _owe(account, rental, plan.total_paisa, now)
    entry = ledger_entries.late_fee(paisa=plan.wallet_paisa, points=plan.points_used)
    return ledger.post_if_any(account, entry, rental.rental_id, now)


def _owe(account: Account, rental: Rental, amount_paisa: int, now: datetime) -> tuple[Account, list[Posting]]:
    """A due of `amount_paisa`, which `rental.due_paisa` already includes. A due blocks new rentals."""
    owing, posting = ledger.post(account, ledger_entries.due(amount_paisa), rental.rental_id, now)
    return replace(owing, due_rental_id=rental.rental_id, due_rental_paisa=rental.due_paisa), [posting]


def settle(account: Account, rental: Rental, now: datetime) -> tuple[Account, list[Posting]]:
    entry = ledger_entries.settle(paisa=rental.held_paisa, points=rental.held_points)
    return ledger.post_if_any(account, entry, rental.rental_id, now)


def charge_again(account: Account, rental: Rental, plan: Plan, now: datetime) -> tuple[Account, list[Posting]]:
    if rental.due_paisa:
        return _owe(account, rental, rental.due_paisa, now)
    entry = ledger_entries.charge(paisa=plan.wallet_paisa, points=plan.points_used)
    return ledger.post_if_any(account, entry, rental.rental_id, now)
