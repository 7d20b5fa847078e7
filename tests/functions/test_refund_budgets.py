"""Budgets of transactions and refunds: the number of DynamoDB calls that each takes."""

import pytest

from chalicelib.tables import open_items
from chalicelib.tables.open_items import ItemKind
from tests.functions.test_budgets import calls
from tests.scenarios.refund_scenario import RefundScenario
from tests.world.builders import LABIM
from tests.world.network import Network
from tests.world.tokens import token_for

TRANSACTIONS = "/api/user/transactions"


@pytest.fixture
def scenario(network: Network) -> RefundScenario:
    """A customer with a spent top-up, a refunded rental and a refunded top-up."""
    made = RefundScenario(network)
    made.top_up()
    _, payment = made.paid_rental_marked_failed()
    made.approve(made.request_refund(payment))
    made.station_becomes_free()
    made.network.report_snapshot(LABIM)
    made.approve(made.request_refund(made.top_up(30_000)))
    made.send()
    return made


def test_transactions_without_refundable_lines_take_two_calls(scenario: RefundScenario) -> None:
    """The calls read the caller and the page. Lines of `type=due` need no refund."""
    newcomer = scenario.network.customer(wallet_paisa=0)
    assert calls(scenario.network, "GET", TRANSACTIONS, user=newcomer).calls == ["BatchGetItem", "Query"]
    assert calls(scenario.network, "GET", f"{TRANSACTIONS}?type=due", user=scenario.user).calls == [
        "BatchGetItem",
        "Query",
    ]


@pytest.mark.parametrize("query", ["", "?limit=100", "?type=refund", "?type=topup", "?status=refunded"])
def test_transactions_with_payments_and_refunds_take_three_calls(scenario: RefundScenario, query: str) -> None:
    """The calls read the caller, the page, and the refunds of its lines, however many there are."""
    counts = calls(scenario.network, "GET", TRANSACTIONS + query, user=scenario.user)
    assert counts.calls == ["BatchGetItem", "Query", "BatchGetItem"]


def test_a_customers_refunds_take_two_calls(scenario: RefundScenario) -> None:
    assert calls(scenario.network, "GET", "/api/payment/refunds", user=scenario.user).calls == [
        "BatchGetItem",
        "Query",
    ]


def refundable(scenario: RefundScenario, kind: str) -> str:
    transaction = scenario.top_up(20_000)
    scenario.station_becomes_free()
    return transaction if kind == "topup" else scenario.paid_rental_marked_failed()[1]


DOUBTS = {"topup": ["Query", "BatchGetItem"], "rental": []}
"""What reads the doubts of ejects: the items, and the power bank of the one failed start that this customer has."""


@pytest.mark.parametrize("kind", ["topup", "rental"])
def test_requesting_a_refund_takes_few_calls_and_reads_no_history(scenario: RefundScenario, kind: str) -> None:
    """The calls read the caller, the payment, its top-up or rental, for a top-up the doubts of ejects, and write."""
    path = f"/api/payment/refund/{refundable(scenario, kind)}"
    counts = calls(scenario.network, "POST", path, {"reason": "by mistake"}, user=scenario.user, want=201)
    assert counts.calls == ["BatchGetItem"] * 3 + DOUBTS[kind] + ["TransactWriteItems"]


@pytest.mark.parametrize("kind", ["topup", "rental"])
def test_approving_a_refund_takes_few_calls_and_reads_no_history(scenario: RefundScenario, kind: str) -> None:
    """The calls read the operator, the refund, the customer, the payment and its subject, and write once."""
    refund = scenario.request_refund(refundable(scenario, kind))
    operator = token_for(scenario.world, scenario.operator())
    counts = calls(scenario.network, "POST", f"/api/admin/refunds/{refund.refund_id}/approve", {}, token=operator)
    assert counts.calls == ["BatchGetItem"] * 5 + DOUBTS[kind] + ["TransactWriteItems"]


def test_operator_refund_actions_take_few_calls(network: Network) -> None:
    """The calls read the caller, the account, the payment, its intent and its points, and write once."""
    scenario = RefundScenario(network)
    content = {"transaction_id": scenario.top_up(), "reason": "asked for by phone"}
    user = scenario.operator("support").user_id
    network.sessions |= {signed_in.user_id: signed_in for signed_in in scenario.operators.values()}
    assert calls(network, "POST", "/api/admin/refunds", content, user=user, want=201).round_trips <= 7
    (waiting,) = open_items.ids_of(scenario.user, ItemKind.REFUND)
    path, decider = f"/api/admin/refunds/{waiting}/approve", scenario.operator().user_id
    assert calls(network, "POST", path, {}, user=decider).round_trips <= 7
