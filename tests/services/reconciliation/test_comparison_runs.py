"""Reports over several runs: any number of runs gives the same result."""

import itertools
import random
from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.payments.payment_gateway import GatewayPayment, PaymentState, PaymentStatus
from chalicelib.domain.payments.reconciliation import ReportState
from chalicelib.domain.payments.reconciliation_line import Finding
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.text.days import start_of_day
from chalicelib.services.reconciliation import comparison
from chalicelib.services.topups import crediting
from infra.local.aws.storage_faults import FaultsEach, StorageFaults
from infra.local.simulation import Simulation
from tests.engines.counting import counted
from tests.scenarios.reconciliation_scenario import SILENT, SUM, ReconciliationScenario, all_reports
from tests.world.log_lines import alarms
from tests.world.network import Network


def test_an_unavailable_gateway_is_asked_for_a_week(
    gateway_day: ReconciliationScenario, log_output: StringIO
) -> None:
    silent = gateway_day.credited()
    gateway_day.gateway_reports(silent, SILENT)
    gateway_day.next_day()
    gateway_day.reconcile()
    for _ in range(3):
        gateway_day.fake_world.clock.advance(hours=1)
        gateway_day.reconcile()
    assert (gateway_day.report().state, gateway_day.counts()) == (ReportState.RUNNING, {Finding.UNKNOWN: 1})
    gateway_day.fake_world.clock.advance(days=7)
    gateway_day.reconcile()
    assert (gateway_day.report().state, gateway_day.counts()) == (ReportState.DONE, {Finding.UNKNOWN: 1})
    assert [item["about"] for item in alarms(log_output, Alarm.RECONCILIATION_UNANSWERED)] == [
        gateway_day.report().name
    ]
    assert alarms(log_output, Alarm.RECONCILIATION_DIFFERS) == []


def test_a_recovered_gateway_completes_the_report(gateway_day: ReconciliationScenario) -> None:
    silent = gateway_day.credited()
    gateway_day.gateway_reports(silent, SILENT)
    gateway_day.next_day()
    gateway_day.reconcile()
    gateway_day.gateway_reports(silent, PaymentStatus(PaymentState.PAID, f"paid-{silent.intent_id}", SUM))
    gateway_day.fake_world.clock.advance(hours=1)
    gateway_day.reconcile()
    assert (gateway_day.report().state, gateway_day.counts()) == (ReportState.DONE, {Finding.MATCHED: 1})


def test_an_unavailable_list_delays_its_own_report_only(gateway_day: ReconciliationScenario) -> None:
    gateway_day.credited("stripe")
    gateway_day.gateway_lists()
    gateway_day.credited()
    gateway_day.fake_world.stripe.list_unavailable = True
    gateway_day.next_day()
    gateway_day.reconcile()
    assert gateway_day.report("khalti").state is ReportState.DONE
    assert (gateway_day.report("stripe").state, gateway_day.counts("stripe")) == (ReportState.RUNNING, {})
    gateway_day.fake_world.stripe.list_unavailable = False
    gateway_day.reconcile()
    assert (gateway_day.report("stripe").state, gateway_day.counts("stripe")) == (
        ReportState.DONE,
        {Finding.MATCHED: 1},
    )


@pytest.mark.parametrize("every", [2, 3])
def test_a_report_is_done_though_its_transactions_meet_others(
    gateway_day: ReconciliationScenario, every: int
) -> None:
    gateway_day.credited()
    gateway_day.next_day()
    faults = StorageFaults(Simulation(), FaultsEach(conflict=every))
    faults.start()
    try:
        gateway_day.reconcile()
    finally:
        faults.stop()
    assert gateway_day.report().state is ReportState.DONE


def test_differences_raise_one_alarm_a_report_and_name_the_payments(
    gateway_day: ReconciliationScenario, log_output: StringIO
) -> None:
    lost = gateway_day.paid()
    gateway_day.paid()
    gateway_day.gateway_reports(gateway_day.credited(), SILENT)
    gateway_day.next_day()
    for _ in range(3):
        gateway_day.reconcile()
        gateway_day.fake_world.clock.advance(hours=1)
    assert len(alarms(log_output, Alarm.RECONCILIATION_DIFFERS)) == 1
    intent_ids = [item["intent_id"] for item in alarms(log_output, Alarm.PAID_NOT_CREDITED)]
    assert len(intent_ids) == 2
    assert lost.intent_id in intent_ids


def test_a_credit_during_the_query_is_no_difference(gateway_day: ReconciliationScenario) -> None:
    lost = gateway_day.paid()
    gateway_day.next_day()
    khalti, look = gateway_day.fake_world.khalti, gateway_day.fake_world.khalti.fetch_payment

    def fetch_then_sweep(intent: Intent) -> PaymentStatus:
        """A gateway whose payment the sweep credits right after its answer."""
        payment_status = look(intent)
        if intent.state is IntentState.PENDING:
            khalti.fetch_payment = look  # type: ignore[method-assign]
            crediting.refresh_from_gateway(gateway_day.world, intent)
        return payment_status

    khalti.fetch_payment = fetch_then_sweep  # type: ignore[method-assign]
    gateway_day.reconcile()
    assert gateway_day.finding(lost) is Finding.MATCHED


@pytest.mark.long
@pytest.mark.parametrize("runs", [1, 2, 10])
def test_repeated_runs_give_the_same_report(gateway_day: ReconciliationScenario, runs: int) -> None:
    a_busy_day(gateway_day)
    for _ in range(runs):
        gateway_day.reconcile()
    assert gateway_day.report().state is ReportState.DONE
    assert gateway_day.counts() == {Finding.MATCHED: 12, Finding.OURS_ONLY: 3, Finding.THEIRS_ONLY: 3}
    with counted() as calls:
        assert gateway_day.reconcile() == 0
    assert calls.calls[0] == "BatchGetItem"
    assert set(calls.calls) == {"BatchGetItem", "Query"}


def a_busy_day(gateway_day: ReconciliationScenario) -> None:
    for number in range(18):
        intent = gateway_day.paid() if number % 6 == 0 else gateway_day.credited()
        if number % 6 == 1:
            gateway_day.gateway_reports(intent, PaymentStatus(PaymentState.REFUNDED))
    gateway_day.next_day()


def test_a_run_with_little_time_continues_the_last_one(gateway_day: ReconciliationScenario) -> None:
    a_busy_day(gateway_day)
    gateway_day.fake_world.khalti.fetched.clear()
    runs = 0
    while runs == 0 or gateway_day.report().state is ReportState.RUNNING:
        seconds_left = itertools.count(45, -1)
        comparison.run(gateway_day.world, lambda seconds_left=seconds_left: float(next(seconds_left)))  # type: ignore[misc]
        runs += 1
        assert runs < 60
    assert runs > 2
    assert gateway_day.counts() == {Finding.MATCHED: 12, Finding.OURS_ONLY: 3, Finding.THEIRS_ONLY: 3}
    assert sorted(gateway_day.fake_world.khalti.fetched) == sorted(gateway_day.lines())


def test_a_run_without_time_asks_no_gateway(gateway_day: ReconciliationScenario) -> None:
    a_busy_day(gateway_day)
    gateway_day.fake_world.khalti.fetched.clear()
    gateway_day.reconcile(seconds=0)
    assert gateway_day.fake_world.khalti.fetched == []


def test_missed_days_are_compared_up_to_a_week_back(network: Network) -> None:
    gateway_day = ReconciliationScenario(network)
    gateway_day.credited()
    first = gateway_day.day
    gateway_day.fake_world.clock.advance(days=4)
    gateway_day.reconcile()
    days = [(first + timedelta(days=number)).isoformat() for number in range(-3, 4)]
    reports = all_reports(days, ["khalti", "esewa", "stripe"])
    assert len(reports) == 21
    assert {report.state for report in reports} == {ReportState.DONE}
    assert gateway_day.counts() == {Finding.MATCHED: 1}


def test_a_day_is_compared_after_its_last_intents_expired(
    gateway_day: ReconciliationScenario,
) -> None:
    gateway_day.credited()
    gateway_day.fake_world.clock.at = start_of_day(gateway_day.day + timedelta(days=1)) + timedelta(minutes=59)
    gateway_day.reconcile()
    assert all_reports([gateway_day.day.isoformat()], ["khalti"]) == []
    gateway_day.fake_world.clock.advance(minutes=1)
    gateway_day.reconcile()
    assert gateway_day.report().state is ReportState.DONE


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_any_day_has_one_line_per_payment_and_correct_sums(gateway_day: ReconciliationScenario, seed: int) -> None:
    dice = random.Random(seed)
    intents = []
    gateway_day.allow_open_topups(25)
    for _ in range(25):
        intent = dice.choice([gateway_day.credited, gateway_day.paid, gateway_day.opened])("stripe")
        if dice.random() < 0.4:
            state = dice.choice([PaymentState.PAID, PaymentState.REFUNDED, PaymentState.FAILED, PaymentState.UNPAID])
            gateway_day.gateway_reports(
                intent, PaymentStatus(state, f"paid-{intent.intent_id}", dice.choice([SUM, SUM + 1]))
            )
        intents.append(intent)
        if dice.random() < 0.7:
            gateway_day.gateway_lists(gateway_day.listing(intent))
    strangers = [
        GatewayPayment(
            f"cs_{n}",
            gateway_day.world.now(),
            PaymentStatus(dice.choice([PaymentState.PAID, PaymentState.UNPAID]), f"pi_{n}", 100),
        )
        for n in range(5)
    ]
    gateway_day.gateway_lists(*strangers)
    gateway_day.next_day()
    gateway_day.reconcile()
    report, lines = gateway_day.report("stripe"), gateway_day.lines("stripe")
    assert set(lines) == {intent.intent_id for intent in intents} | {payment.reference for payment in strangers}
    assert report.lines_count == len(intents) + len(strangers)
    credited = sum(SUM for intent in intents if gateway_day.now(intent).state is IntentState.SUCCESS)
    assert sum(total.ours_paisa for total in report.totals.values()) == credited
    assert report.state is ReportState.DONE
