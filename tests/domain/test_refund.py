"""The refund's states: every move against a table written by hand; its ids; its points."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState, owner_of, refund_id_of
from chalicelib.domain.payments.refund_method import choose_method
from chalicelib.domain.payments.refund_totals import RefundAmount, RefundTotals
from chalicelib.domain.payments.transaction_id import seq_of, transaction_id
from chalicelib.domain.problems.illegal_move import IllegalMove
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rewards.point_rules import topup_points_kept

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
HERE = ("khalti", "esewa", "stripe")
REFUND = Refund("R-u", "u", 1, 50_000, 50, "by mistake", "u", NOW, intent_id="i", gateway="khalti")
VERBS: dict[str, Callable[[Refund], Refund]] = {
    "approved": lambda refund: refund.approved(RefundMethod.GATEWAY, 0),
    "rejected": lambda refund: refund.rejected(NOW),
    "processed": lambda refund: refund.processed(NOW, "theirs"),
    "failed": lambda refund: refund.failed(NOW, "refused"),
    "sent": lambda refund: refund.sent(NOW, NOW),
}
LEGAL = {
    ("requested", "approved"): "approved",
    ("requested", "rejected"): "rejected",
    ("approved", "sent"): "approved",
    ("approved", "processed"): "processed",
    ("approved", "failed"): "failed",
}


@pytest.mark.parametrize(("state", "verb"), list(product(RefundState, VERBS)))
def test_a_refund_makes_only_the_moves_of_the_table(state: RefundState, verb: str) -> None:
    refund = replace(REFUND, state=state)
    expected = LEGAL.get((state.value, verb))
    if expected is None:
        with pytest.raises(IllegalMove):
            VERBS[verb](refund)
    else:
        assert VERBS[verb](refund).state == expected


def test_a_refund_is_sent_once() -> None:
    sent = replace(REFUND, state=RefundState.APPROVED).sent(NOW, NOW)
    with pytest.raises(IllegalMove):
        sent.sent(NOW, NOW)


@pytest.mark.parametrize("state", list(RefundState))
def test_only_a_requested_refund_is_decided_and_not_by_its_requester(state: RefundState) -> None:
    refund = replace(REFUND, state=state, requested_by="operator")
    if state is not RefundState.REQUESTED:
        with pytest.raises(Problem, match="refund_already_decided"):
            refund.decided(by="another", at=NOW, notes=None)
        return
    for own in ("operator", "u"):
        with pytest.raises(Problem, match="refund_own_request"):
            refund.decided(by=own, at=NOW, notes=None)
    assert refund.decided(by="another", at=NOW, notes="n").decided_by == "another"


def test_refund_totals_hold_one_open_request_and_the_refunded_sum() -> None:
    totals = RefundTotals("u", 1).with_open_request("first")
    with pytest.raises(Problem, match="refund_open"):
        totals.with_open_request("second")
    amounts = (
        totals.add(RefundAmount(300, 3)).without_open_request().with_open_request("second").add(RefundAmount(200, 2))
    )
    assert (amounts.refunded_paisa, amounts.refunded_points) == (500, 5)
    back = amounts.subtract(RefundAmount(200, 2)).without_open_request()
    assert (back.refunded_paisa, back.refunded_points, back.open_refund_id) == (300, 3, None)
    assert (
        back.paid_out_paisa,
        amounts.mark_paid_out(RefundAmount(200, 2)).mark_paid_out(RefundAmount(300, 3)).paid_out_paisa,
    ) == (0, 500)


def test_checks_grow_apart_and_end_after_three_days() -> None:
    refund, at = replace(REFUND, state=RefundState.APPROVED, decided_at=NOW).sent(NOW, NOW), NOW
    gaps = []
    while refund.next_check_at is not None:
        refund = refund.check_postponed(at, first_minutes=1, give_up_hours=72)
        if refund.next_check_at is not None:
            gaps.append(refund.next_check_at - at)
            at = refund.next_check_at
    assert gaps == sorted(gaps)
    assert timedelta(hours=60) < at - NOW <= timedelta(hours=72)
    assert refund.needs_manual_close


@pytest.mark.parametrize(
    ("gateway", "method", "reference", "way"),
    [
        ("khalti", None, None, RefundMethod.GATEWAY),
        ("stripe", None, None, RefundMethod.GATEWAY),
        ("esewa", None, "x", RefundMethod.BY_HAND),
        ("khalti", RefundMethod.BY_HAND, "x", RefundMethod.BY_HAND),
        ("esewa", None, None, None),
        ("esewa", RefundMethod.GATEWAY, "x", None),
        ("khalti", RefundMethod.WALLET, "x", None),
        ("khalti", RefundMethod.BY_HAND, "", None),
        (None, None, None, RefundMethod.WALLET),
        (None, RefundMethod.WALLET, None, RefundMethod.WALLET),
        (None, RefundMethod.GATEWAY, "x", None),
        (None, RefundMethod.BY_HAND, "x", None),
    ],
)
def test_each_payment_has_its_refund_method(
    gateway: str | None, method: RefundMethod | None, reference: str | None, way: RefundMethod | None
) -> None:
    refund = replace(REFUND, gateway=gateway, rental_id=None if gateway else "r")
    if way is None:
        with pytest.raises(Problem, match="invalid_input"):
            choose_method(refund, method, reference, configured_gateways=HERE)
    else:
        assert choose_method(refund, method, reference, configured_gateways=HERE) is way


def test_a_refund_id_names_its_user_and_other_text_is_rejected() -> None:
    assert owner_of(refund_id_of("01M8", "u")) == "u"
    assert owner_of("nonsense") == ""
    assert seq_of("u", transaction_id("u", 7)) == 7
    for text in ("v-7", "u-", "u-07", "u-0", "u--7", "u-+7", "u-७", "u-7 ", "u-1e3", "u-" + "9" * 20, "", "-"):
        assert seq_of("u", text) is None


@given(rate=st.integers(0, 50), paisa=st.integers(1, 10**7), cuts=st.lists(st.integers(0, 10**7), max_size=6))
def test_a_topup_refunded_in_parts_loses_exactly_its_points(rate: int, paisa: int, cuts: list[int]) -> None:
    earned = paisa // 10_000 * rate
    marks = [paisa, *sorted((cut % (paisa + 1) for cut in cuts), reverse=True), 0]
    points = [
        topup_points_kept(earned, paisa, above) - topup_points_kept(earned, paisa, below)
        for above, below in pairwise(marks)
    ]
    assert sum(points) == earned
    assert min(points) >= 0
