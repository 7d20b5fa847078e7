"""The operators' doors to disputed top-ups."""

from dataclasses import dataclass

import pytest

from app import app
from chalicelib.domain.account import Role
from chalicelib.domain.payment_gateway import Outcome, Paid
from tests.asking import Asked, ask
from tests.builders import account, operator_account
from tests.doors import everything, token_of
from tests.street import Street

INTENTS = "/api/admin/intents"


@dataclass
class Desk:
    """A customer whose top-up of 500 was paid with 400, and an operator."""

    street: Street
    user_id: str
    intent_id: str
    token: str

    def listed(self, query: str = "") -> Asked:
        return ask(app, "GET", INTENTS + query, token=self.token)

    def resolve(self, action: str, intent_id: str | None = None) -> Asked:
        order = {"action": action, "note": "the customer called"}
        return ask(app, "POST", f"{INTENTS}/{intent_id or self.intent_id}/resolve", order, token=self.token)


@pytest.fixture
def desk(street: Street) -> Desk:
    user = street.customer(wallet_paisa=0)
    token = token_of(street, user)
    order = {"amount": "500", "payment_method": "khalti"}
    intent_id = ask(app, "POST", "/api/payment/wallet/topup-intent", order, token=token).data["intent_id"]
    street.scene.khalti.outcome = Outcome(Paid.PAID, "theirs", 40_000)
    ask(app, "POST", "/api/payment/verify-topup", {"intent_id": intent_id}, token=token)
    operator = operator_account(street.world, "finance@example.com", "a password", Role.FINANCE)
    return Desk(street, user, intent_id, token_of(street, operator))


def test_what_was_asked_and_what_was_told_stand_side_by_side(desk: Desk) -> None:
    told = desk.listed().data
    (one,) = told["intents"]
    assert (one["id"], one["user_id"], one["status"]) == (desk.intent_id, desk.user_id, "DISPUTED")
    assert (one["amount"], one["told_amount"], one["told_reference"]) == ("500.00", "400.00", "theirs")
    assert (one["reason"], one["closed_at"]) == ("wrong_amount", None)
    assert told["pagination"]["total_count"] == 1
    assert desk.listed("?state=DISPUTED&page=2&page_size=1").data["intents"] == []


@pytest.mark.parametrize("query", ["?state=pending", "?page=0", "?page_size=101", "?page=x", "?page=1&page=2"])
def test_odd_questions_are_refused(query: str, desk: Desk) -> None:
    assert desk.listed(query).code == "invalid_input"


@pytest.mark.parametrize("action", ["look_again", "LOOK_AGAIN"])
def test_looking_again_credits_what_matches(action: str, desk: Desk) -> None:
    desk.street.scene.khalti.outcome = Outcome(Paid.PAID, "theirs", 50_000, reason="completed")
    told = desk.resolve(action).data
    said = {"status": "PAID", "reason": "completed", "amount": "500.00", "reference": "theirs"}
    assert (told["status"], told["gateway_said"]) == ("SUCCESS", said)
    assert account(desk.user_id).wallet_paisa == 50_000
    assert desk.listed().data["intents"] == []
    assert (desk.resolve(action).status, desk.resolve(action).code) == (409, "intent_not_disputed")
    assert desk.street.books_balance()


@pytest.mark.parametrize("action", ["close", "CLOSE"])
def test_closing_takes_it_off_the_list(action: str, desk: Desk) -> None:
    told = desk.resolve(action).data
    assert (told["status"], told["gateway_said"]) == ("DISPUTED", None)
    assert told["closed_at"]
    assert desk.listed().data["intents"] == []
    assert desk.resolve("look_again").code == "intent_not_disputed"
    assert account(desk.user_id).wallet_paisa == 0


@pytest.mark.parametrize("action", ["credit", "Close", ""])
def test_there_is_no_third_way(action: str, desk: Desk) -> None:
    before = everything()
    assert desk.resolve(action).code == "invalid_input"
    assert desk.resolve("close", "nobodys").code == "not_found"
    assert desk.resolve("close", "x" * 120).code == "not_found"
    assert everything() == before
