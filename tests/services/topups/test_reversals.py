"""Payments that go back at the gateway after the credit: the daily check lists each once, with one alarm."""

from dataclasses import replace
from functools import partial
from io import StringIO
from typing import Any

import pytest

from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.services.reconciliation import reversal_checks
from chalicelib.services.topups import payment_events
from chalicelib.world import Unavailable
from tests.scenarios.reconciliation_scenario import SUM
from tests.scenarios.refund_scenario import RefundScenario
from tests.scenarios.reversal_scenario import CANCELED, DISPUTED, PART, PART_WITHOUT_AMOUNT, WHOLE, ReversalScenario
from tests.world.log_lines import alarms
from tests.world.network import Network

GATEWAYS = ["khalti", "esewa", "stripe"]


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize(
    ("payment_status", "reason", "reversed_paisa"),
    [
        (WHOLE, "refunded", SUM),
        (PART, "partly_refunded", 12_000),
        (PART_WITHOUT_AMOUNT, "partly_refunded", None),
        (DISPUTED, "disputed", SUM),
        (CANCELED, "reversed", SUM),
    ],
)
def test_a_credited_payment_that_goes_back_is_one_line_and_one_alarm(
    gateway: str,
    payment_status: PaymentStatus,
    reason: str,
    reversed_paisa: int | None,
    reversal_day: ReversalScenario,
    log_output: StringIO,
) -> None:
    intent = reversal_day.credited(gateway)
    reversal_day.check_daily()
    assert reversal_day.listed() == []
    reversal_day.goes_back(intent, payment_status)
    reversal_day.check_daily()
    (line,) = reversal_day.listed()
    assert (line.intent_id, line.gateway, line.reason) == (intent.intent_id, gateway, reason)
    assert (line.reversed_paisa, line.outstanding_paisa) == (reversed_paisa, reversed_paisa)
    assert [alarm["intent_id"] for alarm in alarms(log_output, Alarm.PAYMENT_REVERSED)] == [intent.intent_id]
    assert reversal_day.wallet == SUM
    assert reversal_day.books_balance()


@pytest.mark.parametrize(("days", "count"), [(1, 1), (40, 1), (89, 1), (91, 0)])
def test_the_daily_check_looks_back_ninety_days(days: int, count: int, reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.fake_world.clock.advance(days=days - 1)
    reversal_day.goes_back(intent, WHOLE)
    assert len(reversal_day.listed()) == count


def test_each_credited_payment_is_looked_up_once_a_day(reversal_day: ReversalScenario) -> None:
    credited = [reversal_day.credited().intent_id for _ in range(25)]
    reversal_day.check_daily()
    reversal_day.fake_world.khalti.fetched.clear()
    for _ in range(5):
        reversal_checks.run(reversal_day.world, lambda: 900.0)
    assert reversal_day.fake_world.khalti.fetched == []
    reversal_day.fake_world.clock.advance(days=1)
    for seconds_left in (900.0, 10.0, 900.0):
        reversal_checks.run(reversal_day.world, partial(float, seconds_left))
    assert sorted(reversal_day.fake_world.khalti.fetched) == sorted(credited)


def test_a_check_without_enough_time_goes_on_the_next_day(reversal_day: ReversalScenario) -> None:
    khalti_only = replace(reversal_day.world, gateways={"khalti": reversal_day.world.gateways["khalti"]})
    credited = [reversal_day.credited().intent_id for _ in range(25)]
    reversal_day.fake_world.khalti.fetched.clear()
    for _ in range(20):
        reversal_day.fake_world.clock.advance(days=1)
        seconds_left = iter([900.0, 900.0])
        reversal_checks.run(khalti_only, partial(next, seconds_left, 0.0))
    assert set(reversal_day.fake_world.khalti.fetched) == set(credited)


@pytest.mark.parametrize("slow", GATEWAYS)
def test_a_slow_gateway_delays_the_check_of_no_other(slow: str, reversal_day: ReversalScenario) -> None:
    credited = {name: [reversal_day.credited(name).intent_id for _ in range(12)] for name in GATEWAYS}
    left = [900.0]
    for name in GATEWAYS:
        reversal_day.gateway(name).fetched.clear()
    answer = reversal_day.gateway(slow).fetch_payment

    def slow_answer(intent: Intent) -> PaymentStatus:
        left[0] -= 40
        return answer(intent)

    reversal_day.gateway(slow).fetch_payment = slow_answer  # type: ignore[method-assign]
    reversal_day.fake_world.clock.advance(days=1)
    reversal_checks.run(reversal_day.world, lambda: left[0])
    for name in GATEWAYS:
        assert name == slow or sorted(reversal_day.gateway(name).fetched) == sorted(credited[name])
    for _ in range(12):
        left[0] = 900.0
        reversal_checks.run(reversal_day.world, lambda: left[0])
    assert sorted(reversal_day.gateway(slow).fetched) == sorted(credited[slow])


def test_an_unanswered_look_up_finds_nothing_until_the_next_day(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.goes_back(intent, PaymentStatus(PaymentState.UNKNOWN))
    assert reversal_day.listed() == []
    reversal_day.goes_back(intent, WHOLE)
    assert len(reversal_day.listed()) == 1


def test_an_event_of_a_reversal_looks_the_credited_payment_up(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited("stripe")
    reversal_day.gateway_reports(intent, DISPUTED)
    payment_events.handle_payment_event(reversal_day.world, intent.user_id, intent.intent_id)
    assert reversal_day.listed() == []
    for _ in range(3):
        payment_events.handle_payment_event(reversal_day.world, intent.user_id, intent.intent_id, is_reversal=True)
    assert len(reversal_day.listed()) == 1
    reversal_day.gateway_reports(intent, PaymentStatus(PaymentState.UNKNOWN))
    with pytest.raises(Unavailable):
        payment_events.handle_payment_event(reversal_day.world, intent.user_id, intent.intent_id, is_reversal=True)


def refunded(network: Network, method: str | None, returned: PaymentStatus, **grant: Any) -> ReversalScenario:
    """A top-up that we refunded, and that the gateway reports as `returned`."""
    scenario = RefundScenario(network)
    transaction = scenario.top_up(SUM, "esewa" if method else "khalti")
    refund = scenario.request_refund(transaction)
    reversal_day = ReversalScenario(network)
    reversal_day.user = scenario.user
    fake: Any = scenario.world.gateways["esewa" if method else "khalti"]
    fake.payment_statuses[str(refund.intent_id)] = WHOLE
    reversal_day.check_daily()
    assert reversal_day.listed() == []
    scenario.approve(refund, **grant)
    scenario.send()
    fake.payment_statuses[str(refund.intent_id)] = returned
    return reversal_day


@pytest.mark.parametrize("returned", [WHOLE, PART, PART_WITHOUT_AMOUNT])
def test_our_own_refund_is_no_reversal(returned: PaymentStatus, network: Network) -> None:
    reversal_day = refunded(network, None, returned)
    reversal_day.check_daily()
    assert reversal_day.listed() == []


def test_a_refund_paid_by_hand_in_the_portal_is_no_reversal(network: Network) -> None:
    reversal_day = refunded(network, "by_hand", WHOLE, reference="000AWEO")
    reversal_day.check_daily()
    assert reversal_day.listed() == []
