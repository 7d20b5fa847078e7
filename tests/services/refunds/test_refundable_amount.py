"""What a customer may ask back: of which transactions, up to which amount, and with how many points."""

from dataclasses import replace

import pytest

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.refund import RefundState
from chalicelib.domain.payments.refund_totals import RefundAmount
from chalicelib.domain.payments.transaction_id import parse_transaction_id
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.refunds.refundable_amount import refundable_amount
from chalicelib.services.wallet import balance_additions
from chalicelib.tables import open_items, outbox
from chalicelib.tables.atomic import atomic
from chalicelib.tables.open_items import ItemKind
from tests.scenarios.refund_scenario import SUM, RefundScenario
from tests.world.builders import account
from tests.world.real_tables import all_rows


def parsed_seq(transaction: str) -> int:
    """The number of the transaction's posting."""
    parsed = parse_transaction_id(transaction)
    assert parsed is not None
    return parsed[1]


def test_the_rest_of_a_topup_is_refunded_with_points_in_proportion(scenario: RefundScenario) -> None:
    transaction = scenario.top_up(35_000)
    scenario.spend_and_return()
    wallet = scenario.wallet
    assert 30_000 <= wallet < 35_000
    # 350 rupees earned 30 points; the 300 and some that go back take 30 less what 50 or fewer would have earned.
    with pytest.raises(Problem, match="refund_points_spent"):
        scenario.request_refund(transaction)
    scenario.award_points(40)
    refund = scenario.request_refund(transaction)
    assert (refund.amount_paisa, refund.points) == (wallet, 30)
    scenario.approve(refund)
    scenario.send()
    # The rental earned 10 points.
    assert (scenario.wallet, scenario.points) == (0, 20)
    assert scenario.network.books_balance()


def test_points_are_taken_at_their_earning_rate(scenario: RefundScenario) -> None:
    transaction = scenario.top_up()
    scenario.fake_world.settings = replace(scenario.fake_world.settings, topup_points_per_100_rupees=1_000)
    assert scenario.request_refund(transaction).points == 50


def test_a_refund_is_busy_while_points_are_being_awarded(scenario: RefundScenario) -> None:
    transaction = scenario.top_up()
    late = outbox.Message(
        f"points:topup:{scenario.ledger()[1].ref}",
        outbox_messages.POINTS,
        {},
        scenario.world.now(),
        scenario.world.now(),
    )
    atomic(scenario.world, lambda ops: outbox.add(ops, late))
    with pytest.raises(Problem, match="busy"):
        scenario.request_refund(transaction)


def test_partial_refunds_never_exceed_the_topup(scenario: RefundScenario) -> None:
    first = scenario.top_up(20_000)
    scenario.spend_and_return()
    scenario.award_points(100)
    part = scenario.request_refund(first)
    scenario.approve(part)
    scenario.send()
    assert scenario.wallet == 0
    scenario.top_up(100_000)
    rest = scenario.request_refund(first)
    assert part.amount_paisa + rest.amount_paisa == 20_000
    assert part.points + rest.points == 20
    scenario.approve(rest)
    scenario.send()
    assert [request.previously_refunded_paisa for request in scenario.fake_world.khalti.refunded] == [
        0,
        part.amount_paisa,
    ]
    with pytest.raises(Problem, match="already_refunded"):
        scenario.request_refund(first)
    assert scenario.network.books_balance()


def test_one_refund_request_per_payment_is_open(scenario: RefundScenario) -> None:
    transaction = scenario.top_up()
    refund = scenario.request_refund(transaction)
    with pytest.raises(Problem, match="refund_open"):
        scenario.request_refund(transaction)
    assert open_items.ids_of(scenario.user, ItemKind.REFUND) == [refund.refund_id]
    assert scenario.reject(refund).state is RefundState.REJECTED
    assert open_items.ids_of(scenario.user, ItemKind.REFUND) == []
    assert scenario.request_refund(transaction).state is RefundState.REQUESTED
    assert scenario.network.books_balance()


def test_a_transaction_that_is_no_payment_is_not_refunded(scenario: RefundScenario) -> None:
    scenario.top_up()
    scenario.spend()
    before = all_rows()
    for posting in scenario.ledger():
        if posting.kind is not PostingKind.TOPUP:
            with pytest.raises(Problem, match="not_refundable"):
                scenario.request_refund(scenario.name(posting))
    stranger = scenario.network.customer()
    for nobodys in (
        f"{stranger}-1",
        f"{scenario.user}-99",
        f"{scenario.user}-01",
        f"{scenario.user}-",
        "x",
        f"{scenario.user}-1 ",
    ):
        with pytest.raises(Problem, match="not_found"):
            scenario.request_refund(nobodys)
    after = {name: rows for name, rows in all_rows().items() if name in ("test-refunds", "test-refund_totals")}
    assert after == {name: before[name] for name in after}


def test_a_spent_topup_is_not_refunded(scenario: RefundScenario) -> None:
    transaction = scenario.top_up(1_500)
    scenario.spend()
    assert scenario.wallet == 0
    with pytest.raises(Problem, match="refund_spent"):
        scenario.request_refund(transaction)


def test_a_completed_rental_is_not_refunded(scenario: RefundScenario) -> None:
    scenario.top_up()
    scenario.spend()
    payment = next(posting for posting in scenario.ledger() if posting.kind is PostingKind.SETTLE)
    with pytest.raises(Problem, match="not_refundable"):
        scenario.request_refund(scenario.name(payment))


def test_money_that_an_operator_added_does_not_go_back_to_a_gateway(scenario: RefundScenario) -> None:
    transaction = scenario.top_up(35_000)
    scenario.spend_and_return()
    unspent = scenario.wallet
    caller = scenario.network.operator("adder@example.com", Role.FINANCE).caller(scenario.world)
    balance_additions.add(scenario.world, caller, scenario.user, 50_000, "a jammed slot")
    scenario.award_points(100)
    refund = scenario.request_refund(transaction)
    assert refund.amount_paisa == unspent
    scenario.approve(refund)
    scenario.send()
    assert scenario.wallet == 50_000
    assert scenario.network.books_balance()


def test_a_deletion_that_forfeited_points_does_not_hold_back_money(scenario: RefundScenario) -> None:
    seq = parsed_seq(scenario.top_up())
    kept = account(scenario.user)
    assert refundable_amount(kept, seq).amount == RefundAmount(SUM, 50)
    forfeited = replace(kept, status=Status.DELETED, points=0)
    assert refundable_amount(forfeited, seq).amount == RefundAmount(SUM, 0)


@pytest.mark.parametrize("approved", [RefundAmount(1_501, 50), RefundAmount(1_500, 51)])
def test_a_rentals_approved_amount_never_exceeds_what_was_paid(
    scenario: RefundScenario, approved: RefundAmount
) -> None:
    scenario.top_up(2_000)
    _, payment = scenario.paid_rental_marked_failed()
    with pytest.raises(Problem, match="already_refunded"):
        refundable_amount(account(scenario.user), parsed_seq(payment), approved)
