"""Top-ups are credited once, by the gateway's own status, or never."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.rewards import points
from chalicelib.services.topups import crediting, payment_events
from chalicelib.services.topups import intents as topup_intents
from chalicelib.tables.intents import IntentRow
from tests.world.builders import account
from tests.world.payer import SUM, Payer


def everybody_asks(payer: Payer, intent: Intent) -> None:
    payer.verify(intent)
    payment_events.handle_payment_event(payer.world, intent.user_id, intent.intent_id)
    crediting.sweep(payer.world)
    crediting.refresh_from_gateway(payer.world, intent)


def test_a_payment_is_credited_once_by_any_check(payer: Payer) -> None:
    intent = payer.open()
    payer.pay()
    everybody_asks(payer, intent)
    payer.network.fake_world.clock.advance(days=2)
    everybody_asks(payer, intent)
    assert payer.wallet == SUM
    assert payer.stored(intent).state is IntentState.SUCCESS
    payer.network.deliver_messages()
    assert account(payer.user).points == 50 + 50
    assert payer.network.books_balance()


def test_points_for_a_topup_are_awarded_once(payer: Payer) -> None:
    intent = payer.open()
    payer.pay()
    payer.verify(intent)
    bodies = payer.network.fake_world.queues.take(outbox_messages.POINTS)
    award_bodies = [body for body in bodies if body["source"] == "topup"]
    assert [points.award(payer.world, body) for body in award_bodies * 3] == [True, False, False]


@pytest.mark.parametrize("wrong", [{"paisa": SUM - 1}, {"paisa": SUM + 1}, {"merchant": False}])
def test_a_mismatch_needs_review_and_credits_nothing(payer: Payer, wrong: dict[str, int]) -> None:
    intent = payer.open()
    payer.pay(**wrong)  # type: ignore[arg-type]
    everybody_asks(payer, intent)
    assert payer.wallet == 0
    assert payer.stored(intent).state is IntentState.NEEDS_REVIEW
    assert payer.network.books_balance()


def test_a_payment_without_a_reference_needs_review_and_credits_nothing(payer: Payer) -> None:
    intent = payer.open()
    payer.khalti.payment_status = PaymentStatus(PaymentState.PAID, None, SUM)
    assert payer.verify(intent).reason == "no_reference"
    assert payer.wallet == 0


def test_a_payment_used_for_one_intent_credits_no_other(payer: Payer) -> None:
    first, second = payer.open(), payer.open()
    payer.pay(reference="one-and-the-same")
    assert payer.verify(first).state is IntentState.SUCCESS
    assert payer.verify(second).state is IntentState.NEEDS_REVIEW
    assert payer.wallet == SUM
    assert payer.network.books_balance()


def test_money_after_a_cancel_is_credited(payer: Payer) -> None:
    intent = payer.open()
    caller = payer.network.sessions[payer.user].caller(
        payer.world, *topup_intents.prefetch_keys(intent.user_id, intent.intent_id)
    )
    assert topup_intents.cancel(payer.world, caller, intent.intent_id).state is IntentState.CANCELLED
    payer.pay()
    assert payer.verify(intent).state is IntentState.SUCCESS
    assert payer.wallet == SUM
    caller = payer.network.sessions[payer.user].caller(
        payer.world, *topup_intents.prefetch_keys(intent.user_id, intent.intent_id)
    )
    with pytest.raises(Problem, match="intent_not_cancellable"):
        topup_intents.cancel(payer.world, caller, intent.intent_id)


def test_an_expired_intent_stays_failed_with_and_without_the_sweep(payer: Payer) -> None:
    intent = payer.open()
    payer.gateway_reports(PaymentState.UNPAID)
    payer.network.fake_world.clock.advance(minutes=31)
    for _ in range(2):
        with pytest.raises(Problem, match="intent_not_cancellable"):
            topup_intents.cancel(payer.world, payer.caller(intent), intent.intent_id)
        assert payer.stored(intent).shown_state(payer.world.now()) == (IntentState.FAILED, "expired")
        crediting.sweep(payer.world)


def test_money_after_expiry_is_credited(payer: Payer) -> None:
    intent = payer.open()
    payer.network.fake_world.clock.advance(minutes=31)
    payer.gateway_reports(PaymentState.PENDING)
    crediting.sweep(payer.world)
    assert (payer.stored(intent).state, payer.stored(intent).reason) == (IntentState.FAILED, "expired")
    payer.pay()
    payer.network.fake_world.clock.advance(hours=1)
    crediting.sweep(payer.world)
    assert payer.wallet == SUM
    assert payer.network.books_balance()


@pytest.mark.long
@pytest.mark.parametrize("state", [PaymentState.UNKNOWN, PaymentState.PENDING])
def test_an_unknown_status_is_checked_at_growing_intervals_for_three_days(payer: Payer, state: PaymentState) -> None:
    intent = payer.open()
    payer.gateway_reports(state)
    looks = []
    for _ in range(5 * 24 * 60 // 10):
        payer.network.fake_world.clock.advance(minutes=10)
        if crediting.sweep(payer.world):
            looks.append(payer.world.now() - intent.created_at)
    gaps = [later - earlier for earlier, later in itertools.pairwise(looks)]
    assert gaps == sorted(gaps)
    assert timedelta(hours=60) < looks[-1] <= timedelta(hours=72)
    assert payer.stored(intent).next_check_at is None
    assert (payer.stored(intent).state, payer.stored(intent).reason) == (IntentState.NEEDS_REVIEW, "unresolved")
    payer.pay()
    assert payer.verify(intent).state is IntentState.SUCCESS
    assert payer.network.books_balance()


def test_an_intent_at_a_retired_gateway_goes_to_review(payer: Payer) -> None:
    intent = payer.open("stripe")
    payer.world = replace(payer.world, gateways={"khalti": payer.khalti})
    assert payer.verify(intent).state is IntentState.PENDING
    for _ in range(80):
        payer.network.fake_world.clock.advance(hours=1)
        crediting.sweep(payer.world)
    assert (payer.stored(intent).state, payer.stored(intent).reason) == (IntentState.NEEDS_REVIEW, "unresolved")


def test_a_failing_check_delays_no_other_intent(payer: Payer) -> None:
    broken, sound = payer.open(), payer.open()
    IntentRow(broken.user_id, broken.intent_id).update([IntentRow.gateway.set("gone")])
    payer.pay()
    payer.network.fake_world.clock.advance(minutes=2)
    payments_due = crediting.sweep(payer.world)
    assert payments_due == 2
    assert payer.stored(sound).state is IntentState.SUCCESS
