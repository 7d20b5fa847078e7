"""Pays what a rental owes."""

from dataclasses import dataclass

from chalicelib import log
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.payment_plan import Plan
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_notification import of_payment
from chalicelib.services import event_log, idempotency
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.rentals import notices
from chalicelib.services.rentals.next_due import with_next_due
from chalicelib.services.rewards import completed_rentals
from chalicelib.services.wallet.affordability import require_affordable
from chalicelib.tables import accounts, postings, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import World


@dataclass(frozen=True)
class DuePayment:
    """A paid due: its rental, how it was paid, and whether the customer may rent again."""

    rental: Rental
    plan: Plan
    unblocked: bool


def prefetch_keys(user_id: str, rental_id: str) -> tuple[Key[Rental]]:
    """The rows to read together with the caller."""
    return (rentals.rental_key(user_id, rental_id),)


def pay_due(world: World, caller: Caller, rental_id: str, *, amount_paisa: int | None = None) -> DuePayment:
    """Pay the whole due of a rental, points first. `amount_paisa` is the due that the caller expects, or None.

    Raises Problem: not_found, nothing_due, invalid_input for another amount, insufficient_funds.
    """
    if caller.earlier_resource_id is not None:
        return _earlier_payment(caller, rental_id, caller.earlier_resource_id)
    (key,) = prefetch_keys(caller.user_id, rental_id)

    def decide(ops: Transaction) -> DuePayment:
        current_caller = fresh_caller(world, caller, ops)
        rental = must_exist(current_caller.rows[key] if key in current_caller.rows else fetch_one(key))
        if rental.due_paisa == 0:
            raise Problem("nothing_due", payment_status=rental.payment_status())
        if amount_paisa not in (None, rental.due_paisa):
            errors = {"amount": [validation_message("amount_due_changed")]}
            raise Problem("invalid_input", errors=errors, due_paisa=rental.due_paisa)
        plan = require_affordable(world, current_caller.account, rental.due_paisa)
        entry = ledger_entries.pay_due(
            due_paisa=rental.due_paisa, wallet_paisa=plan.wallet_paisa, points=plan.points_used
        )
        account, posting = ledger.post(current_caller.account, entry, rental_id, world.now())
        paid = rental.paid_up(plan, posting.seq)
        accounts.save(ops, with_next_due(account, rental_id))
        postings.add(ops, posting)
        rentals.save(ops, paid)
        completed_rentals.stage_paid(ops, world, paid)
        notices.notify(ops, world, account, paid, of_payment(rental.due_paisa))
        event_log.stage_call(ops, world, rental_id)
        idempotency.claim(ops, world, current_caller.idempotency, str(posting.seq))
        return DuePayment(paid, plan, account.due_paisa == 0)

    paid = atomic(world, decide)
    log.fact("due_paid", rental_id=rental_id, amount_paisa=paid.plan.total_paisa)
    return paid


def _earlier_payment(caller: Caller, rental_id: str, seq: str) -> DuePayment:
    """A payment by an earlier try of this request, read from posting `seq`. Raises Problem("not_found")."""
    rental_key, posting_key = (
        rentals.rental_key(caller.user_id, rental_id),
        postings.posting_key(caller.user_id, int(seq)),
    )
    rows = fetch(rental_key, posting_key)
    rental, posting = must_exist(rows[rental_key]), must_exist(rows[posting_key])
    plan = Plan(-posting.change_of("due"), -posting.change_of("points"), -posting.change_of("wallet"), 0)
    return DuePayment(rental, plan, caller.account.due_paisa == 0)
