"""Top-ups of which a part went back at the gateway before we looked: an operator finds out."""

import pytest

from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.reconciliation_line import Finding
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.services.topups import crediting
from tests.scenarios.reconciliation_scenario import SUM, ReconciliationScenario
from tests.world.network import Network

GATEWAYS = ["khalti", "esewa", "stripe"]
PART = PaymentStatus(PaymentState.PARTLY_REFUNDED, "t1", SUM, reason="partially_refunded", refunded_paisa=12_000)
PART_WITHOUT_AMOUNT = PaymentStatus(PaymentState.PARTLY_REFUNDED, "t1", SUM, reason="partial_refund")
DISPUTED = PaymentStatus(PaymentState.DISPUTED, "t1", SUM, reason="charge_disputed")
LOOKS = [PART, PART_WITHOUT_AMOUNT, DISPUTED]


@pytest.fixture
def gateway_day(network: Network) -> ReconciliationScenario:
    scenario = ReconciliationScenario(network)
    scenario.close_previous_days()
    return scenario


def looked_up(gateway_day: ReconciliationScenario, payment_status: PaymentStatus, gateway: str) -> Intent:
    intent = gateway_day.opened(gateway)
    gateway_day.gateway_reports(intent, payment_status)
    return crediting.refresh_from_gateway(gateway_day.world, intent).intent


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("payment_status", LOOKS)
def test_a_partly_refunded_payment_needs_review(
    gateway: str,
    payment_status: PaymentStatus,
    gateway_day: ReconciliationScenario,
    capsys: pytest.CaptureFixture[str],
) -> None:
    intent = looked_up(gateway_day, payment_status, gateway)
    assert (intent.state, intent.reason) == (IntentState.NEEDS_REVIEW, payment_status.state.value)
    assert intent.needs_review
    assert (intent.reported_paisa, intent.reported_refunded_paisa) == (SUM, payment_status.refunded_paisa)
    for _ in range(3):
        crediting.refresh_from_gateway(gateway_day.world, gateway_day.now(intent), by_hand=True)
    gateway_day.fake_world.clock.advance(hours=80)
    crediting.sweep(gateway_day.world)
    assert gateway_day.now(intent).needs_review
    assert capsys.readouterr().out.count(f'"fact":"{Alarm.INTENT_NEEDS_REVIEW}"') == 1
    assert gateway_day.network.books_balance()


@pytest.mark.parametrize("payment_status", LOOKS)
@pytest.mark.parametrize("state", ["cancelled", "expired", "unresolved"])
def test_an_ended_intent_needs_review_too(
    state: str, payment_status: PaymentStatus, gateway_day: ReconciliationScenario
) -> None:
    intent = gateway_day.opened("esewa")
    if state != "cancelled":
        payment_state = PaymentState.UNPAID if state == "expired" else PaymentState.PENDING
        gateway_day.gateway_reports(intent, PaymentStatus(payment_state))
        for _ in range(80):
            gateway_day.fake_world.clock.advance(hours=1)
            crediting.sweep(gateway_day.world)
    gateway_day.gateway_reports(intent, payment_status)
    crediting.refresh_from_gateway(gateway_day.world, gateway_day.now(intent))
    current = gateway_day.now(intent)
    assert (current.state, current.reason) == (IntentState.NEEDS_REVIEW, payment_status.state.value)


def test_a_payment_that_went_back_whole_failed_as_refunded(gateway_day: ReconciliationScenario) -> None:
    intent = gateway_day.opened()
    gateway_day.fake_world.clock.advance(hours=1)
    gateway_day.gateway_reports(intent, PaymentStatus(PaymentState.REFUNDED, "t1", SUM, reason="refunded"))
    current = crediting.refresh_from_gateway(gateway_day.world, intent).intent
    assert (current.state, current.reason) == (IntentState.FAILED, "refunded")


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_report_has_a_line_with_the_sums_of_a_partly_refunded_payment(
    gateway: str, gateway_day: ReconciliationScenario
) -> None:
    intent = looked_up(gateway_day, PART, gateway)
    gateway_day.next_day()
    gateway_day.reconcile()
    line = gateway_day.lines(gateway)[intent.intent_id]
    assert (line.finding, line.reason, line.our_state, line.their_state) == (
        Finding.THEIRS_ONLY,
        "partly_refunded",
        "disputed",
        "partly_refunded",
    )
    assert (line.ours_paisa, line.theirs_paisa, line.refunded_paisa) == (None, SUM - 12_000, 12_000)
