"""A rental with its account, power bank and cabinet: read together, written together."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import entries, ledger
from chalicelib.domain.account import Account
from chalicelib.domain.cabinet import Cabinet
from chalicelib.domain.ledger import Posting
from chalicelib.domain.powerbank import Powerbank
from chalicelib.domain.rental import Rental
from chalicelib.tables import accounts, cabinets, postings, powerbanks, rentals, stations
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World


@dataclass(frozen=True)
class RentalAggregate:
    """A rental, whose it is, its bank, and the cabinet that spoke, as they are now."""

    rental: Rental
    account: Account
    powerbank: Powerbank
    cabinet: Cabinet | None = None


def load(user_id: str, rental_id: str, powerbank_sn: str, cabinet_sn: str | None = None) -> RentalAggregate | None:
    """All in one read; None when rental, account or bank is missing."""
    rental_key, account_key = rentals.rental_key(user_id, rental_id), accounts.account_key(user_id)
    bank_key = powerbanks.powerbank_key(powerbank_sn)
    cabinet_key = cabinets.cabinet_key(cabinet_sn) if cabinet_sn else None
    rows = fetch(rental_key, account_key, bank_key, *([cabinet_key] if cabinet_key else []))
    rental, account, powerbank = rows[rental_key], rows[account_key], rows[bank_key]
    if rental is None or account is None or powerbank is None:
        return None
    return RentalAggregate(rental, account, powerbank, rows[cabinet_key] if cabinet_key else None)


def save(ops: Transaction, after: RentalAggregate, posted: list[Posting]) -> None:
    """All of a scene that changed."""
    accounts.save(ops, after.account)
    for posting in posted:
        postings.add(ops, posting)
    rentals.save(ops, after.rental)
    powerbanks.save_powerbank(ops, after.powerbank)
    if after.cabinet is not None:
        cabinets.save_cabinet(ops, after.cabinet)


def free_station(world: World, rental: Rental) -> None:
    """The cabinet may take the next eject, a few seconds after this one was asked."""
    spacing = timedelta(seconds=world.settings().eject_spacing_seconds)
    stations.free_eject(rental.station.sn, rental.rental_id, rental.requested_at + spacing)


def owe(account: Account, rental: Rental, amount_paisa: int, now: datetime) -> tuple[Account, list[Posting]]:
    """A due of `amount_paisa`, which the rental counts already: new rentals are blocked until all of it is paid."""
    owing, posting = ledger.post(account, entries.due(amount_paisa), rental.rental_id, now)
    return replace(owing, due_rental_id=rental.rental_id, due_rental_paisa=rental.due_paisa), [posting]
