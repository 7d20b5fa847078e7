"""Routes of refunds for customers: requests, their list, and the refunds in the transactions."""

from app import app
from tests.functions.refund_office import RefundOffice
from tests.scenarios.refund_scenario import SUM
from tests.world.http_client import request
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of


def test_a_refund_request_is_listed_only_for_its_customer(office: RefundOffice) -> None:
    reply = office.ask(office.scenario.top_up())
    assert reply.status == 201
    fields = ("status", "amount", "points", "currency", "reason", "payment_method")
    assert [reply.data[name] for name in fields] == ["requested", "500.00", 50, "NPR", "by mistake", "khalti"]
    mine = request(app, "GET", "/api/payment/refunds", token=office.customer).data
    assert [item["refund_id"] for item in mine["results"]] == [reply.data["refund_id"]]
    other = token_of(office.scenario.network, office.scenario.network.customer())
    assert request(app, "GET", "/api/payment/refunds", token=other).data["results"] == []
    before = all_rows()
    theirs = reply.data["transaction_id"]
    answer = request(app, "POST", f"/api/payment/refund/{theirs}", {"reason": "mine"}, token=other)
    assert (answer.status, answer.code) == (404, "not_found")
    assert all_rows() == before


def test_the_same_key_requests_one_refund_and_replays_the_response(office: RefundOffice) -> None:
    transaction, key = office.scenario.top_up(), {"Idempotency-Key": "tap"}
    first, second = office.ask(transaction, **key), office.ask(transaction, **key)
    assert (first.text, first.status) == (second.text, second.status) == (first.text, 201)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert office.ask(transaction).code == "refund_open"
    assert office.ask(f"{transaction}9", **key).code == "idempotency_key_reused"


def test_refunds_are_paged_newest_first(office: RefundOffice) -> None:
    made = [office.requested() for _ in range(3)]
    names: list[str] = []
    url = "/api/payment/refunds?limit=2"
    page = request(app, "GET", url, token=office.customer).data
    names += [item["refund_id"] for item in page["results"]]
    page = request(app, "GET", f"{url}&cursor={page['next_cursor']}", token=office.customer).data
    names += [item["refund_id"] for item in page["results"]]
    assert (names, page["next_cursor"]) == (made[::-1], None)


def test_a_rejection_shows_its_reason_to_the_customer(office: RefundOffice) -> None:
    refund_id = office.requested()
    assert office.decide(refund_id, "reject").code == "invalid_input"
    assert office.decide(refund_id, "reject", {"reason": "it was spent"}).data["status"] == "REJECTED"
    assert office.decide(refund_id, "reject", {"reason": "again"}).code == "refund_already_decided"
    (answer,) = request(app, "GET", "/api/payment/refunds", token=office.customer).data["results"]
    assert (answer["status"], answer["rejection_reason"]) == ("rejected", "it was spent")
    assert office.scenario.wallet == SUM


def test_a_refund_is_a_transaction_and_its_payment_shows_refunded(office: RefundOffice) -> None:
    office.decide(office.requested(), "approve")
    office.scenario.send()
    answer = request(app, "GET", "/api/user/transactions?type=refund", token=office.customer).data["results"]
    assert [(item["type"], item["status"], item["amount"]) for item in answer] == [("refund", "success", "500.00")]
    answer = request(app, "GET", "/api/user/transactions?status=refunded", token=office.customer).data["results"]
    assert [item["type"] for item in answer] == ["topup"]
