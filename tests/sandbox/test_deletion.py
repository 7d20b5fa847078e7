"""Account deletion over HTTP: rejected while anything is open, then erased from every company."""

from typing import Any

import pytest

from infra.local.client import ApiResponse
from infra.local.customer import Customer, operator_at
from infra.local.seeds.seed import FINANCE_EMAIL
from tests.sandbox.conftest import RunningSandbox
from tests.world.pictures import phone_photo

ACCOUNT = "/api/auth/account"
LATE_TOPUP_SEQ = 3
"""After the points of the sign-up and their forfeit."""


def leave(customer: Customer, body: Any = None) -> ApiResponse:
    return customer.api.call("DELETE", ACCOUNT, body)


def user_id(customer: Customer) -> str:
    return str(customer.api.get("/api/auth/me")["id"])


def files(running_sandbox: RunningSandbox, of: str) -> list[Any]:
    return [item for item in running_sandbox.sandbox.get("/media") if of in item["public_id"]]


def erased(running_sandbox: RunningSandbox) -> None:
    """Advance the minute after which the second erasure runs, and drain."""
    running_sandbox.sandbox.advance(seconds=130)
    assert running_sandbox.sandbox.drain()["dead"] == 0


def come_in(customer: Customer) -> Any:
    """Register as a new customer."""
    customer.api.token = None
    customer.sandbox.advance(seconds=61)
    customer.sign_up()
    return customer.api.get("/api/auth/me")


def test_an_account_with_money_is_deleted_when_it_is_forfeited(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer("500.00")
    mine = user_id(customer)
    customer.api.call(
        "POST",
        "/api/app/upload",
        files={"file": ("me.jpg", phone_photo(), "image/jpeg")},
        fields={"purpose": "general"},
    )
    assert len(files(running_sandbox, mine)) >= 2
    answer = leave(customer)
    assert (answer.status, answer.code) == (409, "balance_left")
    assert answer.body["error"]["details"]["balance"] == "500.00"
    assert customer.wallet()["balance"] == "500.00"
    reply = leave(customer, {"forfeit_balance": True})
    assert reply.status == 200
    assert reply.data["deleted_at"].endswith("Z")
    assert leave(customer, {"forfeit_balance": True}).code == "session_ended"
    erased(running_sandbox)
    assert files(running_sandbox, mine) == []
    assert running_sandbox.books_balance()


def test_the_same_phone_registers_again_without_a_second_bonus(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    mine, points = user_id(customer), customer.api.get("/api/auth/me")["points"]["current"]
    assert points == 50
    assert leave(customer).status == 200
    again = come_in(customer)
    assert again["id"] != mine
    assert (again["points"]["current"], again["kyc"]["status"]) == (0, "not_submitted")
    erased(running_sandbox)
    running_sandbox.sandbox.drain()
    assert customer.api.get("/api/auth/me")["points"]["current"] == 0
    assert running_sandbox.books_balance()


def test_open_affairs_prevent_a_deletion(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer("500.00")
    order = {"amount": "100.00", "payment_method": "khalti"}
    intent_id = customer.api.post("/api/payment/wallet/topup-intent", order, want=201)["intent_id"]
    assert leave(customer, {"forfeit_balance": True}).code == "topup_pending"
    customer.api.post(f"/api/payment/cancel/{intent_id}", {})
    station = running_sandbox.station()
    rental = customer.rent()
    assert leave(customer, {"forfeit_balance": True}).code == "rental_open"
    returned = {"powerbank_sn": rental["powerbank"]["sn"]}
    running_sandbox.sandbox.advance(seconds=3)
    running_sandbox.sandbox.post(f"/cabinets/{station['imei']}/return", returned)
    running_sandbox.sandbox.drain()
    assert leave(customer, {"forfeit_balance": True}).status == 200
    erased(running_sandbox)
    assert running_sandbox.books_balance()


def test_a_failing_media_store_delays_no_deletion_and_is_retried(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    mine = user_id(customer)
    assert files(running_sandbox, mine)
    running_sandbox.sandbox.post("/faults", {"service": "cloudinary", "status": 500, "times": 2})
    assert leave(customer).status == 200
    assert come_in(customer)["id"] != mine
    erased(running_sandbox)
    assert files(running_sandbox, mine) == []
    assert running_sandbox.books_balance()


def test_late_money_is_credited_to_the_deleted_account_and_paid_back(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    mine = user_id(customer)
    order = {"amount": "100.00", "payment_method": "khalti"}
    intent_id = customer.api.post("/api/payment/wallet/topup-intent", order, want=201)["intent_id"]
    running_sandbox.sandbox.advance(minutes=31)
    customer.refresh()
    assert leave(customer).status == 200
    running_sandbox.sandbox.post(f"/gateways/khalti/{intent_id}/pay", {"outcome": "success", "callback": "twice"})
    running_sandbox.sandbox.drain()
    erased(running_sandbox)
    assert running_sandbox.books_balance()
    late_topup = {"transaction_id": f"{mine}-{LATE_TOPUP_SEQ}", "reason": "the account is deleted"}
    operator = running_sandbox.operator()
    refund = operator.post("/api/admin/refunds", late_topup, want=201)
    assert (refund["amount"], refund["status"]) == ("100.00", "REQUESTED")
    other = operator_at(running_sandbox.api_url, FINANCE_EMAIL)
    other.post(f"/api/admin/refunds/{refund['id']}/approve", {})
    running_sandbox.sandbox.drain()
    processed = other.get("/api/admin/refunds?status=PROCESSED")["results"]
    assert refund["id"] in [item["id"] for item in processed]
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.matrix)])
def test_many_notifications_hinder_no_deletion(running_sandbox: RunningSandbox, count: int) -> None:
    """The request erases none of them: API Gateway would end it after 29 s."""
    customer = running_sandbox.newcomer()
    mine = user_id(customer)
    running_sandbox.sandbox.post("/notifications", {"user_id": mine, "count": count})
    assert customer.api.get("/api/user/notifications?limit=1")["unread_count"] > 0
    assert leave(customer, {"forfeit_balance": True}).status == 200
    erased(running_sandbox)
    assert running_sandbox.books_balance()
