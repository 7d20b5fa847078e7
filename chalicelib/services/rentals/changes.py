"""Stages what a customer's request changed of a rental."""

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.domain.account import Account
from chalicelib.domain.ledger import Posting
from chalicelib.domain.rental import Rental
from chalicelib.services import event_log, idempotency
from chalicelib.services.caller import Caller
from chalicelib.tables import accounts, postings, rentals
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World


def stage_change(
    ops: Transaction, world: World, caller: Caller, rental: Rental, account: Account, posted: Iterable[Posting]
) -> Rental:
    """Stage the rental, its account, the postings, the call in the event log and the claim of its key.

    Returns the rental as it is stored then.
    """
    accounts.save(ops, account)
    for posting in posted:
        postings.add(ops, posting)
    rentals.save(ops, rental)
    event_log.stage_call(ops, world, rental.rental_id)
    idempotency.claim(ops, world, caller.idempotency, rental.rental_id)
    return replace(rental, version=rental.version + 1)
