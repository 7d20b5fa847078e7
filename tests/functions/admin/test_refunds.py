"""Routes of refunds for operators and their dashboard: lists, decisions and closings."""

from app import app
from chalicelib.domain.payments.payment_gateway import GatewayRefundState, RefundStatus
from chalicelib.domain.payments.refund import RefundState
from tests.engines.interleaving import interleave
from tests.functions.refund_office import ALL_REFUNDS, PENDING_REFUNDS, RefundOffice
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import PAY_AS_YOU_GO
from tests.world.real_tables import all_rows
from tests.world.tokens import token_for


def test_pending_refunds_are_oldest_first_and_approved_once(office: RefundOffice) -> None:
    made = [office.requested() for _ in range(3)]
    first = office.see(f"{PENDING_REFUNDS}?page=1&page_size=2")
    assert [item["id"] for item in first["results"]] == made[:2]
    assert (first["pagination"]["total_count"], first["pagination"]["has_next"]) == (3, True)
    assert [item["id"] for item in office.see(f"{PENDING_REFUNDS}?page=2&page_size=2")["results"]] == made[2:]
    key = {"Idempotency-Key": "grant"}
    approved = office.decide(made[0], "approve", {"admin_notes": "seen"}, **key)
    assert (approved.data["status"], approved.data["refund_method"], approved.data["amount"]) == (
        "APPROVED",
        "GATEWAY",
        "500.00",
    )
    assert office.decide(made[0], "approve", {"admin_notes": "seen"}, **key).text == approved.text
    assert office.decide(made[0], "approve").code == "refund_already_decided"
    office.scenario.send()
    (processed,) = office.see(f"{ALL_REFUNDS}?status=PROCESSED")["results"]
    assert (processed["id"], processed["status"], processed["needs_manual_close"]) == (made[0], "PROCESSED", False)
    assert processed["processed_at"] is not None
    assert [item["id"] for item in office.see(ALL_REFUNDS)["results"]] == made[1:]
    assert office.scenario.network.books_balance()


def test_an_operators_replay_is_the_same_though_free_text_is_not_stored(office: RefundOffice) -> None:
    refund_id, key = office.requested(), {"Idempotency-Key": "tap"}
    approved = office.decide(refund_id, "approve", {"admin_notes": "seen"}, **key)
    assert "Idempotent-Replayed" not in approved.headers
    stored = "\n".join(all_rows()["test-idempotency_records"])
    assert refund_id in stored
    assert not [words for words in ("by mistake", "seen") if words in stored]
    second = office.decide(refund_id, "approve", {"admin_notes": "seen"}, **key)
    assert (second.text, second.headers["Idempotent-Replayed"]) == (approved.text, "true")
    office.scenario.send()
    later = office.decide(refund_id, "approve", {"admin_notes": "seen"}, **key)
    assert (later.status, later.text) == (200, approved.text)
    assert office.refund(refund_id).state is RefundState.PROCESSED
    assert office.decide(refund_id, "approve", {"admin_notes": "other"}, **key).code == "idempotency_key_reused"
    assert len(office.scenario.notified(office.refund(refund_id))) == 2


def test_two_approvals_with_one_key_at_once_are_one(office: RefundOffice) -> None:
    refund_id, key = office.requested(), {"Idempotency-Key": "tap"}
    with interleave(lambda: office.decide(refund_id, "approve", **key)) as first_replies:
        slower = office.decide(refund_id, "approve", **key)
    assert (first_replies[0].status, slower.code) == (200, "idempotency_in_progress")
    assert office.decide(refund_id, "approve", **key).data["status"] == "APPROVED"
    assert office.scenario.network.books_balance()


def test_an_operator_requests_a_refund_and_another_decides_it(office: RefundOffice) -> None:
    key = {"Idempotency-Key": "they rang"}
    content = {"transaction_id": office.scenario.top_up(), "reason": "asked for by phone"}
    first, second = office.open(content, **key), office.open(content, **key)
    assert (first.status, second.status, second.text) == (201, 201, first.text)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "asked for by phone" not in str(all_rows()["test-idempotency_records"])
    answer = first.data
    assert (answer["status"], answer["amount"], answer["user_id"]) == ("REQUESTED", "500.00", office.scenario.user)
    assert answer["requested_by"] == office.scenario.operator().user_id
    assert office.open(content).code == "refund_open"
    assert office.open({**content, "transaction_id": "nobodys-1"}).code == "not_found"
    assert office.decide(answer["id"], "approve").code == "refund_own_request"
    office.operator = token_for(office.scenario.world, office.scenario.operator("second"))
    assert office.decide(answer["id"], "approve").data["status"] == "APPROVED"
    (mine,) = request(app, "GET", "/api/payment/refunds", token=office.customer).data["results"]
    assert (mine["refund_id"], mine["reason"]) == (answer["id"], "asked for by phone")
    assert office.scenario.network.books_balance()


def test_the_dashboards_process_route_approves_and_rejects(office: RefundOffice) -> None:
    approved, refused, by_hand = office.requested(), office.requested(), office.requested(gateway="esewa")
    assert office.decide(approved, "process", {"action": "APPROVE"}).data["status"] == "APPROVED"
    assert office.decide(refused, "process", {"action": "REJECT"}).code == "invalid_input"
    answer = office.decide(refused, "process", {"action": "REJECT", "admin_notes": "spent"}).data
    assert (answer["status"], answer["admin_notes"]) == ("REJECTED", "spent")
    assert office.decide(by_hand, "process", {"action": "approve"}).body["errors"] == {
        "reference": ["Enter the payment reference."]
    }
    answer = office.decide(by_hand, "process", {"action": "approve", "admin_notes": "000AWEO"}).data
    assert (answer["status"], answer["gateway_reference"], answer["refund_method"]) == (
        "PROCESSED",
        "000AWEO",
        "BY_HAND",
    )
    columns = "id,amount,reason,status,gateway_reference,admin_notes,requested_at,processed_at,transaction_id"
    assert set(columns.split(",")) <= answer.keys()
    assert office.scenario.network.books_balance()


def test_an_operator_cannot_decide_an_own_request(office: RefundOffice) -> None:
    refund_id = office.requested()
    reply = request(app, "POST", f"/api/admin/refunds/{refund_id}/approve", {}, token=office.customer)
    assert (reply.status, reply.code) == (403, "forbidden")


def test_an_operator_closes_a_refund_without_a_gateway_outcome(office: RefundOffice) -> None:
    refund_id = office.requested()
    office.scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.BY_HAND)
    office.decide(refund_id, "approve")
    content = {
        "outcome": "PAID",
        "admin_notes": "the portal shows it",
        "reference": "bank 1",
        "refund_method": "BY_HAND",
    }
    assert office.decide(refund_id, "close", content).code == "refund_in_progress"
    office.scenario.send()
    (answer,) = office.see(f"{ALL_REFUNDS}?status=approved")["results"]
    assert answer["needs_manual_close"]
    assert office.decide(refund_id, "close", {**content, "reference": None}).code == "invalid_input"
    closed = office.decide(refund_id, "close", content).data
    assert (closed["status"], closed["gateway_reference"], closed["needs_manual_close"]) == (
        "PROCESSED",
        "bank 1",
        False,
    )
    assert office.decide(refund_id, "close", content).code == "refund_already_decided"
    assert office.scenario.network.books_balance()


def test_the_operators_list_shows_reasons_against_an_approval(office: RefundOffice) -> None:
    refund_id = office.requested()
    for url in (PENDING_REFUNDS, f"{ALL_REFUNDS}?status=requested"):
        (line,) = office.see(url)["results"]
        assert (line["due_amount"], line["open_rental_id"]) == ("0.00", None)
    rental = office.scenario.network.rented(office.scenario.user, package=PAY_AS_YOU_GO)
    (line,) = office.see(PENDING_REFUNDS)["results"]
    assert (line["id"], line["due_amount"], line["open_rental_id"]) == (refund_id, "0.00", rental.rental_id)
    refused = office.decide(refund_id, "approve")
    assert (refused.status, refused.code, refused.body["error"]["details"]["rental_id"]) == (
        409,
        "rental_open",
        rental.rental_id,
    )
    office.scenario.fake_world.clock.advance(minutes=61)
    office.scenario.network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    office.operator = token_for(office.scenario.world, office.scenario.operator())
    (line,) = office.see(PENDING_REFUNDS)["results"]
    assert (line["due_amount"], line["open_rental_id"]) == ("40.00", None)
    refused = office.decide(refund_id, "process", {"action": "APPROVE"})
    assert (refused.status, refused.code, refused.body["error"]["details"]["due"]) == (402, "due_unpaid", "40.00")


def test_a_refund_that_needs_the_payers_number_is_closed_with_it(office: RefundOffice) -> None:
    refund_id = office.requested()
    office.scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.BY_HAND, reason="mobile_needed")
    office.decide(refund_id, "approve")
    office.scenario.send()
    (answer,) = office.see(f"{ALL_REFUNDS}?status=approved")["results"]
    assert (answer["needs_manual_close"], answer["manual_close_reason"]) == (True, "mobile_needed")
    content = {
        "outcome": "PAID",
        "admin_notes": "paid in the panel",
        "reference": "panel 1",
        "refund_method": "BY_HAND",
        "payer_mobile": "98000",
    }
    assert office.decide(refund_id, "close", content).code == "invalid_input"
    closed = office.decide(refund_id, "close", {**content, "payer_mobile": "9800000001"}).data
    assert (closed["status"], closed["payer_mobile"]) == ("PROCESSED", "9800000001")
    assert office.refund(refund_id).without_free_text().payer_mobile is None
    assert office.scenario.network.books_balance()
