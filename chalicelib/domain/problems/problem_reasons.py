"""Reason codes: why a problem arose, as `details.reason`, with a text where a customer can meet it."""

from collections.abc import Mapping
from enum import StrEnum

from chalicelib.domain.text.texts import Text


class Reason(StrEnum):
    """A reason in `details.reason` that tells problems of one code apart."""

    NOT_AN_OBJECT = "not_an_object"
    TOO_MANY_FIELDS = "too_many_fields"
    NO_BOUNDARY = "no_boundary"
    CUT_SHORT = "cut_short"
    NOT_AN_EVENT = "not_an_event"
    FILE_MISSING = "file_missing"
    FILE_DIFFERS = "file_differs"
    NOT_A_PHOTO = "not_a_photo"
    PHOTO_DAMAGED = "photo_damaged"
    PHOTO_TOO_BIG = "photo_too_big"
    RENTAL_WENT_WELL = "rental_went_well"
    NOTHING_PAID = "nothing_paid"
    OPERATOR_ACCOUNT = "operator_account"
    EJECT_IN_DOUBT = "eject_in_doubt"
    POWERBANKS_INSIDE = "powerbanks_inside"
    RENTALS_OPEN = "rentals_open"


REASON_TEXTS: Mapping[str, Text] = {
    Reason.FILE_MISSING: Text(
        "This file is not there any more. Please send it again.",
        "यो फाइल अब छैन। कृपया फेरि पठाउनुहोस्।",
    ),
    Reason.FILE_DIFFERS: Text(
        "This is not the file you chose. Please send it again.",
        "यो तपाईंले छानेको फाइल होइन। कृपया फेरि पठाउनुहोस्।",
    ),
    Reason.NOT_A_PHOTO: Text(
        "Please choose a JPEG or PNG photo.",
        "कृपया JPEG वा PNG फोटो छान्नुहोस्।",
    ),
    Reason.PHOTO_DAMAGED: Text(
        "This photo is damaged. Please take it again.",
        "यो फोटो बिग्रिएको छ। कृपया फेरि खिच्नुहोस्।",
    ),
    Reason.PHOTO_TOO_BIG: Text(
        "This photo is too big. Please choose a smaller one.",
        "यो फोटो धेरै ठूलो भयो। कृपया सानो छान्नुहोस्।",
    ),
    Reason.RENTAL_WENT_WELL: Text(
        "You used this rental, so it can't be refunded.",
        "तपाईंले पावर बैंक चलाउनुभएको छ, त्यसैले रकम फिर्ता हुँदैन।",
    ),
    Reason.NOTHING_PAID: Text(
        "Nothing was paid here, so there is nothing to refund.",
        "यसमा केही तिरिएको छैन, त्यसैले फिर्ता हुने रकम छैन।",
    ),
    Reason.OPERATOR_ACCOUNT: Text(
        "A staff account can't be deleted in the app.",
        "कर्मचारीको खाता एपबाट मेटाउन मिल्दैन।",
    ),
    Reason.EJECT_IN_DOUBT: Text(
        "We are still checking whether a power bank came out for you at the station. Please try again later.",
        "स्टेसनबाट तपाईंको लागि पावर बैंक निस्कियो कि निस्किएन, हामी जाँच्दै छौं। कृपया केही समयपछि फेरि प्रयास गर्नुहोस्।",
    ),
}
"""In place of the problem's own text. The other reasons are for developers."""
