"""Dues over the whole path: a postpaid day, concurrent payments, too little money, repeated events."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from infra.local.client import Api, ApiResponse
from infra.local.customer import Customer, paisa_of
from tests.sandbox.conftest import RunningSandbox

CROWD = 16
PAY_AS_YOU_GO = "pay-as-you-go"


def rented(running_sandbox: RunningSandbox, customer: Customer) -> Any:
    """An active postpaid rental."""
    station = running_sandbox.station()
    answer = running_sandbox.start(customer, station, PAY_AS_YOU_GO)
    assert answer.status in (201, 202), answer.body
    running_sandbox.sandbox.drain()
    rental = customer.api.get(f"/api/rentals/{answer.data['id']}")
    assert (rental["status"], rental["payment_status"], rental["due_at"]) == ("active", "pending", None)
    return rental


def returned_rental(
    running_sandbox: RunningSandbox, customer: Customer, rental: Any, minutes: int, **how: Any
) -> Any:
    """Return the power bank after that many minutes at its own station."""
    if minutes:
        running_sandbox.sandbox.advance(minutes=minutes)
        customer.refresh()
    cabinets = {item["sn"]: item["imei"] for item in running_sandbox.sandbox.get("/cabinets")}
    content = {"powerbank_sn": rental["powerbank"]["sn"]} | how
    running_sandbox.sandbox.post(f"/cabinets/{cabinets[rental['station']['sn']]}/return", content)
    running_sandbox.sandbox.drain()
    return customer.api.get(f"/api/rentals/{rental['id']}")


def owing(running_sandbox: RunningSandbox, rupees: str | None = "500.00", minutes: int = 61) -> tuple[Customer, Any]:
    customer = running_sandbox.customer(rupees)
    rental = returned_rental(running_sandbox, customer, rented(running_sandbox, customer), minutes)
    assert (rental["status"], rental["payment_status"]) == ("due", "due")
    return customer, rental


def pay(customer: Customer, rental: Any, body: Any = None, **headers: str) -> ApiResponse:
    """A client like a second phone of the customer."""
    api = Api(customer.api.url, customer.api.token)
    return api.call("POST", f"/api/rentals/{rental['id']}/pay-due", body or {}, headers=headers)


def worth(customer: Customer) -> int:
    """The wallet less the points that were spent, in paisa. Points that a rental earns do not count."""
    wallet, points = customer.wallet(), customer.api.get("/api/points/summary")
    assert wallet["held"] == "0.00"
    return paisa_of(wallet["balance"]) - int(points["total_spent"]) * 10


def statement_adds_up(customer: Customer) -> bool:
    """Check that the statement leads page by page from 0 to the wallet's balance."""
    today = date.fromisoformat(customer.api.get("/api/user/statement")["end_date"])
    # The default begins with the month, and the day of the top-up may lie in the month before.
    days = f"start_date={today - timedelta(days=7)}&end_date={today}"
    cursor: str | None = ""
    closing, points = 0, 0
    while cursor is not None:
        page = customer.api.get(f"/api/user/statement?{days}&limit=2{cursor}")
        assert (paisa_of(page["opening_balance"]), page["opening_points"]) == (closing, points)
        closing += paisa_of(page["total_in"]) - paisa_of(page["total_out"])
        points += sum(line["points"] for line in page["lines"])
        assert (paisa_of(page["closing_balance"]), page["closing_points"]) == (closing, points)
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    wallet = customer.wallet()
    return (closing, points) == (paisa_of(wallet["balance"]), wallet["points"]["current_points"])


def test_a_postpaid_day_from_start_to_due_to_paid(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer()
    before = worth(customer)
    rental = rented(running_sandbox, customer)
    assert worth(customer) == before
    running_sandbox.sandbox.advance(minutes=30)
    customer.refresh()
    so_far = customer.options({"scenario": "post_payment", "rental_id": rental["id"]})
    assert so_far["total_amount"] == "20.00"
    ended = returned_rental(running_sandbox, customer, rental, 31)
    assert (ended["due_amount"], ended["late_fee"], ended["is_overdue"]) == ("40.00", "0.00", False)
    assert (worth(customer), customer.wallet()["due"]) == (before, "40.00")
    for package in (PAY_AS_YOU_GO, "1-hour"):
        answer = running_sandbox.start(customer, running_sandbox.station(), package)
        assert (answer.status, answer.code) == (402, "due_unpaid")
    question = customer.options({"scenario": "post_payment"})
    assert (question["rental_id"], question["total_amount"]) == (rental["id"], "40.00")
    body = {"scenario": "post_payment", "rental_id": rental["id"], "amount": question["total_amount"]}
    paid = pay(customer, rental, body).data
    assert (paid["rental_status"], paid["payment_status"], paid["account_unblocked"]) == ("completed", "paid", True)
    assert (before - worth(customer), customer.wallet()["due"]) == (4_000, "0.00")
    assert customer.api.get("/api/user/transactions?type=due")["results"][0]["status"] == "success"
    assert statement_adds_up(customer)
    again = rented(running_sandbox, customer)
    assert returned_rental(running_sandbox, customer, again, 0)["status"] == "completed"
    assert before - worth(customer) == 4_000
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("keyed", [False, True])
def test_concurrent_payments_of_a_due_pay_once(running_sandbox: RunningSandbox, keyed: bool) -> None:
    customer, rental = owing(running_sandbox)
    before = worth(customer)

    def tap(number: int) -> ApiResponse:
        return pay(customer, rental, **({"Idempotency-Key": f"tap {number}"} if keyed else {}))

    with ThreadPoolExecutor(CROWD) as pool:
        answers = list(pool.map(tap, range(CROWD)))
    responses = Counter((answer.status, answer.code) for answer in answers)
    assert responses[200, ""] == 1, responses
    assert set(responses) <= {(200, ""), (409, "nothing_due")}, responses
    assert (before - worth(customer), customer.wallet()["due"]) == (4_000, "0.00")
    assert statement_adds_up(customer)
    assert running_sandbox.books_balance()


def test_a_double_tap_with_one_key_gives_one_payment_and_one_response(running_sandbox: RunningSandbox) -> None:
    customer, rental = owing(running_sandbox)
    before = worth(customer)
    with ThreadPoolExecutor(CROWD) as pool:
        answers = list(pool.map(lambda _: pay(customer, rental, **{"Idempotency-Key": "tap"}), range(CROWD)))
    responses = Counter((answer.status, answer.code) for answer in answers)
    assert set(responses) <= {(200, ""), (409, "idempotency_in_progress")}, responses
    last = pay(customer, rental, **{"Idempotency-Key": "tap"})
    assert (last.status, last.headers["Idempotent-Replayed"]) == (200, "true")
    assert {str(answer.data) for answer in answers if answer.status == 200} == {str(last.data)}
    assert pay(customer, rental, {"amount": "40.00"}, **{"Idempotency-Key": "tap"}).code == "idempotency_key_reused"
    assert pay(customer, rental, **{"Idempotency-Key": "another tap"}).code == "nothing_due"
    assert before - worth(customer) == 4_000
    assert running_sandbox.books_balance()


def test_too_little_money_changes_nothing_and_names_the_shortfall(running_sandbox: RunningSandbox) -> None:
    customer, rental = owing(running_sandbox, None)
    before = worth(customer)
    answer = pay(customer, rental, **{"Idempotency-Key": "tap"})
    assert (answer.status, answer.code) == (402, "insufficient_funds")
    assert (worth(customer), customer.wallet()["due"]) == (before, "40.00")
    details = answer.body["error"]["details"]
    assert paisa_of(details["suggested_topup"]) >= paisa_of(details["shortfall"]) > 0
    method = details["payment_methods"][0]
    assert paisa_of(method["min_amount"]) <= paisa_of(details["suggested_topup"]) <= paisa_of(method["max_amount"])
    customer.top_up(method["id"], details["suggested_topup"])
    paid = pay(customer, rental, **{"Idempotency-Key": "tap"})
    assert (paid.status, paid.data["account_unblocked"]) == (200, True)
    assert statement_adds_up(customer)
    assert running_sandbox.books_balance()


def test_a_return_reported_three_times_out_of_order_makes_one_due(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer()
    rental = rented(running_sandbox, customer)
    station = next(item for item in running_sandbox.sandbox.get("/cabinets") if item["sn"] == rental["station"]["sn"])
    running_sandbox.behave(station, duplicate=3, reorder=True)
    ended = returned_rental(running_sandbox, customer, rental, 20)
    running_sandbox.behave(station, duplicate=1, reorder=False)
    assert (ended["due_amount"], customer.wallet()["due"]) == ("20.00", "20.00")
    assert pay(customer, rental).status == 200
    assert running_sandbox.books_balance()


def test_an_eject_result_after_the_release_reopens_a_postpaid_rental(
    running_sandbox: RunningSandbox,
) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    before = worth(customer)
    running_sandbox.behave(station, eject={"late_seconds": 900})
    answer = running_sandbox.start(customer, station, PAY_AS_YOU_GO)
    assert answer.status == 202
    running_sandbox.behave(station, online=False)
    running_sandbox.sandbox.advance(minutes=12)
    customer.refresh()
    assert customer.api.get(f"/api/rentals/{answer.data['id']}")["status"] == "failed"
    running_sandbox.behave(station, online=True)
    running_sandbox.sandbox.advance(minutes=5)
    assert customer.api.get(f"/api/rentals/{answer.data['id']}")["status"] == "active"
    assert worth(customer) == before
    ended = returned_rental(running_sandbox, customer, answer.data, 40)
    assert ended["status"] == "due"
    assert pay(customer, ended).data["amount_paid"] == ended["due_amount"]
    assert running_sandbox.books_balance()


def test_another_customers_due_is_not_found(running_sandbox: RunningSandbox) -> None:
    customer, rental = owing(running_sandbox)
    stranger = running_sandbox.customer()
    assert pay(stranger, rental).status == 404
    assert customer.wallet()["due"] == "40.00"
    assert pay(customer, rental).status == 200
    assert running_sandbox.books_balance()
