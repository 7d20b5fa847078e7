"""The intent's states: every move against a table written by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.problems.illegal_move import IllegalMove

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
INTENT = Intent("i", "u", "khalti", 1_000, "i-1", NOW, NOW + timedelta(minutes=30))
INTENT_VERBS = {
    "credited": lambda intent: intent.credited(PaymentStatus(PaymentState.PAID, "r", 1_000), NOW),
    "disputed": lambda intent: intent.sent_to_review("wrong_amount", NOW, PaymentStatus(PaymentState.PAID, "r", 999)),
    "failed": lambda intent: intent.failed("expired"),
    "cancelled": lambda intent: intent.cancelled(),
}
INTENT_LEGAL = {
    "pending": {"credited", "disputed", "failed", "cancelled"},
    "failed": {"credited", "disputed"},
    "cancelled": {"credited", "disputed"},
    "success": set(),
    "disputed": {"credited", "disputed"},
}


@pytest.mark.parametrize(("state", "verb"), list(product(IntentState, INTENT_VERBS)))
def test_an_intent_makes_only_the_moves_of_the_table(state: IntentState, verb: str) -> None:
    intent = replace(INTENT, state=state)
    if verb in INTENT_LEGAL[state.value]:
        text = {"credited": "success"}.get(verb, verb)
        assert INTENT_VERBS[verb](intent).state.value == text
    else:
        with pytest.raises(IllegalMove):
            INTENT_VERBS[verb](intent)


def test_an_intent_past_its_time_is_shown_as_expired() -> None:
    assert INTENT.shown_state(NOW)[0] is IntentState.PENDING
    assert INTENT.shown_state(INTENT.expires_at) == (IntentState.FAILED, "expired")
