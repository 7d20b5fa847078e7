"""Routes of top-ups in review."""

from dataclasses import dataclass

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from tests.world.builders import account, operator_account
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

INTENTS = "/api/admin/intents"


@dataclass
class ReviewScenario:
    """A customer whose top-up of 500 was paid with 400, and an operator."""

    network: Network
    user_id: str
    intent_id: str
    token: str

    def listed(self, query: str = "") -> Reply:
        return request(app, "GET", INTENTS + query, token=self.token)

    def resolve(self, action: str, intent_id: str | None = None) -> Reply:
        order = {"action": action, "note": "the customer called"}
        return request(app, "POST", f"{INTENTS}/{intent_id or self.intent_id}/resolve", order, token=self.token)


@pytest.fixture
def scenario(network: Network) -> ReviewScenario:
    user = network.customer(wallet_paisa=0)
    token = token_of(network, user)
    order = {"amount": "500", "payment_method": "khalti"}
    intent_id = request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token).data["intent_id"]
    network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "theirs", 40_000)
    request(app, "POST", "/api/payment/verify-topup", {"intent_id": intent_id}, token=token)
    operator = operator_account(network.world, "finance@example.com", "a password", Role.FINANCE)
    return ReviewScenario(network, user, intent_id, token_of(network, operator))


def test_an_intent_in_review_shows_both_amounts_and_references(scenario: ReviewScenario) -> None:
    answer = scenario.listed().data
    (item,) = answer["intents"]
    assert (item["id"], item["user_id"], item["status"]) == (scenario.intent_id, scenario.user_id, "DISPUTED")
    assert (item["amount"], item["gateway_amount"], item["gateway_reference_seen"]) == ("500.00", "400.00", "theirs")
    assert (item["reason"], item["closed_at"]) == ("wrong_amount", None)
    assert answer["pagination"]["total_count"] == 1
    assert scenario.listed("?state=DISPUTED&page=2&page_size=1").data["intents"] == []


@pytest.mark.parametrize("query", ["?state=pending", "?page=0", "?page_size=101", "?page=x", "?page=1&page=2"])
def test_odd_query_parameters_are_refused(query: str, scenario: ReviewScenario) -> None:
    assert scenario.listed(query).code == "invalid_input"


@pytest.mark.parametrize("action", ["recheck", "RECHECK"])
def test_a_recheck_credits_a_matching_payment(action: str, scenario: ReviewScenario) -> None:
    scenario.network.fake_world.khalti.payment_status = PaymentStatus(
        PaymentState.PAID, "theirs", 50_000, reason="completed"
    )
    answer = scenario.resolve(action).data
    content = {
        "status": "PAID",
        "reason": "completed",
        "amount": "500.00",
        "refunded_amount": None,
        "reference": "theirs",
    }
    assert (answer["status"], answer["gateway_status"]) == ("SUCCESS", content)
    assert account(scenario.user_id).wallet_paisa == 50_000
    assert scenario.listed().data["intents"] == []
    assert (scenario.resolve(action).status, scenario.resolve(action).code) == (409, "intent_not_disputed")
    assert scenario.network.books_balance()


@pytest.mark.parametrize("action", ["close", "CLOSE"])
def test_closing_an_intent_removes_it_from_the_list(action: str, scenario: ReviewScenario) -> None:
    answer = scenario.resolve(action).data
    assert (answer["status"], answer["gateway_status"]) == ("DISPUTED", None)
    assert answer["closed_at"]
    assert scenario.listed().data["intents"] == []
    assert scenario.resolve("recheck").code == "intent_not_disputed"
    assert account(scenario.user_id).wallet_paisa == 0


@pytest.mark.parametrize("action", ["credit", "closed", ""])
def test_an_unknown_action_is_refused(action: str, scenario: ReviewScenario) -> None:
    before = all_rows()
    assert scenario.resolve(action).code == "invalid_input"
    assert scenario.resolve("close", "nobodys").code == "not_found"
    assert scenario.resolve("close", "x" * 120).code == "not_found"
    assert all_rows() == before
