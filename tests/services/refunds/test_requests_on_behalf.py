"""Refunds that an operator requests: for a customer, and for late money of a deleted account."""

from dataclasses import dataclass, replace
from io import StringIO

import pytest

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.payments.payment_gateway import GatewayRefundState, PaymentState, PaymentStatus, RefundStatus
from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.erased_text import ERASED
from chalicelib.services.refunds import payouts
from chalicelib.services.topups import intents, payment_events
from chalicelib.services.users import deletion, erasure
from chalicelib.tables import accounts
from chalicelib.tables.atomic import atomic
from tests.engines.interleaving import interleave
from tests.scenarios.customer_to_delete import CustomerToDelete
from tests.scenarios.refund_scenario import SUM, RefundScenario
from tests.world.builders import account
from tests.world.log_lines import alarms
from tests.world.real_tables import all_rows

RANG_UP = "Maya Canary rang up"


def where(words: str) -> set[str]:
    return {table for table, rows in all_rows().items() if any(words in row for row in rows)}


def test_a_refund_requested_by_an_operator_is_paid_and_visible(scenario: RefundScenario) -> None:
    refund = scenario.request_on_behalf(scenario.top_up())
    support = scenario.operator("support").user_id
    assert (refund.user_id, refund.requested_by, refund.state) == (scenario.user, support, RefundState.REQUESTED)
    assert where(refund.refund_id) >= {"test-refunds", "test-refund_totals", "test-audit_log"}
    scenario.approve(refund)
    scenario.send()
    assert (scenario.now(refund).state, scenario.wallet) == (RefundState.PROCESSED, 0)
    assert (scenario.now(refund).reason, scenario.notified(refund)) == (
        "they rang up",
        ["refund_granted", "refund_paid"],
    )
    assert scenario.network.books_balance()


def test_the_requester_does_not_decide(scenario: RefundScenario) -> None:
    refund = scenario.request_on_behalf(scenario.top_up())
    with pytest.raises(Problem, match="refund_own_request"):
        scenario.approve(refund, by="support")
    promoted = replace(account(scenario.user), role=account(scenario.operator().user_id).role)
    atomic(scenario.world, lambda ops: accounts.save(ops, promoted))
    scenario.operators["the customer"] = scenario.network.sessions[scenario.user]
    with pytest.raises(Problem, match="refund_own_request"):
        scenario.approve(refund, by="the customer")
    assert scenario.approve(refund).state is RefundState.APPROVED


def test_one_request_is_open_for_customer_and_operator(scenario: RefundScenario) -> None:
    transaction = scenario.top_up()
    scenario.request_on_behalf(transaction)
    for ask in (scenario.request_refund, scenario.request_on_behalf):
        with pytest.raises(Problem, match="refund_open"):
            ask(transaction)
    other = scenario.top_up()
    with interleave(lambda: scenario.request_refund(other)), pytest.raises(Problem, match="refund_open"):
        scenario.request_on_behalf(other)


def test_an_unknown_transaction_is_not_found_and_changes_nothing(scenario: RefundScenario) -> None:
    scenario.top_up()
    scenario.operator("support")
    before = all_rows()
    for nobodys in (
        f"{scenario.user}-99",
        f"{scenario.user}-01",
        f"{scenario.user}-",
        "x",
        "x-1",
        "-1",
        "-",
        f"{scenario.user}-1 ",
    ):
        with pytest.raises(Problem, match="not_found"):
            scenario.request_on_behalf(nobodys)
    assert all_rows() == before


def test_an_account_with_an_open_refund_is_not_deleted(scenario: RefundScenario) -> None:
    transaction = scenario.top_up()
    with interleave(lambda: scenario.request_on_behalf(transaction)), pytest.raises(Problem, match="refund_open"):
        leave(scenario)
    assert account(scenario.user).status is Status.ACTIVE


def test_a_request_during_the_deletion_finds_nothing_left(scenario: RefundScenario) -> None:
    transaction = scenario.top_up()
    with interleave(lambda: leave(scenario)), pytest.raises(Problem, match="refund_spent"):
        scenario.request_on_behalf(transaction)
    assert scenario.network.books_balance()


def leave(scenario: RefundScenario) -> None:
    CustomerToDelete(scenario.network, 0, scenario.user, scenario.network.sessions[scenario.user]).delete()


@dataclass
class Late:
    """Credit a top-up of a deleted account. Returns its transaction id."""

    scenario: RefundScenario
    gateway: str

    def __post_init__(self) -> None:
        scenario, world = self.scenario, self.scenario.world
        intent, _ = intents.open_intent(
            world, scenario.caller(), amount_paisa=SUM, method=self.gateway, return_url=None
        )
        scenario.fake_world.clock.advance(minutes=31)
        leave(scenario)
        scenario.fake_world.clock.advance(minutes=2)
        deletion.handle_message(
            world,
            {"what": "account", "user_id": scenario.user, "message_id": deletion.message_id_of(scenario.user)},
        )
        fake = getattr(scenario.fake_world, self.gateway)
        fake.payment_statuses[intent.intent_id] = PaymentStatus(PaymentState.PAID, f"late-{intent.intent_id}", SUM)
        payment_events.handle_payment_event(world, scenario.user, intent.intent_id)
        scenario.give_points()
        assert scenario.wallet == SUM
        self.transaction = next(
            scenario.name(posting) for posting in scenario.ledger() if posting.kind is PostingKind.TOPUP
        )

    def opened(self) -> Refund:
        return self.scenario.request_on_behalf(self.transaction, reason=RANG_UP)

    def leaves_no_words(self, refund: Refund) -> bool:
        """Whether operators' texts are in the audit log only, and no notification was sent."""
        assert where(RANG_UP) == where("Canary") == {"test-audit_log"}
        assert self.scenario.notified(refund) == []
        assert self.scenario.now(refund).reason == ERASED
        assert (account(self.scenario.user).status, self.scenario.in_flight()) == (Status.DELETED, 0)
        return self.scenario.network.books_balance()


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_late_money_is_refunded_at_its_gateway(scenario: RefundScenario, gateway: str) -> None:
    late = Late(scenario, gateway)
    refund = late.opened()
    assert (refund.amount_paisa, refund.points) == (SUM, 50)
    assert scenario.approve(refund, notes="Canary note").state is RefundState.APPROVED
    scenario.send()
    assert (scenario.now(refund).state, scenario.wallet, scenario.points) == (RefundState.PROCESSED, 0, 0)
    assert [order.refund_id for order in getattr(scenario.fake_world, gateway).refunded] == [refund.refund_id]
    assert late.leaves_no_words(refund)


def test_late_money_of_esewa_is_paid_by_hand(scenario: RefundScenario) -> None:
    late = Late(scenario, "esewa")
    refund = late.opened()
    for grant in ({}, {"method": RefundMethod.GATEWAY}, {"method": RefundMethod.WALLET}):
        with pytest.raises(Problem, match="invalid_input"):
            scenario.approve(refund, **grant)
    processed = scenario.approve(refund, method=RefundMethod.BY_HAND, reference="Canary 4711", notes="Canary note")
    assert (processed.state, processed.reference, scenario.wallet) == (RefundState.PROCESSED, None, 0)
    assert late.leaves_no_words(refund)


def test_a_rejection_leaves_the_money_and_no_free_text(scenario: RefundScenario) -> None:
    late = Late(scenario, "khalti")
    refund = late.opened()
    assert scenario.reject(refund).state is RefundState.REJECTED
    assert scenario.wallet == SUM
    assert late.leaves_no_words(refund)
    assert late.opened().state is RefundState.REQUESTED


def test_a_failed_refund_of_a_deleted_account_raises_an_alarm(scenario: RefundScenario, log_output: StringIO) -> None:
    late = Late(scenario, "khalti")
    refund = late.opened()
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.REFUSED, reason="too_late")
    scenario.approve(refund)
    scenario.send()
    assert (scenario.now(refund).state, scenario.wallet) == (RefundState.FAILED, SUM)
    assert alarms(log_output, Alarm.MONEY_FOR_DELETED_ACCOUNT)[-1].get("refund_id") == refund.refund_id
    assert late.leaves_no_words(refund)
    assert late.opened().amount_paisa == SUM


@pytest.mark.parametrize("method", [RefundMethod.GATEWAY, RefundMethod.BY_HAND, None])
def test_a_manually_closed_refund_keeps_its_text_in_the_log_only(
    scenario: RefundScenario, method: RefundMethod | None
) -> None:
    late = Late(scenario, "khalti")
    refund = late.opened()
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.BY_HAND)
    scenario.approve(refund)
    scenario.send()
    second = scenario.operator("second").caller(scenario.world)
    payouts.close(
        scenario.world, second, refund.refund_id, payouts.Closing(method, "bank 4711", "Canary at the portal")
    )
    assert late.leaves_no_words(refund)
    assert "test-audit_log" in where("Canary at the portal")


def test_a_second_erasure_clears_text_of_an_approved_refund_and_it_is_paid(
    scenario: RefundScenario,
) -> None:
    late = Late(scenario, "khalti")
    refund = late.opened()
    erasure.erase(scenario.world, scenario.user)
    assert where(RANG_UP) == {"test-audit_log"}
    scenario.approve(refund)
    scenario.send()
    assert scenario.now(refund).state is RefundState.PROCESSED
    assert late.leaves_no_words(refund)


def test_a_rentals_refund_never_goes_to_a_deleted_accounts_wallet(scenario: RefundScenario) -> None:
    scenario.top_up()
    _, payment = scenario.paid_rental_marked_failed()
    waiting = scenario.request_refund(payment)
    atomic(scenario.world, lambda ops: accounts.save(ops, replace(account(scenario.user), status=Status.DELETED)))
    for grant in ({}, {"method": RefundMethod.WALLET}):
        with pytest.raises(Problem, match="account_deleted"):
            scenario.approve(waiting, **grant)
    scenario.reject(waiting)
    with pytest.raises(Problem, match="account_deleted"):
        scenario.request_on_behalf(payment)
