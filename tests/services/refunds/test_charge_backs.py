"""A payment that goes back at its gateway while its refund waits: by any decision its customer has the money once."""

from io import StringIO

import pytest

from chalicelib.domain.payments.payment_gateway import GatewayRefundState, PaymentState, PaymentStatus, RefundStatus
from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState
from chalicelib.domain.payments.reversal import ReversalState
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.services.refunds import payouts
from chalicelib.services.refunds.payouts import Closing
from chalicelib.tables import intents
from chalicelib.tables.dynamodb import fetch_one
from tests.scenarios.refund_scenario import SUM, RefundScenario
from tests.scenarios.reversal_scenario import DISPUTED, PART, PART_WITHOUT_AMOUNT, WHOLE, ReversalScenario
from tests.world.builders import sign_in
from tests.world.network import Network

PARTS = [(12_000, PART), (12_000, PART_WITHOUT_AMOUNT), (SUM, WHOLE)]
UNKNOWN = PaymentStatus(PaymentState.UNKNOWN, reason="no_answer")


class ChargeBack:
    """A top-up of which the customer requests the unspent part back, from us and from the gateway's desk."""

    def __init__(self, network: Network, requested_paisa: int) -> None:
        self.refunds, self.khalti = RefundScenario(network), network.fake_world.khalti
        self.reversals = ReversalScenario(network)
        self.reversals.user = self.refunds.user
        transaction = self.refunds.top_up(SUM)
        if requested_paisa < SUM:
            self.reversals.spend(SUM - requested_paisa)
        self.refund = self.refunds.request_refund(transaction)
        assert self.refund.amount_paisa == requested_paisa

    @property
    def intent(self) -> Intent:
        found = fetch_one(intents.intent_key(self.refunds.user, self.refund.intent_id or ""))
        assert found is not None
        return found

    @property
    def now(self) -> Refund:
        return self.refunds.now(self.refund)

    def goes_back(self, returned: PaymentStatus) -> None:
        """The desk pays. The sums don't tell whether an operator has paid the request there."""
        self.reversals.goes_back(self.intent, returned)
        assert self.reversals.listed() == []

    def operators_sign_in(self) -> None:
        world, decides = self.refunds.world, self.refunds.deciding_operator
        self.refunds.operators[decides] = sign_in(world, self.refunds.operator().user_id)
        self.reversals.operator = sign_in(world, self.reversals.operator.user_id)

    def approve(self) -> None:
        self.refunds.approve(self.refund)
        self.refunds.send()

    def close(self, method: RefundMethod | None) -> None:
        caller = self.refunds.operator().caller(self.refunds.world)
        payouts.close(self.refunds.world, caller, self.refund.refund_id, Closing(method, "000AWEO", "seen there"))

    def is_taken_back_once(self) -> bool:
        """Whether a look-up finds one reversal, which takes the money out of the wallet, and no later one another."""
        self.refunds.network.deliver_messages()
        (found,) = self.reversals.listed()
        sum_needed = None if found.reversed_paisa else self.refund.amount_paisa
        self.reversals.resolve(self.intent, "take_back", sum_needed)
        return self.is_over(1)

    def is_over(self, reversals_count: int) -> bool:
        """Whether the wallet is empty, nothing is on its way, and later look-ups find no further reversal."""
        self.refunds.advance_hours(2)
        self.reversals.check_daily()
        decided = self.reversals.listed(ReversalState.DECIDED)
        assert (self.refunds.wallet, self.refunds.in_flight()) == (0, 0)
        assert [line.settled_paisa for line in decided] == [self.refund.amount_paisa] * reversals_count
        return self.reversals.listed() == [] and self.reversals.books_balance()


@pytest.mark.parametrize(("requested_paisa", "returned"), PARTS)
def test_a_rejection_takes_back_what_the_desk_paid(
    requested_paisa: int, returned: PaymentStatus, network: Network
) -> None:
    case = ChargeBack(network, requested_paisa)
    case.goes_back(returned)
    case.refunds.reject(case.refund)
    assert case.is_taken_back_once()


def test_a_rejection_long_after_the_payment_takes_back_too(network: Network) -> None:
    """The daily look-ups of the payment have ended."""
    case = ChargeBack(network, SUM)
    case.goes_back(WHOLE)
    network.fake_world.clock.advance(days=100)
    case.operators_sign_in()
    case.refunds.reject(case.refund)
    assert case.is_taken_back_once()


@pytest.mark.parametrize(("requested_paisa", "returned"), PARTS)
@pytest.mark.parametrize("method", [RefundMethod.BY_HAND, None])
def test_an_approval_sends_nothing_that_the_desk_has_paid(
    requested_paisa: int, returned: PaymentStatus, method: RefundMethod | None, network: Network, log_output: StringIO
) -> None:
    """An operator finds out whether it was this refund, and closes it as paid or as not paid."""
    case = ChargeBack(network, requested_paisa)
    case.goes_back(returned)
    case.khalti.checked_refund_status = RefundStatus(GatewayRefundState.UNKNOWN)
    case.approve()
    case.refunds.advance_hours(1)
    assert (case.khalti.refunded, case.refunds.in_flight()) == ([], requested_paisa)
    assert case.now.needs_manual_close
    assert "refund_needs_manual_close" in log_output.getvalue()
    case.close(method)
    assert case.is_over(0) if method else case.is_taken_back_once()


def test_an_approval_of_a_payment_that_went_back_whole_is_paid_where_the_gateway_calls_it_done(
    network: Network,
) -> None:
    case = ChargeBack(network, SUM)
    case.goes_back(WHOLE)
    case.approve()
    assert (case.khalti.refunded, case.now.state) == ([], RefundState.PROCESSED)
    assert case.is_over(0)


def test_a_refund_paid_by_hand_at_the_desk_is_that_payment(network: Network) -> None:
    case = ChargeBack(network, SUM)
    case.goes_back(WHOLE)
    case.refunds.approve(case.refund, method=RefundMethod.BY_HAND, reference="000AWEO")
    assert case.now.state is RefundState.PROCESSED
    assert case.is_over(0)
    assert case.khalti.refunded == []


def test_a_payment_that_is_disputed_after_the_approval_is_not_paid_twice(network: Network) -> None:
    case = ChargeBack(network, SUM)
    case.refunds.approve(case.refund)
    case.reversals.gateway_reports(case.intent, DISPUTED)
    case.refunds.send()
    assert (case.khalti.refunded, case.now.needs_manual_close) == ([], True)


def test_a_refund_waits_for_a_gateway_that_does_not_tell_what_went_back(network: Network) -> None:
    case = ChargeBack(network, 12_000)
    paid = case.khalti.payment_statuses[case.intent.intent_id]
    case.reversals.gateway_reports(case.intent, UNKNOWN)
    case.approve()
    assert (case.khalti.refunded, case.now.state) == ([], RefundState.APPROVED)
    case.reversals.gateway_reports(case.intent, paid)
    case.refunds.advance_hours(1)
    assert [request.amount_paisa for request in case.khalti.refunded] == [12_000]
    assert case.now.state is RefundState.PROCESSED


def test_what_an_operator_has_decided_does_not_hold_the_refund_of_the_rest(network: Network) -> None:
    refunds = RefundScenario(network)
    reversal_day = ReversalScenario(network)
    reversal_day.user = refunds.user
    transaction = refunds.top_up(SUM)
    posting = next(posting for posting in refunds.ledger() if posting.transaction_id == transaction)
    intent = fetch_one(intents.intent_key(refunds.user, posting.ref))
    assert intent is not None
    reversal_day.goes_back(intent, PART)
    reversal_day.resolve(intent, "take_back")
    refunds.approve(refunds.request_refund(transaction))
    refunds.send()
    assert [request.amount_paisa for request in network.fake_world.khalti.refunded] == [SUM - 12_000]
