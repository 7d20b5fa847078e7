"""Money that goes back at the gateway after the credit: found, listed once, and decided by an operator."""

from dataclasses import replace
from functools import partial
from io import StringIO
from typing import Any

import pytest

from chalicelib.domain import entries, ledger
from chalicelib.domain.account import Role
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.numbered_page import NumberedPage
from chalicelib.domain.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.problems import Problem
from chalicelib.domain.reversal import Reversal, ReversalAction, ReversalState
from chalicelib.domain.topup_intent import Intent
from chalicelib.services.reconciliation import reversal_checks
from chalicelib.services.refunds import eligibility
from chalicelib.services.topups import crediting, reversal_decisions, reversals
from chalicelib.tables import accounts, postings
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import Unavailable
from tests.builders import account
from tests.network import PAY_AS_YOU_GO, Network
from tests.real_tables import all_rows
from tests.reconciliation_scenario import SUM, ReconciliationScenario, alarms
from tests.refund_scenario import RefundScenario

GATEWAYS = ["khalti", "esewa", "stripe"]
WHOLE = PaymentStatus(PaymentState.REFUNDED, "t1", SUM, refunded_paisa=SUM)
PART = PaymentStatus(PaymentState.PARTLY_REFUNDED, "t1", SUM, refunded_paisa=12_000)
UNTOLD = PaymentStatus(PaymentState.PARTLY_REFUNDED, "t1", SUM)
DISPUTED = PaymentStatus(PaymentState.DISPUTED, "t1", SUM)
CANCELED = PaymentStatus(PaymentState.FAILED, reason="canceled")


class Desk(ReconciliationScenario):
    """A customer whose credited top-ups go back, and an operator."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.operator = network.operator("reversals@example.com", Role.FINANCE)

    def goes_back(self, intent: Intent, payment_status: PaymentStatus) -> None:
        self.gateway_reports(intent, payment_status)
        self.check_daily()

    def check_daily(self) -> None:
        self.fake_world.clock.advance(days=1)
        reversal_checks.run(self.world, lambda: 900.0)

    def listed(self, state: ReversalState = ReversalState.OPEN) -> list[Reversal]:
        return list(reversals.in_state(state, NumberedPage(1, 100))[0])

    def resolve(self, intent: Intent, action: str, amount_paisa: int | None = None) -> Reversal:
        caller = self.operator.caller(self.world)
        return reversal_decisions.resolve(
            self.world,
            caller,
            intent.intent_id,
            action=ReversalAction(action),
            amount_paisa=amount_paisa,
            notes="seen in the portal",
        )

    def posted(self, name: str) -> int:
        return sum(posting.change_of(name) for posting in postings.oldest(self.user, since=1, limit=1_000))

    def books_balance(self) -> bool:
        self.network.deliver_messages()
        return self.network.books_balance()

    def spend(self, paisa: int) -> None:
        """Take money out of the wallet, without a rental."""

        def decide(ops: Transaction) -> None:
            after, posted = ledger.post_if_any(
                account(self.user), entries.forfeit(paisa=paisa, points=0), "spent", self.world.now()
            )
            for posting in posted:
                accounts.save(ops, after)
                postings.add(ops, posting)

        atomic(self.world, decide)

    @property
    def wallet(self) -> int:
        return account(self.user).wallet_paisa


@pytest.fixture
def desk(network: Network) -> Desk:
    return Desk(network)


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize(
    ("payment_status", "reason", "reversed_paisa"),
    [
        (WHOLE, "refunded", SUM),
        (PART, "partly_refunded", 12_000),
        (UNTOLD, "partly_refunded", None),
        (DISPUTED, "disputed", SUM),
        (CANCELED, "reversed", SUM),
    ],
)
def test_a_credited_payment_that_goes_back_is_one_line_and_one_alarm(
    gateway: str,
    payment_status: PaymentStatus,
    reason: str,
    reversed_paisa: int | None,
    desk: Desk,
    log_output: StringIO,
) -> None:
    intent = desk.credited(gateway)
    desk.check_daily()
    assert desk.listed() == []
    desk.goes_back(intent, payment_status)
    desk.check_daily()
    (line,) = desk.listed()
    assert (line.intent_id, line.gateway, line.reason) == (intent.intent_id, gateway, reason)
    assert (line.reversed_paisa, line.outstanding_paisa) == (reversed_paisa, reversed_paisa)
    assert [alarm["intent_id"] for alarm in alarms(log_output, Alarm.PAYMENT_REVERSED)] == [intent.intent_id]
    assert desk.wallet == SUM
    assert desk.books_balance()


@pytest.mark.parametrize(("days", "found"), [(1, 1), (40, 1), (89, 1), (91, 0)])
def test_the_daily_check_looks_back_ninety_days(days: int, found: int, desk: Desk) -> None:
    intent = desk.credited()
    desk.fake_world.clock.advance(days=days - 1)
    desk.goes_back(intent, WHOLE)
    assert len(desk.listed()) == found


def test_each_credited_payment_is_looked_up_once_a_day(desk: Desk) -> None:
    credited = [desk.credited().intent_id for _ in range(25)]
    desk.check_daily()
    desk.fake_world.khalti.fetched.clear()
    for _ in range(5):
        reversal_checks.run(desk.world, lambda: 900.0)
    assert desk.fake_world.khalti.fetched == []
    desk.fake_world.clock.advance(days=1)
    for left in (900.0, 10.0, 900.0):
        reversal_checks.run(desk.world, partial(float, left))
    assert sorted(desk.fake_world.khalti.fetched) == sorted(credited)


def test_a_check_without_enough_time_goes_on_the_next_day(desk: Desk) -> None:
    khalti_only = replace(desk.world, gateways={"khalti": desk.world.gateways["khalti"]})
    credited = [desk.credited().intent_id for _ in range(25)]
    desk.fake_world.khalti.fetched.clear()
    for _ in range(20):
        desk.fake_world.clock.advance(days=1)
        left = iter([900.0, 900.0])
        reversal_checks.run(khalti_only, partial(next, left, 0.0))
    assert set(desk.fake_world.khalti.fetched) == set(credited)


def test_an_unanswered_look_up_finds_nothing_until_the_next_day(desk: Desk) -> None:
    intent = desk.credited()
    desk.goes_back(intent, PaymentStatus(PaymentState.UNKNOWN))
    assert desk.listed() == []
    desk.goes_back(intent, WHOLE)
    assert len(desk.listed()) == 1


def test_an_event_of_a_reversal_looks_the_credited_payment_up(desk: Desk) -> None:
    intent = desk.credited("stripe")
    desk.gateway_reports(intent, DISPUTED)
    crediting.handle_payment_event(desk.world, intent.user_id, intent.intent_id)
    assert desk.listed() == []
    for _ in range(3):
        crediting.handle_payment_event(desk.world, intent.user_id, intent.intent_id, is_reversal=True)
    assert len(desk.listed()) == 1
    desk.gateway_reports(intent, PaymentStatus(PaymentState.UNKNOWN))
    with pytest.raises(Unavailable):
        crediting.handle_payment_event(desk.world, intent.user_id, intent.intent_id, is_reversal=True)


@pytest.mark.parametrize(
    ("action", "spent", "wallet", "due", "loss"),
    [
        ("take_back", 0, SUM, 0, 0),
        ("take_back", 20_000, 30_000, 0, 20_000),
        ("due", 0, SUM, 0, 0),
        ("due", 20_000, 30_000, 20_000, 0),
        ("leave", 0, 0, 0, SUM),
        ("leave", 20_000, 0, 0, SUM),
    ],
)
def test_each_decision_has_its_posting(action: str, spent: int, wallet: int, due: int, loss: int, desk: Desk) -> None:
    intent = desk.credited()
    desk.spend(spent)
    desk.goes_back(intent, WHOLE)
    decided = desk.resolve(intent, action)
    assert (decided.wallet_paisa, decided.due_paisa, decided.loss_paisa) == (wallet, due, loss)
    assert desk.wallet == SUM - spent - wallet
    assert (account(desk.user).due_paisa, account(desk.user).reversal_due_paisa) == (due, due)
    assert desk.posted("gateway:khalti") == 0
    assert desk.posted(ledger.LOSS_REVERSED) == -due - loss
    assert (desk.listed(), [line.action for line in desk.listed(ReversalState.DECIDED)]) == ([], [action])
    assert desk.books_balance()


def test_a_reversal_is_decided_once(desk: Desk) -> None:
    intent = desk.credited()
    with pytest.raises(Problem, match="not_found"):
        desk.resolve(intent, "leave")
    desk.goes_back(intent, WHOLE)
    desk.resolve(intent, "take_back")
    before = all_rows()
    with pytest.raises(Problem, match="reversal_already_decided"):
        desk.resolve(intent, "take_back")
    assert all_rows() == before
    desk.check_daily()
    assert desk.listed() == []
    assert desk.wallet == 0


def test_a_due_blocks_rentals_until_the_next_topups_pay_it(desk: Desk) -> None:
    intent = desk.credited()
    desk.spend(40_000)
    desk.goes_back(intent, WHOLE)
    desk.resolve(intent, "due")
    assert (desk.wallet, account(desk.user).due_paisa) == (0, 40_000)
    with pytest.raises(Problem, match="due_unpaid"):
        desk.network.start(desk.user, package=PAY_AS_YOU_GO)
    crediting.refresh_from_gateway(desk.world, desk.paid())
    assert (desk.wallet, account(desk.user).due_paisa, account(desk.user).reversal_due_paisa) == (10_000, 0, 0)
    assert desk.posted(ledger.LOSS_REVERSED) == 0
    assert desk.books_balance()
    with pytest.raises(Problem, match="station_offline"):
        desk.network.start(desk.user, package=PAY_AS_YOU_GO)


@pytest.mark.parametrize("amount", [None, 0, SUM + 1])
def test_an_untold_sum_is_given_by_the_operator(amount: int | None, desk: Desk) -> None:
    intent = desk.credited()
    desk.goes_back(intent, UNTOLD)
    with pytest.raises(Problem, match="invalid_input"):
        desk.resolve(intent, "take_back", amount)
    assert desk.resolve(intent, "take_back", 15_000).wallet_paisa == 15_000
    assert desk.wallet == SUM - 15_000
    desk.check_daily()
    assert desk.listed() == []


def test_a_later_part_opens_the_line_again_with_an_alarm(desk: Desk, log_output: StringIO) -> None:
    intent = desk.credited()
    desk.goes_back(intent, PART)
    desk.resolve(intent, "take_back")
    desk.goes_back(intent, WHOLE)
    (line,) = desk.listed()
    assert line.outstanding_paisa == SUM - 12_000
    assert len(alarms(log_output, Alarm.PAYMENT_REVERSED)) == 2
    desk.resolve(intent, "take_back")
    assert (desk.wallet, desk.listed()) == (0, [])
    assert desk.books_balance()


def test_what_went_back_is_not_refunded_again(desk: Desk) -> None:
    intent = desk.credited()
    desk.network.deliver_messages()
    seq = int(desk.now(intent).credited_seq or 0)
    desk.goes_back(intent, PART)
    assert eligibility.refundable_amount(account(desk.user), seq).amount.paisa == SUM - 12_000
    desk.resolve(intent, "leave")
    assert eligibility.refundable_amount(account(desk.user), seq).amount.paisa == SUM - 12_000
    desk.goes_back(intent, WHOLE)
    with pytest.raises(Problem, match="already_refunded"):
        eligibility.refundable_amount(account(desk.user), seq)


def refunded(network: Network, method: str | None, returned: PaymentStatus, **grant: Any) -> Desk:
    """A top-up that we refunded, and that the gateway reports as `returned`."""
    scenario = RefundScenario(network)
    transaction = scenario.top_up(SUM, "esewa" if method else "khalti")
    refund = scenario.request_refund(transaction)
    desk = Desk(network)
    desk.user = scenario.user
    fake: Any = scenario.world.gateways["esewa" if method else "khalti"]
    fake.payment_statuses[str(refund.intent_id)] = returned
    desk.check_daily()
    assert desk.listed() == []
    scenario.approve(refund, **grant)
    scenario.send()
    return desk


@pytest.mark.parametrize("returned", [WHOLE, PART, UNTOLD])
def test_our_own_refund_is_no_reversal(returned: PaymentStatus, network: Network) -> None:
    desk = refunded(network, None, returned)
    desk.check_daily()
    assert desk.listed() == []


def test_a_refund_paid_by_hand_in_the_portal_is_no_reversal(network: Network) -> None:
    desk = refunded(network, "by_hand", WHOLE, reference="000AWEO")
    desk.check_daily()
    assert desk.listed() == []
