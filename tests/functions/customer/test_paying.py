"""What the app is told about money: before paying, when it is not enough, when it was paid, and afterwards."""

from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.rental import Rental
from chalicelib.world import Away
from tests.asking import Asked, ask
from tests.builders import LABIM, account
from tests.doors import everything, token_of
from tests.street import PAY_AS_YOU_GO, Street

METHODS = [
    {"id": "khalti", "name": "Khalti", "min_amount": "10.00", "max_amount": "100000.00"},
    {"id": "esewa", "name": "eSewa", "min_amount": "10.00", "max_amount": "50000.00"},
    {"id": "stripe", "name": "Stripe", "min_amount": "200.00", "max_amount": "50000.00"},
]


def post(street: Street, user: str, path: str, body: Any, **headers: str) -> Asked:
    return ask(app, "POST", path, body, token=token_of(street, user), headers=headers)


def options(street: Street, user: str, **question: str) -> Asked:
    return post(street, user, "/api/payment/calculate-options", question)


def owing(street: Street, user: str, minutes: int = 61) -> Rental:
    """A postpaid rental that is back and unpaid."""
    rental = street.rented(user, package=PAY_AS_YOU_GO)
    street.scene.clock.pass_(minutes=minutes)
    street.hear_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    return street.rental(rental)


def test_a_postpaid_package_costs_nothing_now(street: Street) -> None:
    user = street.customer(wallet_paisa=0)
    told = options(street, user, scenario="pre_payment", package_id=PAY_AS_YOU_GO).data
    assert (told["total_amount"], told["is_sufficient"], told["suggested_topup"]) == ("0.00", True, "0.00")


@pytest.mark.parametrize(("minutes", "cost"), [(5, "0.00"), (6, "20.00"), (60, "20.00"), (61, "40.00")])
def test_a_postpaid_rental_that_is_out_is_told_as_if_it_came_back_now(
    street: Street, minutes: int, cost: str
) -> None:
    user = street.customer()
    rental = street.rented(user, package=PAY_AS_YOU_GO)
    assert rental.started_at is not None
    street.scene.clock.at = rental.started_at + timedelta(minutes=minutes)
    told = options(street, user, scenario="post_payment", rental_id=rental.rental_id).data
    assert (told["total_amount"], told["rental_id"]) == (cost, rental.rental_id)
    view = ask(app, "GET", "/api/rentals/active", token=token_of(street, user)).data
    assert view["payment"] == {
        "model": "postpaid",
        "total": cost,
        "breakdown": {"points_used": 0, "points_amount": "0.00", "wallet_amount": "0.00"},
    }
    late = (view["due_at"], view["is_overdue"], view["time_remaining_minutes"], view["late_fee"])
    assert late == (None, False, 0, "0.00")
    assert (view["payment_status"], view["amount_paid"], view["due_amount"]) == ("pending", "0.00", "0.00")
    refused = post(street, user, f"/api/rentals/{rental.rental_id}/pay-due", {})
    assert (refused.status, refused.code) == (409, "nothing_due")


def test_without_naming_a_rental_the_account_s_due_is_told(street: Street) -> None:
    user = street.customer()
    assert options(street, user, scenario="post_payment").code == "nothing_due"
    rental = owing(street, user)
    told = options(street, user, scenario="post_payment").data
    assert (told["total_amount"], told["rental_id"]) == ("40.00", rental.rental_id)
    assert told["breakdown"] == {"points_used": 150, "points_amount": "15.00", "wallet_amount": "25.00"}


@pytest.mark.parametrize(
    ("amount", "told"), [("500", "500.00"), ("0.01", "10.00"), ("10.01", "11.00"), ("2000000", "100000.00")]
)
def test_a_topup_is_suggested_within_the_methods_limits(street: Street, amount: str, told: str) -> None:
    found = options(street, street.customer(), scenario="wallet_topup", amount=amount).data
    assert found["suggested_topup"] == told
    assert [{name: one[name] for name in METHODS[0]} for one in found["payment_methods"]] == METHODS


def test_a_start_that_is_too_dear_tells_what_to_top_up_and_where(street: Street) -> None:
    user = street.customer(wallet_paisa=1_050)
    before = everything()
    refused = post(street, user, "/api/rentals/start", {"station_sn": LABIM.sn, "package_id": "1-hour"})
    assert (refused.status, refused.code) == (402, "insufficient_funds")
    assert refused.body["error"]["details"] == {
        "total": "20.00",
        "shortfall": "4.50",
        "points_used": 50,
        "wallet": "10.50",
        "suggested_topup": "10.00",
        "payment_methods": METHODS,
    }
    assert without_sessions(everything()) == without_sessions(before)


def without_sessions(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: found for name, found in rows.items() if not name.endswith(("sessions", "signed_in"))}


def test_a_due_that_is_too_dear_tells_the_same_and_changes_nothing(street: Street) -> None:
    user = street.customer(wallet_paisa=0)
    rental = owing(street, user, minutes=600)
    before = everything()
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    refused = post(street, user, path, {}, **{"Idempotency-Key": "tap"})
    details = refused.body["error"]["details"]
    assert (refused.status, details["shortfall"], details["suggested_topup"]) == (402, "195.00", "195.00")
    assert details["payment_methods"] == METHODS
    assert without_sessions(everything()) == without_sessions(before)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rental_id": "another"}, "rental_id"),
        ({"amount": "39.99"}, "amount"),
        ({"amount": "-40.00"}, "amount"),
        ({"scenario": "pre_payment"}, "scenario"),
        ({"package_id": "1-hour"}, "package_id"),
    ],
)
def test_a_payment_of_something_else_is_refused(street: Street, body: dict[str, str], field: str) -> None:
    user = street.customer()
    rental = owing(street, user)
    before = account(user)
    refused = post(street, user, f"/api/rentals/{rental.rental_id}/pay-due", body)
    assert (refused.status, list(refused.body["errors"])) == (422, [field])
    assert account(user) == before


def test_a_due_is_paid_by_the_words_of_the_question(street: Street) -> None:
    user = street.customer()
    rental = owing(street, user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    body = {"scenario": "post_payment", "rental_id": rental.rental_id, "amount": "40.00"}
    paid = post(street, user, path, body).data
    assert paid == {
        "amount_paid": "40.00",
        "breakdown": {"points_used": 150, "points_amount": "15.00", "wallet_amount": "25.00"},
        "payment_status": "paid",
        "rental_status": "completed",
        "account_unblocked": True,
    }
    assert post(street, user, path, body).code == "nothing_due"
    view = ask(app, "GET", f"/api/rentals/{rental.rental_id}", token=token_of(street, user)).data
    assert (view["payment"]["total"], view["amount_paid"], view["due_amount"]) == ("40.00", "40.00", "0.00")
    assert view["payment"]["breakdown"] == paid["breakdown"]
    assert street.books_balance()


def test_the_same_key_pays_once_and_another_key_finds_nothing_due(street: Street) -> None:
    user = street.customer()
    rental = owing(street, user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    first = post(street, user, path, {}, **{"Idempotency-Key": "tap"})
    again = post(street, user, path, {}, **{"Idempotency-Key": "tap"})
    assert (again.text, again.headers["Idempotent-Replayed"]) == (first.text, "true")
    assert post(street, user, path, {"amount": "40"}, **{"Idempotency-Key": "tap"}).code == "idempotency_key_reused"
    assert post(street, user, path, {}, **{"Idempotency-Key": "another"}).code == "nothing_due"
    assert account(user).due_paisa == 0
    assert street.books_balance()


def test_nobody_pays_or_sees_anothers_due(street: Street) -> None:
    user, stranger = street.customer(), street.customer()
    rental = owing(street, user)
    assert post(street, stranger, f"/api/rentals/{rental.rental_id}/pay-due", {}).status == 404
    assert options(street, stranger, scenario="post_payment", rental_id=rental.rental_id).status == 404
    assert options(street, stranger, scenario="post_payment").code == "nothing_due"
    assert account(user).due_paisa == 4_000


def statement(street: Street, user: str, query: str = "") -> Asked:
    return ask(app, "GET", f"/api/user/statement{query}", token=token_of(street, user))


def test_a_statement_tells_the_month_by_default(street: Street) -> None:
    user = street.customer()
    rental = owing(street, user)
    post(street, user, f"/api/rentals/{rental.rental_id}/pay-due", {})
    told = statement(street, user).data
    assert (told["start_date"], told["end_date"], told["currency"]) == ("2026-11-01", "2026-11-23", "NPR")
    assert (told["opening_balance"], told["closing_balance"]) == ("0.00", "975.00")
    assert (told["opening_points"], told["closing_points"]) == (0, 0)
    assert (told["total_in"], told["total_out"]) == ("1000.00", "25.00")
    lines = [(one["type"], one["amount"], one["points"], one["balance_after"]) for one in told["lines"]]
    assert lines == [
        ("points", "0.00", 50, "0.00"),
        ("topup", "1000.00", 0, "1000.00"),
        ("points", "0.00", 100, "1000.00"),
        ("due", "-25.00", -150, "975.00"),
    ]
    assert (told["lines"][-1]["rental_id"], told["lines"][-1]["intent_id"]) == (rental.rental_id, None)
    assert (told["next_cursor"], told["pagination"]) == (None, {"count": 4, "has_next": False})


def test_a_statement_goes_on_where_its_page_ended_whatever_day_it_is_by_then(street: Street) -> None:
    user = street.customer()
    street.scene.clock.at = street.world.now().replace(day=30, hour=18, minute=10)
    street.hear_snapshot(LABIM)
    first = statement(street, user, "?limit=2").data
    assert first["pagination"] == {"count": 2, "has_next": True}
    street.scene.clock.pass_(minutes=10)
    assert statement(street, user).data["start_date"] == "2026-12-01"
    owing(street, user)
    second = statement(street, user, f"?limit=2&cursor={first['next_cursor']}").data
    assert (second["start_date"], second["end_date"]) == ("2026-11-01", "2026-11-30")
    assert (second["opening_balance"], second["closing_balance"]) == ("1000.00", "1000.00")
    assert (second["opening_points"], second["closing_points"]) == (50, 150)
    assert second["next_cursor"] is None
    assert statement(street, user).data["opening_points"] == 150


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?start_date=2026-11-23&end_date=2026-11-23", 200),
        ("?start_date=2026-08-23&end_date=2026-11-23", 200),
        ("?start_date=2026-08-22&end_date=2026-11-23", 422),
        ("?start_date=2026-11-24&end_date=2026-11-23", 422),
        ("?start_date=2026-11-24", 422),
        ("?end_date=2999-12-31", 200),
        ("?end_date=1900-01-31", 200),
        ("?limit=0", 422),
        ("?limit=101", 422),
        ("?cursor=eyJhZnRlciI6MX0.AAAA", 422),
    ],
)
def test_a_statement_is_of_93_days_at_most(street: Street, query: str, status: int) -> None:
    assert statement(street, street.customer(), query).status == status


def test_a_cursor_is_one_callers_and_one_questions(street: Street) -> None:
    user, stranger = street.customer(), street.customer()
    following = statement(street, user, "?limit=1").data["next_cursor"]
    assert statement(street, user, f"?limit=1&cursor={following}").status == 200
    assert statement(street, stranger, f"?limit=1&cursor={following}").code == "invalid_cursor"
    other = f"?limit=1&cursor={following}&start_date=2026-11-02"
    assert statement(street, user, other).code == "invalid_cursor"
    crossed = ask(app, "GET", f"/api/user/transactions?cursor={following}", token=token_of(street, user))
    assert crossed.code == "invalid_cursor"


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("", ["due", "topup"]),
        ("?type=due", ["due"]),
        ("?type=due&status=success", []),
        ("?type=extension", []),
        ("?type=refund", []),
        ("?type=adjustment&status=refunded", []),
        ("?start_date=2026-11-23&end_date=2026-11-23", ["due", "topup"]),
        ("?start_date=2026-11-24", []),
        ("?end_date=2026-11-22", []),
    ],
)
def test_transactions_are_filtered(street: Street, query: str, types: list[str]) -> None:
    user = street.customer()
    owing(street, user)
    found = ask(app, "GET", f"/api/user/transactions{query}", token=token_of(street, user))
    assert [one["type"] for one in found.data["results"]] == types


def test_a_key_whose_request_failed_may_come_again_when_it_was_told_to(street: Street) -> None:
    user, order = street.customer(), {"amount": "100", "payment_method": "khalti"}
    street.scene.khalti.fails = Away("khalti", 5)
    told = post(street, user, "/api/payment/wallet/topup-intent", order, **{"Idempotency-Key": "tap"})
    assert (told.status, told.code) == (503, "gateway_unavailable")
    street.scene.khalti.fails = None
    street.scene.clock.pass_(seconds=int(told.headers["Retry-After"]))
    again = post(street, user, "/api/payment/wallet/topup-intent", order, **{"Idempotency-Key": "tap"})
    assert (again.status, again.data["status"]) == (201, "pending")
    assert len(street.scene.khalti.opened) == 1
