"""Budgets: how many DynamoDB calls an operation may wait for, counted behind its door; and never a scan."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.payment_gateway import Outcome, Paid
from chalicelib.services import outbox
from chalicelib.services.refunds import decisions
from chalicelib.services.rentals import ejects
from chalicelib.services.stations import listings
from chalicelib.services.topups import crediting, intents
from infra.local import cabinet_frames as frames
from infra.local.cabinet_frames import SlotContent
from tests.asking import ask
from tests.builders import LABIM, account
from tests.counting import Counted, counted
from tests.desk import Desk
from tests.doors import token_for, token_of
from tests.street import EJECTED, Street

NEAR = "/api/app/stations/nearby?lat=27.7&lng=85.32&radius=50"


def calls(
    street: Street,
    method: str,
    path: str,
    body: Any = None,
    *,
    user: str | None = None,
    token: str | None = None,
    want: int = 200,
) -> Counted:
    token = token or token_of(street, user or street.customer())
    with counted() as counts:
        answer = ask(app, method, path, body, token=token)
    assert answer.status == want, answer.text
    assert "Scan" not in counts.calls
    return counts


@pytest.fixture
def listed(street: Street) -> Street:
    """With the boards written, and nothing remembered."""
    listings.refresh_board(street.world, "0")
    listings.Kept.listing = None
    return street


def test_me_waits_for_one_call(street: Street) -> None:
    assert calls(street, "GET", "/api/auth/me").round_trips == 1


def test_the_wallet_waits_for_one_call(street: Street) -> None:
    assert calls(street, "GET", "/api/user/wallet").round_trips == 1


@pytest.mark.parametrize("path", ["/api/app/stations", NEAR])
def test_listings_wait_for_one_call_cold_and_none_warm(listed: Street, path: str) -> None:
    assert calls(listed, "GET", path).round_trips == 1
    assert calls(listed, "GET", path).round_trips == 0


def test_packages_and_methods_wait_for_none_warm(street: Street) -> None:
    assert calls(street, "GET", "/api/payment/packages").round_trips == 1
    assert calls(street, "GET", "/api/payment/packages").round_trips == 0
    assert calls(street, "GET", "/api/payment/methods").round_trips == 0


@pytest.mark.parametrize(
    "question",
    [
        {"scenario": "wallet_topup", "amount": "500"},
        {"scenario": "pre_payment", "package_id": "1-hour"},
        {"scenario": "pre_payment", "package_id": "pay-as-you-go"},
    ],
)
def test_calculate_options_waits_for_one_call(street: Street, question: dict[str, str]) -> None:
    assert calls(street, "POST", "/api/payment/calculate-options", question).round_trips == 1


def test_calculate_options_for_a_due_waits_for_one_call(street: Street) -> None:
    user = street.customer(wallet_paisa=2_000)
    rental = street.rented(user)
    street.scene.clock.pass_(hours=4)
    street.hear_return(LABIM, rental.powerbank_sn)
    for question in ({"rental_id": rental.rental_id}, {}):
        asked = {"scenario": "post_payment"} | question
        assert calls(street, "POST", "/api/payment/calculate-options", asked, user=user).round_trips == 1


def test_calculate_options_for_a_postpaid_rental_that_is_out_waits_for_one_call(street: Street) -> None:
    user = street.customer()
    rental = street.rented(user, package="pay-as-you-go")
    question = {"scenario": "post_payment", "rental_id": rental.rental_id}
    assert calls(street, "POST", "/api/payment/calculate-options", question, user=user).round_trips == 1


def test_paying_a_due_waits_for_two_calls(street: Street) -> None:
    user = street.customer()
    rental = street.rented(user, package="pay-as-you-go")
    street.scene.clock.pass_(hours=4)
    street.hear_return(LABIM, rental.powerbank_sn)
    assert calls(street, "POST", f"/api/rentals/{rental.rental_id}/pay-due", {}, user=user).round_trips == 2


def test_a_statement_from_the_first_posting_on_waits_for_few_calls(street: Street) -> None:
    """Three postings so far: two calls halve them, one reads the page."""
    assert calls(street, "GET", "/api/user/statement").round_trips <= 4


@pytest.mark.parametrize("package", ["1-hour", "pay-as-you-go"])
@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "tap"}])
def test_a_start_waits_for_three_calls_up_to_the_eject(street: Street, key: dict[str, str], package: str) -> None:
    user = street.customer()
    token = token_of(street, user)
    until_eject: list[int] = []
    order = {"station_sn": LABIM.sn, "package_id": package}
    with counted() as counts:
        street.scene.cabinets.on_eject = lambda *_: until_eject.append(counts.round_trips)
        answer = ask(app, "POST", "/api/rentals/start", order, token=token, headers=key)
    assert answer.status == 202
    assert until_eject == [3]


@pytest.mark.parametrize(
    ("package", "hours", "wallet_paisa", "ends"),
    [
        ("1-hour", 0, 100_000, "completed"),
        ("1-hour", 3, 100_000, "completed"),
        ("1-hour", 3, 2_000, "due"),
        ("pay-as-you-go", 0, 100_000, "completed"),
        ("pay-as-you-go", 3, 100_000, "due"),
    ],
)
def test_a_return_with_all_its_effects_waits_for_three_calls(
    street: Street, package: str, hours: int, wallet_paisa: int, ends: str
) -> None:
    user = street.customer(wallet_paisa=wallet_paisa)
    rental = street.rented(user, package=package)
    street.scene.clock.pass_(hours=hours, minutes=5)
    with counted() as counts:
        street.hear(LABIM, frames.returned(SlotContent(8, rental.powerbank_sn, 40)))
    assert street.rental(rental).state.value == ends
    assert counts.round_trips <= 3, counts.calls


def test_verify_waits_for_three_calls_at_most_credit_included(street: Street) -> None:
    user = street.customer()
    before = account(user).wallet_paisa
    caller = street.sessions[user].caller(street.world)
    intent, _ = intents.open_intent(street.world, caller, amount_paisa=50_000, method="khalti", return_url=None)
    street.scene.khalti.outcome = Outcome(Paid.PAID, "their-reference", 50_000)
    counts = calls(street, "POST", "/api/payment/verify-topup", {"intent_id": intent.intent_id}, user=user)
    assert account(user).wallet_paisa == before + 50_000
    assert counts.round_trips <= 3, counts.calls


TRANSACTIONS = "/api/user/transactions"


@pytest.fixture
def desk(street: Street) -> Desk:
    """With a customer who had everything before: a top-up that was spent, and one that went back."""
    made = Desk(street)
    made.top_up()
    _, payment = made.rental_that_failed_all_the_same()
    made.approve(made.ask(payment))
    made.approve(made.ask(made.top_up(30_000)))
    made.send()
    return made


def test_transactions_of_which_none_can_go_back_wait_for_two_calls(desk: Desk) -> None:
    """The caller and the page; `type=due` can be told before anything is known of refunds."""
    newcomer = desk.street.customer(wallet_paisa=0)
    assert calls(desk.street, "GET", TRANSACTIONS, user=newcomer).calls == ["BatchGetItem", "Query"]
    assert calls(desk.street, "GET", f"{TRANSACTIONS}?type=due", user=desk.user).calls == ["BatchGetItem", "Query"]


@pytest.mark.parametrize("asked", ["", "?limit=100", "?type=refund", "?type=topup", "?status=refunded"])
def test_transactions_with_payments_and_refunds_wait_for_three_calls(desk: Desk, asked: str) -> None:
    """The caller, the page, and what the refunds make of its lines, however many there are."""
    counts = calls(desk.street, "GET", TRANSACTIONS + asked, user=desk.user)
    assert counts.calls == ["BatchGetItem", "Query", "BatchGetItem"]


def test_a_customers_refunds_wait_for_two_calls(desk: Desk) -> None:
    assert calls(desk.street, "GET", "/api/payment/refunds", user=desk.user).calls == ["BatchGetItem", "Query"]


def refundable(desk: Desk, kind: str) -> str:
    transaction = desk.top_up(20_000)
    desk.kiosk_is_free()
    return transaction if kind == "topup" else desk.rental_that_failed_all_the_same()[1]


@pytest.mark.parametrize("kind", ["topup", "rental"])
def test_asking_for_a_refund_waits_for_four_calls_and_reads_no_history(desk: Desk, kind: str) -> None:
    """The caller, the payment, what it was about, and the write."""
    path = f"/api/payment/refund/{refundable(desk, kind)}"
    counts = calls(desk.street, "POST", path, {"reason": "by mistake"}, user=desk.user, want=201)
    assert counts.calls == ["BatchGetItem"] * 3 + ["TransactWriteItems"]


@pytest.mark.parametrize("kind", ["topup", "rental"])
def test_granting_a_refund_waits_for_six_calls_and_reads_no_history(desk: Desk, kind: str) -> None:
    """The operator, the refund, its customer, the payment, what it was about, and the write."""
    refund = desk.ask(refundable(desk, kind))
    operator = token_for(desk.world, desk.operator())
    counts = calls(desk.street, "POST", f"/api/admin/refunds/{refund.refund_id}/approve", {}, token=operator)
    assert counts.calls == ["BatchGetItem"] * 5 + ["TransactWriteItems"]


def test_an_operators_hand_on_a_refund_waits_for_few_calls(street: Street) -> None:
    """The caller; the account, the payment, its intent and its points; the write."""
    desk = Desk(street)
    said = {"transaction_id": desk.top_up(), "reason": "asked for by phone"}
    user = desk.operator("support").user_id
    street.sessions |= {one.user_id: one for one in desk.operators.values()}
    assert calls(street, "POST", "/api/admin/refunds", said, user=user, want=201).round_trips <= 6
    waiting = decisions.open_of(desk.user)[0].refund_id
    path, decider = f"/api/admin/refunds/{waiting}/approve", desk.operator().user_id
    assert calls(street, "POST", path, {}, user=decider).round_trips <= 6


def test_no_message_and_no_minutes_schedule_scans_a_table(street: Street) -> None:
    rental = street.start(street.customer())
    street.scene.clock.pass_(minutes=2)
    with counted() as counts:
        ejects.sweep(street.world)
        crediting.sweep(street.world)
        outbox.sweep(street.world)
        listings.refresh(street.world)
        street.hear_snapshot(LABIM, without=rental.powerbank_sn)
        street.hear_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert counts.calls
    assert "Scan" not in counts.calls
