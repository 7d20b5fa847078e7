"""Descriptions of transactions and of the lines of a statement."""

from collections.abc import Mapping

from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.text.texts import Text

TYPE_TEXTS: Mapping[str, Text] = {
    "topup": Text("Top-up", "टप-अप"),
    "rental": Text("Rental", "पावर बैंक भाडा"),
    "extension": Text("Extra time", "थपिएको समय"),
    "late_fee": Text("Late fee", "ढिलाइ शुल्क"),
    "due": Text("Amount due, paid", "तिरेको बाँकी रकम"),
    "refund": Text("Refund", "रकम फिर्ता"),
}
"""By the type of a transaction."""
POSTING_TEXTS: Mapping[PostingKind, Text] = {
    PostingKind.HOLD: Text("Held for a rental", "भाडाका लागि रोकिएको रकम"),
    PostingKind.RELEASE: Text("Held money released", "रोकिएको रकम फुकुवा"),
    PostingKind.CHARGE_UNDONE: Text("Paid back: no power bank came out", "फिर्ता: पावर बैंक ननिस्केको"),
    PostingKind.CANCEL: Text("Rental cancelled", "भाडा रद्द"),
    PostingKind.FOUND: Text("Lost power bank returned", "हराएको पावर बैंक फिर्ता"),
    PostingKind.POINTS: Text("Points", "पोइन्ट"),
    PostingKind.REFUND_PAID: Text("Refund sent", "फिर्ता पठाइएको रकम"),
    PostingKind.REFUND_RETURNED: Text("Refund back in wallet", "वालेटमा फर्किएको रकम"),
    PostingKind.REVERSAL: Text("Top-up taken back by the payment service", "भुक्तानी सेवाले फिर्ता लगेको टप-अप"),
    PostingKind.REVERSAL_RESTORED: Text("Top-up given back after a review", "जाँचपछि फिर्ता दिइएको टप-अप"),
    PostingKind.REVERSAL_PAID: Text("Paid for a top-up that was taken back", "फिर्ता लगिएको टप-अपको भुक्तानी"),
    PostingKind.BALANCE_ADDED: Text("Added by Bijuli", "Bijuli ले थपेको रकम"),
    PostingKind.FORFEIT: Text("Given up with the account", "खातासँगै छोडिएको रकम"),
}
"""By the kind of a posting, where a statement's line says more than its type does."""


def line_text(kind: PostingKind, line_type: str) -> Text:
    """The description of a statement's line."""
    return POSTING_TEXTS.get(kind) or TYPE_TEXTS[line_type]
