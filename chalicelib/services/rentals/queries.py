"""Reads a user's rentals."""

from collections.abc import Callable

from chalicelib.domain.custody import Custody
from chalicelib.domain.eject_doubt import doubtful_powerbanks
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import Rental
from chalicelib.services.caller import Caller
from chalicelib.services.wallet.transactions import MAX_PAGES
from chalicelib.tables import open_items, powerbanks, rentals
from chalicelib.tables.dynamodb import fetch_many, fetch_one
from chalicelib.tables.open_items import ItemKind


def read(user_id: str, rental_id: str) -> Rental:
    """A rental of the user. Raises Problem("not_found") when the user has no such rental."""
    rental = fetch_one(rentals.rental_key(user_id, rental_id))
    if rental is None:
        raise Problem("not_found")
    return rental


def active(caller: Caller) -> Rental | None:
    """The caller's open rental, if any."""
    open_id = caller.account.open_rental_id
    return read(caller.user_id, open_id) if open_id else None


def eject_in_doubt(user_id: str) -> bool:
    """Whether a power bank may be with the user although its rental was released.

    True while the place of a power bank is unknown, and the user's rental is the last one that reserved it, or the
    one for which it may have come out of the wrong slot. A rental that got another power bank counts too. It reads
    the power banks of such rentals, each once.
    """
    serial_numbers = open_items.ids_of(user_id, ItemKind.POWERBANK)
    banks = fetch_many([powerbanks.powerbank_key(sn) for sn in serial_numbers])
    lost = [bank for bank in banks if bank.custody is Custody.UNKNOWN]
    named_ids = {bank.last_rental_id for bank in lost} | {bank.suspicion.rental_id for bank in lost if bank.suspicion}
    failed = fetch_many([rentals.rental_key(user_id, rental_id) for rental_id in sorted(filter(None, named_ids))])
    doubtful = {(rental.rental_id, sn) for rental in failed for sn in doubtful_powerbanks(rental)}
    return any(
        (rental_id, bank.powerbank_sn) in doubtful
        for bank in lost
        for rental_id in (bank.last_rental_id, bank.suspicion.rental_id if bank.suspicion else None)
    )


def rentals_of(
    caller: Caller,
    *,
    limit: int,
    before: str | None,
    matches: Callable[[Rental], bool],
) -> tuple[list[Rental], str | None]:
    """Matching rentals older than `before`, newest first, and the `before` of the next page (None at the end)."""
    match: list[Rental] = []
    for _ in range(MAX_PAGES):
        page = rentals.newest(caller.user_id, before=before, limit=limit + 1)
        last = len(page) <= limit
        for index, rental in enumerate(page):
            before = rental.rental_id
            if matches(rental):
                match.append(rental)
                if len(match) == limit:
                    return match, None if last and index + 1 == len(page) else before
        if last:
            return match, None
    return match, before
