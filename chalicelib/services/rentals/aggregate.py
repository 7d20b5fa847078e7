"""Reads and writes a rental together with its account, power bank and cabinet."""

from datetime import timedelta

from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.domain.rentals.second_eject import awaits_another_answer, latest_request_at
from chalicelib.services import event_log
from chalicelib.services.best_effort import best_effort
from chalicelib.services.rentals import notices
from chalicelib.services.rentals.next_due import with_next_due
from chalicelib.services.rewards import completed_rentals
from chalicelib.tables import accounts, cabinets, postings, powerbanks, rentals, stations
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World


def load(user_id: str, rental_id: str, powerbank_sn: str, cabinet_sn: str | None = None) -> RentalAggregate | None:
    """All rows in one read. None when the rental, the account or the power bank is missing.

    The event log lists the message that is being handled under this rental.
    """
    event_log.concerns(rental_id)
    rental_key, account_key = rentals.rental_key(user_id, rental_id), accounts.account_key(user_id)
    bank_key = powerbanks.powerbank_key(powerbank_sn)
    cabinet_key = cabinets.cabinet_key(cabinet_sn) if cabinet_sn else None
    rows = fetch(rental_key, account_key, bank_key, *([cabinet_key] if cabinet_key else []))
    rental, account, powerbank = rows[rental_key], rows[account_key], rows[bank_key]
    if rental is None or account is None or powerbank is None:
        return None
    return RentalAggregate(rental, account, powerbank, rows[cabinet_key] if cabinet_key else None)


def save(ops: Transaction, world: World, before: Rental, after: RentalAggregate) -> None:
    """Stage all rows of the aggregate, its new postings, the notification of the step from `before`, and the messages
    that follow from a returned rental."""
    account = after.account
    if account.due_rental_id is None and account.due_paisa > account.reversal_due_paisa:
        account = with_next_due(account, after.rental.rental_id)
    accounts.save(ops, account)
    for posting in after.postings:
        postings.add(ops, posting)
    rentals.save(ops, after.rental)
    notices.notify_change(ops, world, account, before, after.rental)
    powerbanks.save_powerbank(ops, after.powerbank)
    if after.cabinet is not None:
        cabinets.save_cabinet(ops, after.cabinet)
    completed_rentals.stage(ops, world, after.rental)


def free_station(world: World, rental: Rental) -> None:
    """Let the cabinet take its next eject `eject_spacing_seconds` after the latest eject of this rental.

    It follows a commit. A station that is not freed waits until its eject is overdue. It is not freed while the
    answer to a later eject of the rental is missing.
    """
    if awaits_another_answer(rental):
        return
    spacing = timedelta(seconds=world.settings().eject_spacing_seconds)
    sn, rental_id = rental.station.sn, rental.rental_id
    until = (latest_request_at(rental, sn) or rental.requested_at) + spacing
    best_effort(lambda: stations.free_eject(sn, rental_id, until), "free_station", sn=sn, rental_id=rental_id)
