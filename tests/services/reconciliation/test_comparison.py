"""A day's top-ups compared with every gateway: each has one line, also after crashes and time-outs."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.payments.payment_gateway import GatewayPayment, PaymentState, PaymentStatus
from chalicelib.domain.payments.reconciliation import Total
from chalicelib.domain.payments.reconciliation_line import Finding
from chalicelib.domain.payments.topup_intent import IntentState
from chalicelib.domain.text.days import start_of_day
from chalicelib.services.topups import crediting
from chalicelib.tables import intents
from chalicelib.tables.atomic import atomic
from tests.scenarios.reconciliation_scenario import SILENT, SUM, ReconciliationScenario
from tests.scenarios.refund_scenario import RefundScenario
from tests.world.builders import account
from tests.world.network import Network


def test_each_top_up_of_the_day_has_one_line(gateway_day: ReconciliationScenario) -> None:
    matched, open_, disputed = gateway_day.credited(), gateway_day.opened(), gateway_day.credited(paisa=SUM - 100)
    lost, returned, silent = gateway_day.paid(), gateway_day.credited(), gateway_day.credited()
    gateway_day.gateway_reports(returned, PaymentStatus(PaymentState.REFUNDED, reason="refunded"))
    gateway_day.gateway_reports(silent, SILENT)
    gateway_day.next_day()
    gateway_day.reconcile()
    assert {name: line.finding for name, line in gateway_day.lines().items()} == {
        matched.intent_id: Finding.MATCHED,
        open_.intent_id: Finding.MATCHED,
        disputed.intent_id: Finding.THEIRS_ONLY,
        lost.intent_id: Finding.THEIRS_ONLY,
        returned.intent_id: Finding.OURS_ONLY,
        silent.intent_id: Finding.UNKNOWN,
    }
    assert gateway_day.report().totals[Finding.MATCHED] == Total(2, SUM, SUM)
    assert gateway_day.report().totals[Finding.THEIRS_ONLY] == Total(2, 0, 2 * SUM - 100)
    assert gateway_day.report().totals[Finding.OURS_ONLY] == Total(1, SUM, 0)


def test_a_comparison_moves_no_money_and_changes_no_intent(gateway_day: ReconciliationScenario) -> None:
    lost, before = gateway_day.paid(), account(gateway_day.user)
    gateway_day.next_day()
    gateway_day.reconcile()
    assert account(gateway_day.user) == before
    assert gateway_day.now(lost) == lost
    assert lost.state is IntentState.PENDING


def test_another_amount_or_reference_than_the_credit_differs(gateway_day: ReconciliationScenario) -> None:
    less, other = gateway_day.credited(), gateway_day.credited()
    gateway_day.gateway_reports(less, PaymentStatus(PaymentState.PAID, f"paid-{less.intent_id}", SUM - 1))
    gateway_day.gateway_reports(other, PaymentStatus(PaymentState.PAID, "another", SUM))
    gateway_day.next_day()
    gateway_day.reconcile()
    assert gateway_day.counts() == {Finding.DIFFERS: 2}


def test_a_top_up_is_on_the_days_of_its_creation_and_credit(
    gateway_day: ReconciliationScenario,
) -> None:
    late = gateway_day.opened()
    gateway_day.next_day()
    gateway_day.gateway_reports(late, PaymentStatus(PaymentState.PAID, "late", SUM))
    crediting.refresh_from_gateway(gateway_day.world, late)
    gateway_day.next_day()
    gateway_day.reconcile()
    assert gateway_day.finding(late) is Finding.MATCHED
    gateway_day.day += timedelta(days=1)
    assert gateway_day.finding(late) is Finding.MATCHED


def test_a_listed_payment_and_its_intent_share_one_line(gateway_day: ReconciliationScenario) -> None:
    first, second = gateway_day.credited("stripe"), gateway_day.opened("stripe")
    stranger = GatewayPayment("cs_stranger", gateway_day.world.now(), PaymentStatus(PaymentState.PAID, "pi_1", 7_000))
    idle = GatewayPayment("cs_idle", gateway_day.world.now(), PaymentStatus(PaymentState.UNPAID))
    gateway_day.gateway_lists(gateway_day.listing(first), gateway_day.listing(second), stranger, idle)
    gateway_day.next_day()
    gateway_day.reconcile()
    content = {name: line.finding for name, line in gateway_day.lines("stripe").items()}
    assert content == {
        first.intent_id: Finding.MATCHED,
        second.intent_id: Finding.MATCHED,
        "cs_stranger": Finding.THEIRS_ONLY,
        "cs_idle": Finding.MATCHED,
    }
    assert gateway_day.report("stripe").totals[Finding.THEIRS_ONLY] == Total(1, 0, 7_000)


def test_a_listed_payment_is_queried_only_if_it_differs(gateway_day: ReconciliationScenario) -> None:
    same, intent = gateway_day.credited("stripe"), gateway_day.credited("stripe")
    gateway_day.gateway_lists(
        gateway_day.listing(same), gateway_day.listing(intent, PaymentStatus(PaymentState.UNPAID))
    )
    gateway_day.next_day()
    gateway_day.fake_world.stripe.fetched.clear()
    gateway_day.reconcile()
    assert gateway_day.fake_world.stripe.fetched == [intent.intent_id]
    assert gateway_day.counts("stripe") == {Finding.MATCHED: 2}


def test_an_unlisted_intent_is_queried(gateway_day: ReconciliationScenario) -> None:
    forgotten = gateway_day.credited("stripe")
    gateway_day.gateway_lists()
    gateway_day.gateway_reports(forgotten, PaymentStatus(PaymentState.UNPAID))
    gateway_day.next_day()
    gateway_day.reconcile()
    assert gateway_day.finding(forgotten) is Finding.OURS_ONLY


def test_a_second_paid_session_of_an_intent_is_theirs_only(gateway_day: ReconciliationScenario) -> None:
    intent = gateway_day.credited("stripe")
    again = GatewayPayment(
        "cs_again", gateway_day.world.now(), PaymentStatus(PaymentState.PAID, "pi_again", SUM), intent.order_ref
    )
    gateway_day.gateway_lists(gateway_day.listing(intent), again)
    gateway_day.next_day()
    gateway_day.reconcile()
    assert gateway_day.counts("stripe") == {Finding.MATCHED: 1, Finding.THEIRS_ONLY: 1}
    assert gateway_day.lines("stripe")["cs_again"].our_ref == intent.order_ref


def test_a_session_with_a_lost_response_refers_to_its_intent(gateway_day: ReconciliationScenario) -> None:
    intent = gateway_day.opened("stripe")
    lost = replace(intent, gateway_ref=None, payment_url=None)
    atomic(gateway_day.world, lambda ops: intents.save(ops, lost))
    gateway_day.gateway_lists(gateway_day.listing(intent, PaymentStatus(PaymentState.PAID, "pi_1", SUM)))
    gateway_day.next_day()
    gateway_day.reconcile()
    assert gateway_day.finding(intent) is Finding.THEIRS_ONLY


def test_a_session_of_another_day_is_not_on_this_days_report(gateway_day: ReconciliationScenario) -> None:
    tomorrow = start_of_day(gateway_day.day + timedelta(days=1))
    inside = GatewayPayment("cs_in", tomorrow - timedelta(seconds=1), PaymentStatus(PaymentState.PAID, "pi_1", SUM))
    outside = GatewayPayment("cs_out", tomorrow, PaymentStatus(PaymentState.PAID, "pi_2", SUM))
    gateway_day.gateway_lists(inside, outside)
    gateway_day.next_day()
    gateway_day.reconcile()
    assert set(gateway_day.lines("stripe")) == {"cs_in"}


def test_a_day_in_nepal_begins_and_ends_at_its_own_midnight(gateway_day: ReconciliationScenario) -> None:
    gateway_day.fake_world.clock.at = start_of_day(gateway_day.day + timedelta(days=1)) - timedelta(seconds=1)
    before = gateway_day.credited()
    gateway_day.fake_world.clock.advance(seconds=1)
    after = gateway_day.credited()
    gateway_day.next_day()
    gateway_day.reconcile()
    assert set(gateway_day.lines()) == {before.intent_id}
    gateway_day.next_day()
    gateway_day.reconcile()
    gateway_day.day += timedelta(days=1)
    assert set(gateway_day.lines()) == {after.intent_id}


def test_our_own_refund_matches_and_a_foreign_refund_does_not(network: Network) -> None:
    scenario = RefundScenario(network)
    gateway_day = ReconciliationScenario(network, scenario.user)
    gateway_day.close_previous_days()
    ours, behind_us = gateway_day.credited(), gateway_day.credited()
    scenario.give_points()
    transaction = next(scenario.name(posting) for posting in scenario.ledger() if posting.ref == ours.intent_id)
    scenario.approve(scenario.request_refund(transaction))
    scenario.send()
    network.deliver_messages()
    for intent in (ours, behind_us):
        gateway_day.gateway_reports(intent, PaymentStatus(PaymentState.REFUNDED, reason="refunded"))
    gateway_day.next_day()
    gateway_day.reconcile()
    assert (gateway_day.finding(ours), gateway_day.finding(behind_us)) == (Finding.MATCHED, Finding.OURS_ONLY)
    assert network.books_balance()
