"""Credited payments of which the gateway gives money back: found by events or the daily check, decided once."""

from typing import Any

import pytest

from infra.local.customer import Customer
from tests.sandbox.conftest import RunningSandbox

REVERSALS = "/api/admin/reversals"


def credited(running_sandbox: RunningSandbox, customer: Customer, gateway: str) -> str:
    order = {"amount": "200.00", "payment_method": gateway}
    intent_id = str(customer.api.post("/api/payment/wallet/topup-intent", order, want=201)["intent_id"])
    paid = {"outcome": "success", "callback": "once"}
    running_sandbox.sandbox.post(f"/gateways/{gateway}/{intent_id}/pay", paid)
    running_sandbox.sandbox.drain()
    assert customer.wallet()["balance"] == "200.00"
    return intent_id


def line_of(running_sandbox: RunningSandbox, intent_id: str, gateway: str) -> Any:
    """The line at the desk: at once by Stripe's events, a day later by the check of the others."""
    if gateway == "stripe":
        running_sandbox.sandbox.drain()
    else:
        running_sandbox.sandbox.advance(hours=24)
    lines = running_sandbox.operator().get(f"{REVERSALS}?page_size=100")["results"]
    return next(line for line in lines if line["intent_id"] == intent_id)


@pytest.mark.parametrize("gateway", ["khalti", "esewa", "stripe"])
def test_a_refund_by_the_gateways_desk_is_taken_back(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    intent_id = credited(running_sandbox, customer, gateway)
    running_sandbox.sandbox.post(f"/gateways/{gateway}/{intent_id}/refund", {"amount": "50.00"})
    line = line_of(running_sandbox, intent_id, gateway)
    assert (line["reason"], line["outstanding_amount"]) == (
        "partly_refunded",
        "50.00" if gateway == "stripe" else None,
    )
    decision = {"action": "TAKE_BACK", "amount": "50.00", "note": "seen in the portal"}
    decided = running_sandbox.operator().post(f"{REVERSALS}/{intent_id}/resolve", decision)
    assert (decided["status"], decided["wallet_amount"]) == ("DECIDED", "50.00")
    customer.refresh()
    assert customer.wallet()["balance"] == "150.00"
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", ["khalti", "esewa", "stripe"])
def test_a_dispute_is_at_the_desk_with_the_whole_sum(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    intent_id = credited(running_sandbox, customer, gateway)
    running_sandbox.sandbox.post(f"/gateways/{gateway}/{intent_id}/dispute")
    line = line_of(running_sandbox, intent_id, gateway)
    assert line["outstanding_amount"] == "200.00"
    assert line["reason"] == {"khalti": "refunded", "esewa": "reversed", "stripe": "disputed"}[gateway]
    running_sandbox.operator().post(f"{REVERSALS}/{intent_id}/resolve", {"action": "leave", "note": "ours"})
    assert running_sandbox.books_balance()


def test_a_dispute_that_we_win_is_given_back(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    intent_id = credited(running_sandbox, customer, "stripe")
    running_sandbox.sandbox.post(f"/gateways/stripe/{intent_id}/dispute", {"amount": "120.00"})
    assert line_of(running_sandbox, intent_id, "stripe")["outstanding_amount"] == "120.00"
    operator = running_sandbox.operator()
    operator.post(f"{REVERSALS}/{intent_id}/resolve", {"action": "take_back", "note": "disputed"})
    running_sandbox.sandbox.post(f"/gateways/stripe/{intent_id}/dispute", {"outcome": "won"})
    line = line_of(running_sandbox, intent_id, "stripe")
    assert (line["reason"], line["restored_amount"]) == ("restored", "120.00")
    operator.post(f"{REVERSALS}/{intent_id}/resolve", {"action": "give_back", "note": "won"})
    customer.refresh()
    assert customer.wallet()["balance"] == "200.00"
    assert running_sandbox.books_balance()
