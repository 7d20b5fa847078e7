"""Stages what a customer's request changed of a rental."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services import event_log, idempotency
from chalicelib.services.caller import Caller
from chalicelib.services.rentals import notices
from chalicelib.tables import accounts, postings, rentals
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World


@dataclass(frozen=True)
class Change:
    """A rental before and after a request, and the account and the postings that belong to `after`."""

    before: Rental
    after: Rental
    account: Account
    posted: Sequence[Posting]


def stage_change(ops: Transaction, world: World, caller: Caller, change: Change) -> Rental:
    """Stage the rental, its account, the postings, the notification, the call in the event log and the claim of its
    key.

    Returns the rental as it is stored then.
    """
    rental = change.after
    accounts.save(ops, change.account)
    for posting in change.posted:
        postings.add(ops, posting)
    rentals.save(ops, rental)
    notices.notify_change(ops, world, change.account, change.before, rental)
    event_log.stage_call(ops, world, rental.rental_id)
    idempotency.claim(ops, world, caller.idempotency, rental.rental_id)
    return replace(rental, version=rental.version + 1)
