"""Texts of rentals that failed. The API shows the reason as a code and as a text."""

from collections.abc import Mapping

from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import (
    CANCELLED_AFTER_RETURN,
    CANCELLED_BEFORE_EJECT,
    NOT_SWAPPED,
    RentalState,
)
from chalicelib.domain.text.texts import Text

RENTAL_TEXTS: Mapping[str, Text] = {
    CANCELLED_BEFORE_EJECT: Text(
        "You cancelled this rental. Nothing was charged.", "तपाईंले यो भाडा रद्द गर्नुभयो। कुनै रकम काटिएको छैन।"
    ),
    CANCELLED_AFTER_RETURN: Text(
        "You cancelled this rental. The full price is back in your account.",
        "तपाईंले यो भाडा रद्द गर्नुभयो। पूरै रकम तपाईंको खातामा फिर्ता भयो।",
    ),
    NOT_SWAPPED: Text(
        "There was no other power bank for you, so this rental has ended. The full price is back in your account.",
        "तपाईंका लागि अर्को पावर बैंक थिएन, त्यसैले यो भाडा सकियो। पूरै रकम तपाईंको खातामा फिर्ता भयो।",
    ),
    "not_sent": Text("The station did not answer. Nothing was charged.", "स्टेसनले जवाफ दिएन। कुनै रकम काटिएको छैन।"),
    "unresolved": Text(
        "The station did not tell us whether it came out. Nothing was charged. If you have it, please return it.",
        "पावर बैंक निस्किएको हो कि होइन, थाहा भएन। कुनै रकम काटिएको छैन। तपाईंसँग छ भने कृपया फिर्ता गर्नुहोस्।",
    ),
}
EJECT_FAILED = Text("The power bank did not come out. Nothing was charged.", "पावर बैंक निस्किएन। कुनै रकम काटिएको छैन।")
"""For every other reason: the cabinet refused the eject, or still reports the power bank in its slot."""


def rental_text(rental: Rental) -> Text | None:
    """What a customer reads about a failed or cancelled rental. None for any other."""
    if rental.state not in (RentalState.FAILED, RentalState.CANCELLED):
        return None
    return RENTAL_TEXTS.get(rental.failure or "", EJECT_FAILED)
