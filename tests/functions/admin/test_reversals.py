"""Routes of reversed top-ups."""

from dataclasses import dataclass
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.services.topups import reversals
from tests.scenarios.reconciliation_scenario import ReconciliationScenario
from tests.world.builders import account
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_for

REVERSALS = "/api/admin/reversals"


@dataclass
class ReversalOffice:
    """A credited top-up of 500 that went back at its gateway, and an operator."""

    gateway_day: ReconciliationScenario
    intent: Intent
    intent_id: str
    token: str

    def listed(self, query: str = "") -> Any:
        return request(app, "GET", REVERSALS + query, token=self.token).data["results"]

    def resolve(self, **order: Any) -> Reply:
        body = {"note": "seen in the portal", **order}
        return request(app, "POST", f"{REVERSALS}/{self.intent_id}/resolve", body, token=self.token)


def office_of(network: Network, payment_status: PaymentStatus) -> ReversalOffice:
    gateway_day = ReconciliationScenario(network)
    intent = gateway_day.credited()
    gateway_day.gateway_reports(intent, payment_status)
    reversals.check(gateway_day.world, intent)
    operator = network.operator("finance@example.com", Role.FINANCE)
    return ReversalOffice(gateway_day, intent, intent.intent_id, token_for(network.world, operator))


@pytest.fixture
def office(network: Network) -> ReversalOffice:
    return office_of(network, PaymentStatus(PaymentState.PARTLY_REFUNDED, "t1", 50_000, refunded_paisa=12_000))


def test_an_open_reversal_is_listed_with_its_sums(office: ReversalOffice) -> None:
    (line,) = office.listed()
    assert (line["intent_id"], line["payment_method"], line["status"]) == (office.intent_id, "khalti", "OPEN")
    assert (line["amount"], line["reversed_amount"], line["outstanding_amount"]) == ("500.00", "120.00", "120.00")
    assert (line["reason"], line["action"], line["decided_at"]) == ("partly_refunded", None, None)
    assert office.listed("?status=DECIDED") == []


@pytest.mark.parametrize("action", ["take_back", "TAKE_BACK", "due", "leave"])
def test_a_decision_is_listed_with_its_sums(action: str, office: ReversalOffice) -> None:
    decided = office.resolve(action=action).data
    is_left = action == "leave"
    assert (decided["status"], decided["action"]) == ("DECIDED", action.upper())
    assert (decided["wallet_amount"], decided["due_amount"], decided["loss_amount"]) == (
        "0.00" if is_left else "120.00",
        "0.00",
        "120.00" if is_left else "0.00",
    )
    assert office.listed() == []
    assert office.listed("?status=decided") == [decided]
    assert office.resolve(action=action).code == "reversal_already_decided"
    assert account(office.gateway_day.user).wallet_paisa == (50_000 if is_left else 38_000)


def test_a_reversal_without_a_reported_sum_needs_an_amount(network: Network) -> None:
    office = office_of(network, PaymentStatus(PaymentState.PARTLY_REFUNDED, "t1", 50_000))
    assert office.listed()[0]["outstanding_amount"] is None
    assert office.resolve(action="take_back").body["errors"].keys() == {"amount"}
    assert office.resolve(action="take_back", amount="600").body["errors"].keys() == {"amount"}
    assert office.resolve(action="take_back", amount="120.50").data["wallet_amount"] == "120.50"


def test_restored_money_is_given_back_with_its_sums(office: ReversalOffice) -> None:
    assert office.resolve(action="give_back").body["errors"].keys() == {"action"}
    office.resolve(action="take_back")
    intent = office.gateway_day.now(office.intent)
    office.gateway_day.gateway_reports(intent, PaymentStatus(PaymentState.PAID, "t1", 50_000))
    reversals.check(office.gateway_day.world, intent)
    (line,) = office.listed()
    assert (line["reason"], line["restored_amount"], line["outstanding_amount"]) == ("restored", "120.00", "0.00")
    assert office.resolve(action="take_back").body["errors"].keys() == {"action"}
    given = office.resolve(action="GIVE_BACK").data
    assert (given["status"], given["action"], given["wallet_amount"]) == ("DECIDED", "GIVE_BACK", "0.00")
    assert account(office.gateway_day.user).wallet_paisa == 50_000
    network = office.gateway_day.network
    token = token_for(network.world, network.sessions[office.gateway_day.user])
    newest = request(app, "GET", "/api/user/transactions", token=token).data["results"][0]
    assert (newest["type"], newest["amount"], newest["intent_id"]) == ("adjustment", "120.00", office.intent_id)
    assert newest["description"] == "Top-up given back after a review"


def test_money_restored_before_a_decision_is_listed_as_ended(office: ReversalOffice) -> None:
    intent = office.gateway_day.now(office.intent)
    office.gateway_day.gateway_reports(intent, PaymentStatus(PaymentState.PAID, "t1", 50_000))
    reversals.check(office.gateway_day.world, intent)
    assert office.listed() == []
    (line,) = office.listed("?status=ENDED")
    assert (line["status"], line["outstanding_amount"], line["action"]) == ("ENDED", "0.00", None)


def test_the_customer_sees_what_was_taken_back(office: ReversalOffice) -> None:
    office.resolve(action="take_back")
    network = office.gateway_day.network
    token = token_for(network.world, network.sessions[office.gateway_day.user])
    newest = request(app, "GET", "/api/user/transactions", token=token).data["results"][0]
    assert (newest["type"], newest["amount"], newest["status"]) == ("adjustment", "120.00", "success")
    assert (newest["intent_id"], newest["rental_id"]) == (office.intent_id, None)
    assert newest["description"] == "Top-up taken back by the payment service"
    statement = request(app, "GET", "/api/user/statement", token=token).data["lines"]
    assert "adjustment" in [line["type"] for line in statement]


def test_an_unknown_reversal_is_not_found(office: ReversalOffice) -> None:
    office.intent_id = office.gateway_day.opened().intent_id
    assert office.resolve(action="leave").code == "not_found"
    office.intent_id = "unknown"
    assert office.resolve(action="leave").code == "not_found"
