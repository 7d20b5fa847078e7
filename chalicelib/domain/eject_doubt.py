"""Which power banks a customer may have although the hold of the rental was released."""

from chalicelib.domain.rental import Rental


def doubtful_powerbanks(rental: Rental) -> frozenset[str]:
    """The rented power bank, unless its cabinet did not find it, and one that may have come out in its place."""
    if not rental.released:
        return frozenset()
    own = None if rental.not_found else rental.powerbank_sn
    return frozenset(filter(None, (own, rental.other_powerbank_sn)))
