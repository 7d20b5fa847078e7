"""Refunds over HTTP at gateways that answer, time out, reject or are unavailable: the money is paid out once."""

from dataclasses import dataclass
from typing import Any

import pytest
import requests

from infra.local.client import Api
from infra.local.customer import Customer
from infra.local.gateways.khalti import SECRET_KEY
from tests.sandbox.conftest import RunningSandbox

REFUND_PATH = {"khalti": "/refund/", "stripe": "/refunds"}


@dataclass
class TopupToRefund:
    """One customer's top-up and its refunds."""

    running_sandbox: RunningSandbox
    customer: Customer
    gateway: str
    amount: str

    def __post_init__(self) -> None:
        self.pay()
        self.calls_before = len(self.running_sandbox.sandbox.get(f"/calls?service={self.gateway}"))

    def pay(self) -> None:
        order = {"amount": self.amount, "payment_method": self.gateway}
        opened = self.customer.api.post("/api/payment/wallet/topup-intent", order, want=201)
        paid = {"outcome": "success", "callback": "once"}
        self.running_sandbox.sandbox.post(f"/gateways/{self.gateway}/{opened['intent_id']}/pay", paid)
        self.running_sandbox.sandbox.drain()

    def request_refund(self) -> Any:
        """Request a refund of the newest top-up."""
        lines = self.customer.api.get("/api/user/transactions?type=topup")["results"]
        body = {"reason": "paid by mistake"}
        return self.customer.api.post(f"/api/payment/refund/{lines[0]['id']}", body, want=201)

    def approved_refund(self, **approval: str) -> str:
        """Request and approve a refund, which its queue sends. Returns the refund's id."""
        refund_id = str(self.request_refund()["refund_id"])
        self.operator().post(f"/api/admin/refunds/{refund_id}/approve", approval)
        return refund_id

    def operator(self) -> Api:
        return self.running_sandbox.operator()

    def status_and_balance(self) -> tuple[str, str]:
        """The newest refund's status and the wallet's balance."""
        newest = self.customer.api.get("/api/payment/refunds")["results"][0]
        return str(newest["status"]), str(self.customer.wallet()["balance"])

    def refund_calls(self) -> list[dict[str, Any]]:
        """The calls for a refund that reached the gateway since this top-up was paid."""
        calls = self.running_sandbox.sandbox.get(f"/calls?service={self.gateway}")[self.calls_before :]
        path = REFUND_PATH[self.gateway]
        return [item for item in calls if item["method"] == "POST" and item["path"].endswith(path)]

    def answers(self) -> list[int]:
        return [item["status"] for item in self.refund_calls()]

    def fault(self, **order: Any) -> None:
        """The next call for a refund fails. Look-ups do not."""
        refunds = {"method": "POST", "path": REFUND_PATH[self.gateway]}
        self.running_sandbox.sandbox.post("/faults", {"service": self.gateway, "times": 1, **refunds, **order})

    def minutes_pass(self, minutes: int) -> None:
        for _ in range(minutes // 4):
            self.running_sandbox.sandbox.advance(minutes=4)
            self.running_sandbox.sandbox.drain()
        self.customer.refresh()


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_a_whole_topup_is_refunded_at_its_gateway(running_sandbox: RunningSandbox, gateway: str) -> None:
    topup = TopupToRefund(running_sandbox, running_sandbox.customer(None), gateway, "200.00")
    topup.approved_refund()
    running_sandbox.sandbox.drain()
    assert topup.status_and_balance() == ("processed", "0.00")
    assert topup.answers() == [200]
    (line, topup) = topup.customer.api.get("/api/user/transactions")["results"]
    assert (line["type"], line["status"], topup["status"]) == ("refund", "success", "refunded")
    assert running_sandbox.books_balance()


def test_the_rest_of_a_khalti_topup_waits_for_a_person(running_sandbox: RunningSandbox) -> None:
    """A part of a payment is not refunded by call at Khalti until a setting says that it was tried there."""
    customer = running_sandbox.customer(None)
    topup = TopupToRefund(running_sandbox, customer, "khalti", "95.00")
    station = running_sandbox.station()
    rental = customer.rent()
    running_sandbox.sandbox.advance(seconds=3)
    customer.return_powerbank(rental, station)
    assert customer.wallet()["balance"] == "80.00"
    refund_id = topup.request_refund()["refund_id"]
    operator = topup.operator()
    operator.post(f"/api/admin/refunds/{refund_id}/approve", {})
    running_sandbox.sandbox.drain()
    refunds = operator.get("/api/admin/refunds?status=approved")["results"]
    (refund,) = [item for item in refunds if item["id"] == refund_id]
    assert refund["needs_manual_close"]
    assert topup.status_and_balance() == ("approved", "0.00")
    assert topup.refund_calls() == []
    assert running_sandbox.books_balance()


def test_esewas_money_is_paid_by_hand(running_sandbox: RunningSandbox) -> None:
    topup = TopupToRefund(running_sandbox, running_sandbox.customer(None), "esewa", "100.00")
    refund_id = topup.request_refund()["refund_id"]
    operator = topup.operator()
    assert operator.call("POST", f"/api/admin/refunds/{refund_id}/approve", {}).code == "invalid_input"
    answer = operator.post(f"/api/admin/refunds/{refund_id}/approve", {"reference": "000AWEO"})
    assert (answer["status"], answer["refund_method"], answer["gateway_reference"]) == (
        "PROCESSED",
        "BY_HAND",
        "000AWEO",
    )
    assert topup.status_and_balance() == ("processed", "0.00")
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_a_refund_with_a_lost_response_is_queried_and_not_resent(
    running_sandbox: RunningSandbox, gateway: str
) -> None:
    topup = TopupToRefund(running_sandbox, running_sandbox.customer(None), gateway, "200.00")
    topup.fault(timeout=7)
    topup.approved_refund()
    running_sandbox.sandbox.drain()
    assert topup.status_and_balance() == ("approved", "0.00")
    topup.minutes_pass(4)
    assert topup.status_and_balance() == ("processed", "0.00")
    assert topup.answers() == [504]
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_a_refund_that_was_not_executed_is_sent_again(running_sandbox: RunningSandbox, gateway: str) -> None:
    topup = TopupToRefund(running_sandbox, running_sandbox.customer(None), gateway, "200.00")
    topup.fault(status=500)
    topup.approved_refund()
    running_sandbox.sandbox.drain()
    assert topup.status_and_balance() == ("approved", "0.00")
    topup.minutes_pass(16)
    assert (topup.status_and_balance(), topup.answers()) == (("approved", "0.00"), [500])
    topup.minutes_pass(32)
    assert topup.status_and_balance() == ("processed", "0.00")
    assert topup.answers() == [500, 200]
    assert running_sandbox.books_balance()


def test_a_partial_refund_at_the_portal_is_left_to_a_person(running_sandbox: RunningSandbox) -> None:
    """The rest is neither sent nor returned to the wallet, because a person refunded at the portal."""
    topup = TopupToRefund(running_sandbox, running_sandbox.customer(None), "khalti", "100.00")
    refund_id = topup.request_refund()["refund_id"]
    refund_in_merchant_portal(topup, paisa=1_000)
    topup.operator().post(f"/api/admin/refunds/{refund_id}/approve")
    running_sandbox.sandbox.drain()
    assert topup.status_and_balance() == ("approved", "0.00")
    assert running_sandbox.books_balance()


def test_a_refund_at_the_portal_is_not_repeated(running_sandbox: RunningSandbox) -> None:
    topup = TopupToRefund(running_sandbox, running_sandbox.customer(None), "khalti", "100.00")
    refund_id = topup.request_refund()["refund_id"]
    refund_in_merchant_portal(topup, paisa=10_000)
    topup.operator().post(f"/api/admin/refunds/{refund_id}/approve")
    running_sandbox.sandbox.drain()
    assert topup.status_and_balance() == ("processed", "0.00")
    assert running_sandbox.books_balance()


def refund_in_merchant_portal(topup: TopupToRefund, paisa: int) -> None:
    """The operator refunds at Khalti's own dashboard, without the service."""
    env = topup.running_sandbox.sandbox.get("/env")
    headers = {"Authorization": f"Key {SECRET_KEY}"}
    api = env["BIJULI_KHALTI_API_URL"]
    attempt = next(
        item["body"]["pidx"]
        for item in reversed(topup.running_sandbox.sandbox.get("/calls?service=khalti"))
        if item["path"].endswith("/lookup/")
    )
    answer = requests.post(f"{api}epayment/lookup/", json={"pidx": attempt}, headers=headers, timeout=60).json()
    url = f"{env['BIJULI_KHALTI_REFUND_URL']}merchant-transaction/{answer['transaction_id']}/refund/"
    assert requests.post(url, json={"amount": paisa}, headers=headers, timeout=60).status_code == 200


def test_a_rejected_request_moves_no_money_and_can_be_repeated(running_sandbox: RunningSandbox) -> None:
    topup = TopupToRefund(running_sandbox, running_sandbox.customer(None), "khalti", "100.00")
    refund_id = topup.request_refund()["refund_id"]
    topup.operator().post(f"/api/admin/refunds/{refund_id}/reject", {"reason": "please wait"})
    assert topup.status_and_balance() == ("rejected", "100.00")
    assert topup.request_refund()["status"] == "requested"
    assert topup.answers() == []
    assert running_sandbox.books_balance()
