"""Payments: what is missing, what was paid, and the statement afterwards."""

from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.rentals.rental import Rental
from chalicelib.world import Unavailable
from tests.world.builders import LABIM, account
from tests.world.http_client import Reply, request
from tests.world.network import PAY_AS_YOU_GO, Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

METHODS = [
    {"id": "khalti", "name": "Khalti", "min_amount": "10.00", "max_amount": "100000.00"},
    {"id": "esewa", "name": "eSewa", "min_amount": "10.00", "max_amount": "50000.00"},
    {"id": "stripe", "name": "Stripe", "min_amount": "200.00", "max_amount": "50000.00"},
]


def post(network: Network, user: str, path: str, body: Any, **headers: str) -> Reply:
    return request(app, "POST", path, body, token=token_of(network, user), headers=headers)


def options(network: Network, user: str, **question: str) -> Reply:
    return post(network, user, "/api/payment/calculate-options", question)


def owing(network: Network, user: str, minutes: int = 61) -> Rental:
    """A postpaid rental, returned and unpaid."""
    rental = network.rented(user, package=PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=minutes)
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    return network.rental(rental)


def test_a_postpaid_package_costs_nothing_at_the_start(network: Network) -> None:
    user = network.customer(wallet_paisa=0)
    answer = options(network, user, scenario="pre_payment", package_id=PAY_AS_YOU_GO).data
    assert (answer["total_amount"], answer["is_sufficient"], answer["suggested_topup"]) == ("0.00", True, "0.00")


@pytest.mark.parametrize(("minutes", "cost"), [(5, "0.00"), (6, "20.00"), (60, "20.00"), (61, "40.00")])
def test_an_active_postpaid_rental_is_priced_as_if_returned_now(network: Network, minutes: int, cost: str) -> None:
    user = network.customer()
    rental = network.rented(user, package=PAY_AS_YOU_GO)
    assert rental.started_at is not None
    network.fake_world.clock.at = rental.started_at + timedelta(minutes=minutes)
    answer = options(network, user, scenario="post_payment", rental_id=rental.rental_id).data
    assert (answer["total_amount"], answer["rental_id"]) == (cost, rental.rental_id)
    view = request(app, "GET", "/api/rentals/active", token=token_of(network, user)).data
    assert view["payment"] == {
        "model": "postpaid",
        "total": cost,
        "breakdown": {"points_used": 0, "points_amount": "0.00", "wallet_amount": "0.00"},
    }
    late = (view["due_at"], view["is_overdue"], view["time_remaining_minutes"], view["late_fee"])
    assert late == (None, False, 0, "0.00")
    assert (view["payment_status"], view["amount_paid"], view["due_amount"]) == ("pending", "0.00", "0.00")
    reply = post(network, user, f"/api/rentals/{rental.rental_id}/pay-due", {})
    assert (reply.status, reply.code) == (409, "nothing_due")


def test_options_without_a_rental_id_use_the_account_due(network: Network) -> None:
    user = network.customer()
    assert options(network, user, scenario="post_payment").code == "nothing_due"
    rental = owing(network, user)
    answer = options(network, user, scenario="post_payment").data
    assert (answer["total_amount"], answer["rental_id"]) == ("40.00", rental.rental_id)
    assert answer["breakdown"] == {"points_used": 150, "points_amount": "15.00", "wallet_amount": "25.00"}


@pytest.mark.parametrize(
    ("amount", "text"), [("500", "500.00"), ("0.01", "10.00"), ("10.01", "11.00"), ("2000000", "100000.00")]
)
def test_a_topup_is_suggested_within_the_methods_limits(network: Network, amount: str, text: str) -> None:
    answer = options(network, network.customer(), scenario="wallet_topup", amount=amount).data
    assert answer["suggested_topup"] == text
    assert [{name: item[name] for name in METHODS[0]} for item in answer["payment_methods"]] == METHODS


def test_an_unaffordable_start_names_the_shortfall_and_the_top_up(network: Network) -> None:
    user = network.customer(wallet_paisa=1_050)
    before = all_rows()
    reply = post(network, user, "/api/rentals/start", {"station_sn": LABIM.sn, "package_id": "1-hour"})
    assert (reply.status, reply.code) == (402, "insufficient_funds")
    assert reply.body["error"]["details"] == {
        "total": "20.00",
        "shortfall": "4.50",
        "points_used": 50,
        "wallet": "10.50",
        "suggested_topup": "10.00",
        "payment_methods": METHODS,
    }
    assert without_sessions(all_rows()) == without_sessions(before)


def without_sessions(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: names for name, names in rows.items() if not name.endswith(("sessions", "active_sessions"))}


def test_an_unaffordable_due_names_the_shortfall_and_changes_nothing(network: Network) -> None:
    user = network.customer(wallet_paisa=0)
    rental = owing(network, user, minutes=600)
    before = all_rows()
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    reply = post(network, user, path, {}, **{"Idempotency-Key": "tap"})
    details = reply.body["error"]["details"]
    assert (reply.status, details["shortfall"], details["suggested_topup"]) == (402, "195.00", "195.00")
    assert details["payment_methods"] == METHODS
    assert without_sessions(all_rows()) == without_sessions(before)


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
def test_a_payment_that_names_another_rental_or_amount_is_refused(
    network: Network, body: dict[str, str], field: str
) -> None:
    user = network.customer()
    rental = owing(network, user)
    before = account(user)
    reply = post(network, user, f"/api/rentals/{rental.rental_id}/pay-due", body)
    assert (reply.status, list(reply.body["errors"])) == (422, [field])
    assert account(user) == before


def test_pay_due_takes_the_fields_of_calculate_options(network: Network) -> None:
    user = network.customer()
    rental = owing(network, user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    body = {"scenario": "post_payment", "rental_id": rental.rental_id, "amount": "40.00"}
    paid = post(network, user, path, body).data
    assert paid == {
        "amount_paid": "40.00",
        "breakdown": {"points_used": 150, "points_amount": "15.00", "wallet_amount": "25.00"},
        "payment_status": "paid",
        "rental_status": "completed",
        "account_unblocked": True,
    }
    assert post(network, user, path, body).code == "nothing_due"
    view = request(app, "GET", f"/api/rentals/{rental.rental_id}", token=token_of(network, user)).data
    assert (view["payment"]["total"], view["amount_paid"], view["due_amount"]) == ("40.00", "40.00", "0.00")
    assert view["payment"]["breakdown"] == paid["breakdown"]
    assert network.books_balance()


def test_the_same_key_pays_once_and_another_key_finds_nothing_due(network: Network) -> None:
    user = network.customer()
    rental = owing(network, user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    first = post(network, user, path, {}, **{"Idempotency-Key": "tap"})
    second = post(network, user, path, {}, **{"Idempotency-Key": "tap"})
    assert (second.text, second.headers["Idempotent-Replayed"]) == (first.text, "true")
    assert post(network, user, path, {"amount": "40"}, **{"Idempotency-Key": "tap"}).code == "idempotency_key_reused"
    assert post(network, user, path, {}, **{"Idempotency-Key": "another"}).code == "nothing_due"
    assert account(user).due_paisa == 0
    assert network.books_balance()


def test_a_due_of_another_user_is_not_found(network: Network) -> None:
    user, stranger = network.customer(), network.customer()
    rental = owing(network, user)
    assert post(network, stranger, f"/api/rentals/{rental.rental_id}/pay-due", {}).status == 404
    assert options(network, stranger, scenario="post_payment", rental_id=rental.rental_id).status == 404
    assert options(network, stranger, scenario="post_payment").code == "nothing_due"
    assert account(user).due_paisa == 4_000


def test_a_key_of_a_failed_request_works_again_after_retry_after(network: Network) -> None:
    user, order = network.customer(), {"amount": "100", "payment_method": "khalti"}
    network.fake_world.khalti.fails = Unavailable("khalti", 5)
    reply = post(network, user, "/api/payment/wallet/topup-intent", order, **{"Idempotency-Key": "tap"})
    assert (reply.status, reply.code) == (503, "gateway_unavailable")
    network.fake_world.khalti.fails = None
    network.fake_world.clock.advance(seconds=int(reply.headers["Retry-After"]))
    second = post(network, user, "/api/payment/wallet/topup-intent", order, **{"Idempotency-Key": "tap"})
    assert (second.status, second.data["status"]) == (201, "pending")
    assert len(network.fake_world.khalti.created) == 1
