"""Which power banks a customer may have although no open rental has them."""

from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import NOT_FOUND


def doubtful_powerbanks(rental: Rental) -> frozenset[str]:
    """The power banks of superseded ejects. Of a released rental also its own power bank, and the one that
    may have come out of a wrong slot.

    A power bank that its cabinet did not find is not among them.
    """
    refused = {each.powerbank_sn for each in rental.superseded_ejects if each.failure != NOT_FOUND}
    if not rental.released:
        return frozenset(refused)
    own = None if rental.not_found else rental.powerbank_sn
    return frozenset(filter(None, (own, rental.other_powerbank_sn, *refused)))
