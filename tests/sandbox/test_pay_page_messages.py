"""What the pay pages offer beside paying: the gateway's message comes twice, late, never or forged."""

import pytest
import requests

from tests.sandbox.conftest import RunningSandbox


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
@pytest.mark.parametrize("callback", ["twice", "late", "never", "forged"])
def test_a_payment_is_credited_once_whatever_its_message(
    gateway: str, callback: str, running_sandbox: RunningSandbox
) -> None:
    customer, sandbox = running_sandbox.newcomer(), running_sandbox.sandbox
    order = {"amount": "200.00", "payment_method": gateway}
    intent_id = customer.api.post("/api/payment/wallet/topup-intent", order, want=201)["intent_id"]
    payment = next(item for item in sandbox.get("/payments") if item["intent_id"] == intent_id)
    form = {"reference": payment["reference"], "outcome": "success", "callback": callback}
    # companies reset a connection at its second request, so the redirect is not followed
    pressed = requests.post(f"{sandbox.url}/{gateway}/pay/", data=form, timeout=30, allow_redirects=False)
    assert pressed.status_code == 303
    sandbox.advance(seconds=61 if callback == "late" else 1)
    sandbox.drain()
    if callback in ("never", "forged"):
        customer.verify(intent_id)
        sandbox.drain()
    assert customer.api.get(f"/api/payment/status/{intent_id}")["status"] == "success"
    assert customer.wallet()["balance"] == "200.00"
    assert running_sandbox.books_balance()
