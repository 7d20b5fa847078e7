"""Reasons that an operator may give for a rejection by a code, so that every customer reads them in their language.

An operator may also write the reason in their own words: the customer reads those as they are.
"""

from collections.abc import Mapping
from enum import StrEnum

from chalicelib.domain.text.texts import Text


class KycRejection(StrEnum):
    """Why documents were not accepted."""

    PHOTO_UNCLEAR = "photo_unclear"
    DETAILS_DIFFER = "details_differ"
    WRONG_DOCUMENT = "wrong_document"
    BACK_MISSING = "back_missing"


class RefundRejection(StrEnum):
    """Why a refund was not approved."""

    AMOUNT_USED = "amount_used"
    RENTAL_USED = "rental_used"
    REFUNDED_BEFORE = "refunded_before"


REASON_TEXTS: Mapping[str, Text] = {
    KycRejection.PHOTO_UNCLEAR: Text("The photo is not clear.", "फोटो प्रस्ट छैन।"),
    KycRejection.DETAILS_DIFFER: Text(
        "The details you entered differ from the certificate.", "तपाईंले भर्नुभएको विवरण प्रमाणपत्रसँग मिलेन।"
    ),
    KycRejection.WRONG_DOCUMENT: Text("This is not a citizenship certificate.", "यो नागरिकता प्रमाणपत्र होइन।"),
    KycRejection.BACK_MISSING: Text("The back of the certificate is missing.", "प्रमाणपत्रको पछाडिको फोटो छुटेको छ।"),
    RefundRejection.AMOUNT_USED: Text("The amount has been used.", "यो रकम प्रयोग भइसकेको छ।"),
    RefundRejection.RENTAL_USED: Text("You used this rental.", "तपाईंले पावर बैंक चलाउनुभएको छ।"),
    RefundRejection.REFUNDED_BEFORE: Text("It has already been refunded.", "यसको रकम पहिल्यै फिर्ता भइसकेको छ।"),
}


def reason_text(reason: str, language: str) -> str:
    """The text of a reason code in the reader's language, else the operator's own words."""
    text = REASON_TEXTS.get(reason)
    return text.render(language) if text else reason
