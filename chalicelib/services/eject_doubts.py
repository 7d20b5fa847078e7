"""Whether a customer may have a power bank although no open rental says so."""

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.rentals.eject_doubt import doubtful_powerbanks
from chalicelib.tables import open_items, powerbanks, rentals
from chalicelib.tables.dynamodb import fetch_many
from chalicelib.tables.open_items import ItemKind


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
