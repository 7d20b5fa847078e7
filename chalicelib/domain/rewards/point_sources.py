"""Where points come from and what they are spent on, read from a posting."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.text.texts import Text


class PointSource(StrEnum):
    """Why points changed."""

    SIGNUP = "signup"
    TOPUP = "topup"
    RENTAL_COMPLETED = "rental_completed"
    ON_TIME_RETURN = "on_time_return"
    REFERRAL = "referral"
    COUPON = "coupon"
    ACHIEVEMENT = "achievement"
    OTHER = "other"
    RENTAL = "rental"
    EXTENSION = "extension"
    LATE_FEE = "late_fee"
    DUE = "due"
    REFUND = "refund"
    ACCOUNT_CLOSED = "account_closed"


AWARDS = "points:"
"""Every award's id begins so, and goes on with what earned it."""
EARNED: Mapping[str, PointSource] = {
    "signup": PointSource.SIGNUP,
    "topup": PointSource.TOPUP,
    "rental": PointSource.RENTAL_COMPLETED,
    "on_time_return": PointSource.ON_TIME_RETURN,
    "referral": PointSource.REFERRAL,
    "coupon": PointSource.COUPON,
    "achievement": PointSource.ACHIEVEMENT,
}
"""By the second part of an award's id."""
SPENT: Mapping[str, PointSource] = {
    "hold": PointSource.RENTAL,
    "release": PointSource.RENTAL,
    "charge": PointSource.RENTAL,
    "charge_undone": PointSource.RENTAL,
    "cancel": PointSource.RENTAL,
    "extension": PointSource.EXTENSION,
    "late_fee": PointSource.LATE_FEE,
    "pay_due": PointSource.DUE,
    "found": PointSource.DUE,
    "refund": PointSource.REFUND,
    "refund_returned": PointSource.REFUND,
    "forfeit": PointSource.ACCOUNT_CLOSED,
}
"""By the kind of a posting that moves points and awards none."""
OF_RENTALS = frozenset({PointSource.RENTAL, PointSource.EXTENSION, PointSource.LATE_FEE, PointSource.DUE})
OF_RETURNS = frozenset({PointSource.RENTAL_COMPLETED, PointSource.ON_TIME_RETURN})
TEXTS: Mapping[PointSource, Text] = {
    PointSource.SIGNUP: Text("Welcome points", "स्वागत पोइन्ट"),
    PointSource.TOPUP: Text("Points for a top-up", "टप-अप गरेबापतको पोइन्ट"),
    PointSource.RENTAL_COMPLETED: Text("Points for a rental", "पावर बैंक लिएबापतको पोइन्ट"),
    PointSource.ON_TIME_RETURN: Text("Points for returning on time", "समयमै फिर्ता गरेबापतको पोइन्ट"),
    PointSource.REFERRAL: Text("Points for inviting", "साथी बोलाएबापतको पोइन्ट"),
    PointSource.COUPON: Text("Points of a coupon", "कुपनको पोइन्ट"),
    PointSource.ACHIEVEMENT: Text("Points for an achievement", "उपलब्धिको पोइन्ट"),
    PointSource.OTHER: Text("Points", "पोइन्ट"),
    PointSource.RENTAL: Text("Paid for a rental", "पावर बैंक भाडामा तिरेको"),
    PointSource.EXTENSION: Text("Paid for extra time", "थपिएको समयका लागि तिरेको"),
    PointSource.LATE_FEE: Text("Paid as a late fee", "ढिलाइ शुल्कमा तिरेको"),
    PointSource.DUE: Text("Paid for an amount due", "बाँकी रकममा तिरेको"),
    PointSource.REFUND: Text("Taken back with a refund", "रकम फिर्तासँगै घटाइएको"),
    PointSource.ACCOUNT_CLOSED: Text("Given up with the account", "खातासँगै छोडिएको"),
}
GIVEN_BACK = Text("Points given back", "फिर्ता आएको पोइन्ट")
TAKEN_BACK = Text("Points for a rental taken back", "पावर बैंक लिएबापतको पोइन्ट घटाइएको")


@dataclass(frozen=True)
class PointChange:
    """One change of a user's points. `points` are negative for spending and positive for spent points that come back.

    `earned` is True for an award, and for an award that is taken back: then `points` are negative.
    """

    change_id: str
    points: int
    earned: bool
    source: PointSource
    rental_id: str | None
    at: datetime

    @property
    def text(self) -> Text:
        if self.earned:
            return TEXTS[self.source] if self.points > 0 else TAKEN_BACK
        return TEXTS[self.source] if self.points < 0 else GIVEN_BACK


def source_of(kind: str, ref: str) -> PointSource:
    """The source of the points that a posting of this kind about `ref` moves."""
    if kind != "points":
        return SPENT.get(kind, PointSource.OTHER)
    return EARNED.get(ref.removeprefix(AWARDS).partition(":")[0], PointSource.OTHER)


def rental_id_of(source: PointSource, ref: str) -> str | None:
    """The rental that moved the points. None where another thing did."""
    if source in OF_RENTALS:
        return ref
    return ref.rpartition(":")[2] if source in OF_RETURNS else None
