"""Reversals: the amount that an operator may decide, and whom restored money belongs to."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.payments.reversal import Reversal, ReversalSplit, ReversalState
from chalicelib.domain.problems.problems import Problem

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_decisions_without_a_sum_of_the_gateway_never_exceed_the_topup() -> None:
    reversal = Reversal("user", "intent", "khalti", 100, "refunded", NOW, settled_paisa=30)
    assert reversal.amount_to_settle(70) == 70
    for amount_paisa in (0, 71, None):
        with pytest.raises(Problem, match="invalid_input"):
            reversal.amount_to_settle(amount_paisa)


@pytest.mark.parametrize(
    ("still_reversed_paisa", "split"),
    [
        (80, ReversalSplit(0, 0, 20)),
        (60, ReversalSplit(0, 10, 30)),
        (0, ReversalSplit(50, 20, 30)),
    ],
)
def test_restored_money_covers_our_loss_then_the_due_then_the_wallet(
    still_reversed_paisa: int, split: ReversalSplit
) -> None:
    decided = Reversal(
        "user",
        "intent",
        "khalti",
        100,
        "disputed",
        NOW,
        still_reversed_paisa,
        ReversalState.DECIDED,
        settled_paisa=100,
        wallet_paisa=50,
        due_paisa=20,
        loss_paisa=30,
    )
    assert decided.restored_split() == split
