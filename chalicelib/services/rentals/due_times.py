"""Writes what the time of running rentals brings: reminders, lateness, and the loss of a power bank."""

from chalicelib import log
from chalicelib.domain.rentals.lost_rental import lost
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_clock import due_notice, with_notice
from chalicelib.domain.rentals.rental_notice import NoticeKind
from chalicelib.domain.rentals.rental_notification import of_notice
from chalicelib.services.rentals import notices
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.tables import accounts, postings, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World

SWEEP_LIMIT = 100


def sweep(world: World) -> int:
    """Write the notices that are due, and charge for power banks that count as lost. Returns the number of rentals.

    It may run late, twice or twice at once: a notice is written once for each due time.
    """
    due = rentals.with_notice_due(world.now(), SWEEP_LIMIT)
    return for_each_isolated(due, lambda rental: _note(world, rental), lambda rental: rental.rental_id)


def _note(world: World, rental: Rental) -> None:
    rental_key, account_key = (
        rentals.rental_key(rental.user_id, rental.rental_id),
        accounts.account_key(rental.user_id),
    )

    def decide(ops: Transaction) -> NoticeKind | None:
        rows, now = fetch(rental_key, account_key), world.now()
        current, account = rows[rental_key], rows[account_key]
        kind = due_notice(current, now) if current is not None else None
        if current is None or account is None or kind is None:
            return None
        noted = with_notice(current, kind, now)
        if kind is NoticeKind.LOST:
            noted, charged, posted = lost(noted, account, now)
            accounts.save(ops, charged)
            for posting in posted:
                postings.add(ops, posting)
        rentals.save(ops, noted)
        notification = of_notice(kind, noted, now, world.settings().max_extensions)
        notices.notify(ops, world, account, noted, notification)
        return kind

    kind = atomic(world, decide)
    if kind is not None:
        log.fact("rental_notice", rental_id=rental.rental_id, reason=kind.value)
