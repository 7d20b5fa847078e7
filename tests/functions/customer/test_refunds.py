"""The doors of refunds: what customers ask, what operators and their dashboard see and decide."""

from dataclasses import dataclass
from typing import Any

import pytest

from app import app
from chalicelib.domain.payment_gateway import Repaid, Repayment
from chalicelib.domain.refund import Refund, RefundState
from chalicelib.services.refunds import decisions
from tests.asking import Asked, ask
from tests.desk import SUM, Desk
from tests.doors import everything, token_for, token_of
from tests.meanwhile import meanwhile
from tests.street import Street

PENDING, ALL = "/api/admin/refunds/pending", "/api/admin/refunds"


@dataclass
class Office:
    """A desk, asked through its doors."""

    desk: Desk

    def __post_init__(self) -> None:
        self.customer = token_of(self.desk.street, self.desk.user)
        self.operator = token_for(self.desk.world, self.desk.operator())

    def ask(self, transaction: str, **headers: str) -> Asked:
        path = f"/api/payment/refund/{transaction}"
        return ask(app, "POST", path, {"reason": "by mistake"}, token=self.customer, headers=headers)

    def asked(self, **top_up: Any) -> str:
        """A request that waits. Returns its id."""
        refund_id: str = self.ask(self.desk.top_up(**top_up)).data["refund_id"]
        self.desk.scene.clock.pass_(seconds=1)
        return refund_id

    def decide(self, refund_id: str, verb: str, body: Any = None, **headers: str) -> Asked:
        path = f"/api/admin/refunds/{refund_id}/{verb}"
        return ask(app, "POST", path, body or {}, token=self.operator, headers=headers)

    def open(self, said: Any, **headers: str) -> Asked:
        return ask(app, "POST", ALL, said, token=self.operator, headers=headers)

    def refund(self, refund_id: str) -> Refund:
        return decisions.read(self.desk.world, refund_id)

    def see(self, url: str) -> Any:
        return ask(app, "GET", url, token=self.operator).data


@pytest.fixture
def office(street: Street) -> Office:
    return Office(Desk(street))


def test_a_request_is_told_and_listed_to_its_customer_only(office: Office) -> None:
    told = office.ask(office.desk.top_up())
    assert told.status == 201
    fields = ("status", "amount", "points", "currency", "reason", "payment_method")
    assert [told.data[name] for name in fields] == ["requested", "500.00", 50, "NPR", "by mistake", "khalti"]
    mine = ask(app, "GET", "/api/payment/refunds", token=office.customer).data
    assert [one["refund_id"] for one in mine["results"]] == [told.data["refund_id"]]
    other = token_of(office.desk.street, office.desk.street.customer())
    assert ask(app, "GET", "/api/payment/refunds", token=other).data["results"] == []
    before = everything()
    theirs = told.data["transaction_id"]
    answer = ask(app, "POST", f"/api/payment/refund/{theirs}", {"reason": "mine"}, token=other)
    assert (answer.status, answer.code) == (404, "not_found")
    assert everything() == before


def test_the_same_key_asks_once_and_answers_the_same(office: Office) -> None:
    transaction, key = office.desk.top_up(), {"Idempotency-Key": "tap"}
    first, second = office.ask(transaction, **key), office.ask(transaction, **key)
    assert (first.text, first.status) == (second.text, second.status) == (first.text, 201)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert office.ask(transaction).code == "refund_open"
    assert office.ask(f"{transaction}9", **key).code == "idempotency_key_reused"


def test_refunds_are_leafed_through_newest_first(office: Office) -> None:
    made = [office.asked() for _ in range(3)]
    found: list[str] = []
    url = "/api/payment/refunds?limit=2"
    page = ask(app, "GET", url, token=office.customer).data
    found += [one["refund_id"] for one in page["results"]]
    page = ask(app, "GET", f"{url}&cursor={page['next_cursor']}", token=office.customer).data
    found += [one["refund_id"] for one in page["results"]]
    assert (found, page["next_cursor"]) == (made[::-1], None)


def test_an_operator_sees_the_oldest_first_and_grants_once(office: Office) -> None:
    made = [office.asked() for _ in range(3)]
    first = office.see(f"{PENDING}?page=1&page_size=2")
    assert [one["id"] for one in first["results"]] == made[:2]
    assert (first["pagination"]["total_count"], first["pagination"]["has_next"]) == (3, True)
    assert [one["id"] for one in office.see(f"{PENDING}?page=2&page_size=2")["results"]] == made[2:]
    key = {"Idempotency-Key": "grant"}
    granted = office.decide(made[0], "approve", {"admin_notes": "seen"}, **key)
    assert (granted.data["status"], granted.data["way"], granted.data["amount"]) == ("APPROVED", "GATEWAY", "500.00")
    assert office.decide(made[0], "approve", {"admin_notes": "seen"}, **key).text == granted.text
    assert office.decide(made[0], "approve").code == "refund_already_decided"
    office.desk.send()
    (done,) = office.see(f"{ALL}?status=PROCESSED")["results"]
    assert (done["id"], done["status"], done["needs_closing"]) == (made[0], "PROCESSED", False)
    assert done["processed_at"] is not None
    assert [one["id"] for one in office.see(ALL)["results"]] == made[1:]
    assert office.desk.street.books_balance()


def test_an_operators_key_keeps_no_words_and_is_answered_the_same(office: Office) -> None:
    refund_id, key = office.asked(), {"Idempotency-Key": "tap"}
    granted = office.decide(refund_id, "approve", {"admin_notes": "seen"}, **key)
    assert "Idempotent-Replayed" not in granted.headers
    kept = "\n".join(everything()["test-answers"])
    assert refund_id in kept
    assert not [words for words in ("by mistake", "seen") if words in kept]
    again = office.decide(refund_id, "approve", {"admin_notes": "seen"}, **key)
    assert (again.text, again.headers["Idempotent-Replayed"]) == (granted.text, "true")
    office.desk.send()
    later = office.decide(refund_id, "approve", {"admin_notes": "seen"}, **key)
    assert (later.status, later.text) == (200, granted.text)
    assert office.refund(refund_id).state is RefundState.PROCESSED
    assert office.decide(refund_id, "approve", {"admin_notes": "other"}, **key).code == "idempotency_key_reused"
    assert len(office.desk.told(office.refund(refund_id))) == 2


def test_two_grants_with_one_key_at_once_are_one(office: Office) -> None:
    refund_id, key = office.asked(), {"Idempotency-Key": "tap"}
    with meanwhile(lambda: office.decide(refund_id, "approve", **key)) as quicker:
        slower = office.decide(refund_id, "approve", **key)
    assert (quicker[0].status, slower.code) == (200, "idempotency_in_progress")
    assert office.decide(refund_id, "approve", **key).data["status"] == "APPROVED"
    assert office.desk.street.books_balance()


def test_an_operator_opens_one_by_a_key_and_another_decides_it(office: Office) -> None:
    key = {"Idempotency-Key": "they rang"}
    said = {"transaction_id": office.desk.top_up(), "reason": "asked for by phone"}
    first, second = office.open(said, **key), office.open(said, **key)
    assert (first.status, second.status, second.text) == (201, 201, first.text)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "asked for by phone" not in str(everything()["test-answers"])
    told = first.data
    assert (told["status"], told["amount"], told["user_id"]) == ("REQUESTED", "500.00", office.desk.user)
    assert told["requested_by"] == office.desk.operator().user_id
    assert office.open(said).code == "refund_open"
    assert office.open({**said, "transaction_id": "nobodys-1"}).code == "not_found"
    assert office.decide(told["id"], "approve").code == "refund_own_request"
    office.operator = token_for(office.desk.world, office.desk.operator("second"))
    assert office.decide(told["id"], "approve").data["status"] == "APPROVED"
    (mine,) = ask(app, "GET", "/api/payment/refunds", token=office.customer).data["results"]
    assert (mine["refund_id"], mine["reason"]) == (told["id"], "asked for by phone")
    assert office.desk.street.books_balance()


def test_the_dashboards_words_do_the_same(office: Office) -> None:
    granted, refused, by_hand = office.asked(), office.asked(), office.asked(gateway="esewa")
    assert office.decide(granted, "process", {"action": "APPROVE"}).data["status"] == "APPROVED"
    assert office.decide(refused, "process", {"action": "REJECT"}).code == "invalid_input"
    told = office.decide(refused, "process", {"action": "REJECT", "admin_notes": "spent"}).data
    assert (told["status"], told["admin_notes"]) == ("REJECTED", "spent")
    assert office.decide(by_hand, "process", {"action": "approve"}).body["errors"] == {
        "reference": ["needed where it was paid by hand"]
    }
    told = office.decide(by_hand, "process", {"action": "approve", "admin_notes": "000AWEO"}).data
    assert (told["status"], told["gateway_reference"], told["way"]) == ("PROCESSED", "000AWEO", "BY_HAND")
    columns = "id,amount,reason,status,gateway_reference,admin_notes,requested_at,processed_at,transaction_id"
    assert set(columns.split(",")) <= told.keys()
    assert office.desk.street.books_balance()


def test_a_rejection_says_why_and_to_the_customer_too(office: Office) -> None:
    refund_id = office.asked()
    assert office.decide(refund_id, "reject").code == "invalid_input"
    assert office.decide(refund_id, "reject", {"reason": "it was spent"}).data["status"] == "REJECTED"
    assert office.decide(refund_id, "reject", {"reason": "again"}).code == "refund_already_decided"
    (told,) = ask(app, "GET", "/api/payment/refunds", token=office.customer).data["results"]
    assert (told["status"], told["rejection_reason"]) == ("rejected", "it was spent")
    assert office.desk.wallet == SUM


def test_who_asked_is_refused_at_the_operators_door_too(office: Office) -> None:
    refund_id = office.asked()
    answer = ask(app, "POST", f"/api/admin/refunds/{refund_id}/approve", {}, token=office.customer)
    assert (answer.status, answer.code) == (403, "forbidden")


def test_what_nobody_can_look_up_is_closed_by_an_operator(office: Office) -> None:
    refund_id = office.asked()
    office.desk.scene.khalti.repayment = Repayment(Repaid.BY_HAND)
    office.decide(refund_id, "approve")
    said = {"outcome": "PAID", "admin_notes": "the portal shows it", "reference": "bank 1", "way": "BY_HAND"}
    assert office.decide(refund_id, "close", said).code == "refund_in_progress"
    office.desk.send()
    (told,) = office.see(f"{ALL}?status=approved")["results"]
    assert told["needs_closing"]
    assert office.decide(refund_id, "close", {**said, "reference": None}).code == "invalid_input"
    closed = office.decide(refund_id, "close", said).data
    assert (closed["status"], closed["gateway_reference"], closed["needs_closing"]) == ("PROCESSED", "bank 1", False)
    assert office.decide(refund_id, "close", said).code == "refund_already_decided"
    assert office.desk.street.books_balance()


def test_a_customers_list_tells_of_refunds(office: Office) -> None:
    office.decide(office.asked(), "approve")
    office.desk.send()
    told = ask(app, "GET", "/api/user/transactions?type=refund", token=office.customer).data["results"]
    assert [(one["type"], one["status"], one["amount"]) for one in told] == [("refund", "success", "500.00")]
    told = ask(app, "GET", "/api/user/transactions?status=refunded", token=office.customer).data["results"]
    assert [one["type"] for one in told] == ["topup"]
