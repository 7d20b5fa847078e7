"""Texts of top-ups that failed. The API shows the reason as a code and as a text."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.text.texts import Text

TOPUP_TEXTS: Mapping[str, Text] = {
    "expired": Text(
        "The time to pay ran out. If you paid, the money will still be added.",
        "तिर्ने समय सकियो। तिर्नुभएको भए रकम वालेटमा थपिन्छ।",
    ),
    "cancelled_by_user": Text("You cancelled this top-up.", "तपाईंले यो टप-अप रद्द गर्नुभयो।"),
}
TOPUP_FAILED = Text(
    "The payment did not go through. If money was taken, it will be added.",
    "भुक्तानी भएन। रकम काटिएको भए वालेटमा थपिन्छ।",
)
"""For every other reason: most are codes of the gateway."""
TOPUP_IN_REVIEW = Text("We are checking your top-up. Please wait.", "हामी तपाईंको टप-अप जाँच्दै छौँ। कृपया पर्खनुहोस्।")


def topup_text(intent: Intent, now: datetime) -> Text | None:
    """What a customer reads about a failed, cancelled or reviewed top-up. None for any other."""
    state, reason = intent.shown_state(now)
    if state is IntentState.NEEDS_REVIEW:
        return TOPUP_IN_REVIEW if intent.needs_review else None
    if state not in (IntentState.FAILED, IntentState.CANCELLED):
        return None
    return TOPUP_TEXTS.get(reason or "", TOPUP_FAILED)
