"""Payments of which the gateway's desk gave back a part before the service looked."""

import pytest

from tests.sandbox.conftest import RunningSandbox


@pytest.mark.parametrize("gateway", ["khalti", "esewa", "stripe"])
def test_a_payment_partly_refunded_before_the_look_up_needs_review(
    running_sandbox: RunningSandbox, gateway: str
) -> None:
    customer, sandbox = running_sandbox.customer(None), running_sandbox.sandbox
    order = {"amount": "200.00", "payment_method": gateway}
    intent_id = customer.api.post("/api/payment/wallet/topup-intent", order, want=201)["intent_id"]
    sandbox.post(f"/gateways/{gateway}/{intent_id}/pay", {"outcome": "success", "callback": "never"})
    sandbox.post(f"/gateways/{gateway}/{intent_id}/refund", {"amount": "50.00"})
    assert customer.api.post("/api/payment/verify-topup", {"intent_id": intent_id})["status"] == "disputed"
    lines = running_sandbox.operator().get("/api/admin/intents?page_size=100")["intents"]
    line = next(item for item in lines if item["id"] == intent_id)
    assert (line["reason"], line["gateway_amount"]) == ("partly_refunded", "200.00")
    assert line["gateway_refunded_amount"] == ("50.00" if gateway == "stripe" else None)
    assert customer.wallet()["balance"] == "0.00"
    assert running_sandbox.books_balance()
