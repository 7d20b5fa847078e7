"""Paying what a rental owes."""

from dataclasses import dataclass, replace

from chalicelib import log
from chalicelib.domain import ledger
from chalicelib.domain.account import Account
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.payment_plan import Plan
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import Rental
from chalicelib.services import idempotency
from chalicelib.services.caller import Caller, again
from chalicelib.services.wallet.affordability import affordable
from chalicelib.tables import accounts, postings, rentals
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.rows import Key
from chalicelib.world import World

MOST_LOOKED_THROUGH = 100


@dataclass(frozen=True)
class DuePaid:
    """A due that was paid, how, and whether it was the last one that kept its user from renting."""

    rental: Rental
    plan: Plan
    unblocked: bool


def keys_of(user_id: str, rental_id: str) -> tuple[Key[Rental]]:
    """What paying a due reads beside the account."""
    return (rentals.rental_key(user_id, rental_id),)


def pay_due(world: World, caller: Caller, rental_id: str, *, amount_paisa: int | None = None) -> DuePaid:
    """Pay what a rental owes, all of it, points first; `amount_paisa` is what the caller believes it owes, if told.

    Raises Problem: not_found, nothing_due, invalid_input for another amount, insufficient_funds.
    """
    if caller.once is not None and caller.once.ref is not None:
        return _paid_before(caller, rental_id, caller.once.ref)
    (key,) = keys_of(caller.user_id, rental_id)

    def decide(ops: Ops) -> DuePaid:
        who = again(world, caller, ops)
        rental = who.rows[key] if key in who.rows else fetch(key)[key]
        if rental is None:
            raise Problem("not_found")
        if rental.due_paisa == 0:
            raise Problem("nothing_due", payment_status=rental.payment_status())
        if amount_paisa not in (None, rental.due_paisa):
            raise Problem("invalid_input", errors={"amount": ["is not what is due"]}, due_paisa=rental.due_paisa)
        plan = affordable(world, who.account, rental.due_paisa)
        moved = ledger.legs(
            paisa=[
                ("wallet", -plan.wallet_paisa),
                (ledger.REVENUE_DUE, plan.wallet_paisa),
                ("due", -rental.due_paisa),
                (ledger.RECEIVABLE_DUE, rental.due_paisa),
            ],
            points=[("points", -plan.points_used), (ledger.LIABILITY_POINTS, plan.points_used)],
        )
        account, posting = ledger.post(who.account, PostingKind.PAY_DUE, rental_id, world.now(), moved)
        paid = rental.paid_up(plan, posting.seq)
        following, owed_paisa = _next_due(account, rental_id)
        accounts.save(ops, replace(account, due_rental_id=following, due_rental_paisa=owed_paisa))
        postings.add(ops, posting)
        rentals.save(ops, paid)
        idempotency.claim(ops, world, who.once, str(posting.seq))
        return DuePaid(paid, plan, account.due_paisa == 0)

    paid = atomic(world, decide)
    log.fact("due_paid", rental_id=rental_id, amount_paisa=paid.plan.total_paisa)
    return paid


def _next_due(account: Account, paid_rental_id: str) -> tuple[str | None, int]:
    """The rental that is still owed for, and how much: rarely any, for a due blocks new rentals, but a released one
    may reopen."""
    if account.due_paisa == 0:
        return None, 0
    newest = rentals.newest(account.user_id, before=None, limit=MOST_LOOKED_THROUGH)
    owing = [one for one in newest if one.due_paisa and one.rental_id != paid_rental_id]
    return (owing[0].rental_id, owing[0].due_paisa) if owing else (None, 0)


def _paid_before(caller: Caller, rental_id: str, seq: str) -> DuePaid:
    """A payment whose answer was never sent, told from its posting, number `seq`. Raises Problem("not_found")."""
    rental_key, posting_key = (
        rentals.rental_key(caller.user_id, rental_id),
        postings.posting_key(caller.user_id, int(seq)),
    )
    found = fetch(rental_key, posting_key)
    rental, posting = found[rental_key], found[posting_key]
    if rental is None or posting is None:
        raise Problem("not_found")
    plan = Plan(-posting.of("due"), -posting.of("points"), -posting.of("wallet"), 0)
    return DuePaid(rental, plan, caller.account.due_paisa == 0)
