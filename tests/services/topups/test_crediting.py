"""Top-ups are credited once, by the gateway's own status, or never."""

import itertools
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.idempotency import IdempotencyKey
from chalicelib.domain.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.problems import Problem
from chalicelib.domain.topup_intent import Intent, IntentState
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.caller import Caller, authenticate
from chalicelib.services.rewards import points
from chalicelib.services.topups import crediting, webhooks
from chalicelib.services.topups import intents as topup_intents
from chalicelib.tables import intents, outbox
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.intents import IntentRow
from chalicelib.world import Rejected, Unavailable
from tests.builders import account
from tests.network import Network
from tests.real_tables import all_rows

SUM = 50_000
numbers = itertools.count(1)


class Shop:
    """A customer who tops up."""

    def __init__(self, network: Network) -> None:
        self.network, self.world, self.khalti = network, network.world, network.fake_world.khalti
        self.user = network.customer(wallet_paisa=0)

    def caller(self, intent: Intent) -> Caller:
        keys = topup_intents.prefetch_keys(intent.user_id, intent.intent_id)
        return self.network.sessions[self.user].caller(self.world, *keys)

    def open(self, method: str = "khalti", *, key: str | None = None) -> Intent:
        session = self.network.sessions[self.user]
        once = IdempotencyKey("topup", key, "the same") if key else None
        claims = {"sub": self.user, "sid": session.session_id}
        caller = authenticate(self.world, claims=claims, idempotency_key=once)
        return topup_intents.open_intent(self.world, caller, amount_paisa=SUM, method=method, return_url=None)[0]

    def paid(self, paisa: int = SUM, *, merchant: bool = True, reference: str | None = None) -> None:
        text = reference or f"theirs-{next(numbers)}"
        self.khalti.payment_status = PaymentStatus(PaymentState.PAID, text, paisa, merchant)

    def says(self, state: PaymentState) -> None:
        self.khalti.payment_status = PaymentStatus(state, reason=state.value)

    def now(self, intent: Intent) -> Intent:
        match = fetch_one(intents.intent_key(intent.user_id, intent.intent_id))
        assert match is not None
        return match

    def verify(self, intent: Intent) -> Intent:
        self.network.fake_world.clock.advance(seconds=self.world.settings().intent_verify_interval_seconds)
        caller = self.network.sessions[self.user].caller(
            self.world, *topup_intents.prefetch_keys(intent.user_id, intent.intent_id)
        )
        return topup_intents.verify(self.world, caller, intent.intent_id).intent

    @property
    def wallet(self) -> int:
        return account(self.user).wallet_paisa


@pytest.fixture
def shop(network: Network) -> Shop:
    return Shop(network)


def everybody_asks(shop: Shop, intent: Intent) -> None:
    shop.verify(intent)
    crediting.handle_payment_event(shop.world, intent.user_id, intent.intent_id)
    crediting.sweep(shop.world)
    crediting.refresh_from_gateway(shop.world, intent)


def test_a_payment_is_credited_once_by_any_check(shop: Shop) -> None:
    intent = shop.open()
    shop.paid()
    everybody_asks(shop, intent)
    shop.network.fake_world.clock.advance(days=2)
    everybody_asks(shop, intent)
    assert shop.wallet == SUM
    assert shop.now(intent).state is IntentState.SUCCESS
    shop.network.deliver_messages()
    assert account(shop.user).points == 50 + 50
    assert shop.network.books_balance()


def test_points_for_a_topup_are_awarded_once(shop: Shop) -> None:
    intent = shop.open()
    shop.paid()
    shop.verify(intent)
    bodies = shop.network.fake_world.queues.take(outbox_messages.POINTS)
    award_bodies = [body for body in bodies if body["source"] == "topup"]
    assert [points.award(shop.world, body) for body in award_bodies * 3] == [True, False, False]


@pytest.mark.parametrize("wrong", [{"paisa": SUM - 1}, {"paisa": SUM + 1}, {"merchant": False}])
def test_a_mismatch_needs_review_and_credits_nothing(shop: Shop, wrong: dict[str, int]) -> None:
    intent = shop.open()
    shop.paid(**wrong)  # type: ignore[arg-type]
    everybody_asks(shop, intent)
    assert shop.wallet == 0
    assert shop.now(intent).state is IntentState.NEEDS_REVIEW
    assert shop.network.books_balance()


def test_a_payment_used_for_one_intent_credits_no_other(shop: Shop) -> None:
    first, second = shop.open(), shop.open()
    shop.paid(reference="one-and-the-same")
    assert shop.verify(first).state is IntentState.SUCCESS
    assert shop.verify(second).state is IntentState.NEEDS_REVIEW
    assert shop.wallet == SUM
    assert shop.network.books_balance()


def test_money_after_a_cancel_is_credited(shop: Shop) -> None:
    intent = shop.open()
    caller = shop.network.sessions[shop.user].caller(
        shop.world, *topup_intents.prefetch_keys(intent.user_id, intent.intent_id)
    )
    assert topup_intents.cancel(shop.world, caller, intent.intent_id).state is IntentState.CANCELLED
    shop.paid()
    assert shop.verify(intent).state is IntentState.SUCCESS
    assert shop.wallet == SUM
    caller = shop.network.sessions[shop.user].caller(
        shop.world, *topup_intents.prefetch_keys(intent.user_id, intent.intent_id)
    )
    with pytest.raises(Problem, match="intent_not_cancellable"):
        topup_intents.cancel(shop.world, caller, intent.intent_id)


def test_an_expired_intent_stays_failed_with_and_without_the_sweep(shop: Shop) -> None:
    intent = shop.open()
    shop.says(PaymentState.UNPAID)
    shop.network.fake_world.clock.advance(minutes=31)
    for _ in range(2):
        with pytest.raises(Problem, match="intent_not_cancellable"):
            topup_intents.cancel(shop.world, shop.caller(intent), intent.intent_id)
        assert shop.now(intent).shown_state(shop.world.now()) == (IntentState.FAILED, "expired")
        crediting.sweep(shop.world)


def test_money_after_expiry_is_credited(shop: Shop) -> None:
    intent = shop.open()
    shop.network.fake_world.clock.advance(minutes=31)
    shop.says(PaymentState.PENDING)
    crediting.sweep(shop.world)
    assert (shop.now(intent).state, shop.now(intent).reason) == (IntentState.FAILED, "expired")
    shop.paid()
    shop.network.fake_world.clock.advance(hours=1)
    crediting.sweep(shop.world)
    assert shop.wallet == SUM
    assert shop.network.books_balance()


@pytest.mark.long
@pytest.mark.parametrize("state", [PaymentState.UNKNOWN, PaymentState.PENDING])
def test_an_unknown_status_is_checked_at_growing_intervals_for_three_days(shop: Shop, state: PaymentState) -> None:
    intent = shop.open()
    shop.says(state)
    looks = []
    for _ in range(5 * 24 * 60 // 10):
        shop.network.fake_world.clock.advance(minutes=10)
        if crediting.sweep(shop.world):
            looks.append(shop.world.now() - intent.created_at)
    gaps = [later - earlier for earlier, later in itertools.pairwise(looks)]
    assert gaps == sorted(gaps)
    assert timedelta(hours=60) < looks[-1] <= timedelta(hours=72)
    assert shop.now(intent).next_check_at is None
    assert (shop.now(intent).state, shop.now(intent).reason) == (IntentState.NEEDS_REVIEW, "unresolved")
    shop.paid()
    assert shop.verify(intent).state is IntentState.SUCCESS
    assert shop.network.books_balance()


def test_an_intent_at_a_retired_gateway_goes_to_review(shop: Shop) -> None:
    intent = shop.open("stripe")
    shop.world = replace(shop.world, gateways={"khalti": shop.khalti})
    assert shop.verify(intent).state is IntentState.PENDING
    for _ in range(80):
        shop.network.fake_world.clock.advance(hours=1)
        crediting.sweep(shop.world)
    assert (shop.now(intent).state, shop.now(intent).reason) == (IntentState.NEEDS_REVIEW, "unresolved")


def test_a_rejected_checkout_is_reported_and_never_checked(shop: Shop) -> None:
    shop.khalti.fails = Rejected("validation_error")
    with pytest.raises(Problem, match="gateway_unavailable"):
        shop.open()
    shop.network.fake_world.clock.advance(minutes=5)
    assert crediting.sweep(shop.world) == 0


def test_a_repeated_request_creates_the_checkout_that_failed(shop: Shop) -> None:
    shop.khalti.fails = Unavailable("khalti")
    with pytest.raises(Problem, match="gateway_unavailable"):
        shop.open(key="tap")
    shop.network.fake_world.clock.advance(minutes=2)
    with pytest.raises(Problem, match="gateway_unavailable"):
        shop.open(key="tap")
    shop.khalti.fails = None
    shop.network.fake_world.clock.advance(minutes=2)
    opened = shop.open(key="tap")
    assert (opened.state, opened.next_check_at is not None) == (IntentState.PENDING, True)
    assert len(set(shop.khalti.created)) == 1
    shop.paid()
    shop.network.fake_world.clock.advance(minutes=5)
    crediting.sweep(shop.world)
    assert shop.wallet == SUM


@pytest.mark.parametrize("over", ["expired", "cancelled"])
def test_a_repeated_request_after_expiry_gives_no_pay_page(shop: Shop, over: str) -> None:
    shop.khalti.fails = Unavailable("khalti")
    with pytest.raises(Problem, match="gateway_unavailable"):
        shop.open(key="tap")
    shop.khalti.fails = None
    if over == "cancelled":
        intent = intents.of_user(shop.user, after="0")[0]
        topup_intents.cancel(shop.world, shop.caller(intent), intent.intent_id)
        shop.network.fake_world.clock.advance(minutes=2)
    else:
        shop.network.fake_world.clock.advance(minutes=31)
    with pytest.raises(Problem, match="topup_over"):
        shop.open(key="tap")
    assert shop.khalti.created == []


@pytest.mark.parametrize(
    ("paisa", "method", "url", "code"),
    [
        (999, "khalti", None, "amount_out_of_range"),
        (10_000_001, "khalti", None, "amount_out_of_range"),
        (5_000_001, "esewa", None, "amount_out_of_range"),
        (1_000, "paypal", None, "payment_method_unavailable"),
        (19_999, "stripe", None, "amount_out_of_range"),
        (1_000, "khalti", "https://evil.example.com/", "return_url_not_allowed"),
    ],
)
def test_a_checkout_that_cannot_be_created_changes_nothing(
    shop: Shop, paisa: int, method: str, url: str | None, code: str
) -> None:
    caller = shop.network.sessions[shop.user].caller(shop.world)
    before = all_rows()
    with pytest.raises(Problem, match=code):
        topup_intents.open_intent(shop.world, caller, amount_paisa=paisa, method=method, return_url=url)
    assert all_rows() == before


def test_a_callback_credits_nothing_by_itself(shop: Shop) -> None:
    intent = shop.open()
    assert receive_callback(shop, "khalti", {"pidx": f"ref-{intent.order_ref}"}) == intent.intent_id
    (body,) = shop.network.fake_world.queues.take(outbox_messages.PAYMENT_EVENTS)
    assert (body["user_id"], body["intent_id"]) == (intent.user_id, intent.intent_id)
    for content in ({}, {"pidx": ""}, {"pidx": "nobody's"}, {"intent_id": intent.intent_id, "status": "Completed"}):
        with pytest.raises(Problem, match="not_found"):
            receive_callback(shop, "khalti", content)
    assert shop.wallet == 0


def receive_callback(shop: Shop, gateway: str, content: dict[str, str]) -> str:
    """Receive a callback. Returns the id of its intent."""
    intent = webhooks.receive(shop.world, gateway, {}, json.dumps(content).encode())
    assert intent is not None
    return intent.intent_id


def test_one_gateways_signed_response_does_not_refer_to_anothers_intent(shop: Shop) -> None:
    intent = shop.open("khalti")
    with pytest.raises(Problem, match="not_found"):
        receive_callback(shop, "esewa", {"data": f"signed:{intent.order_ref}"})


def test_a_callback_is_stored_while_the_queue_is_unavailable(shop: Shop) -> None:
    intent = shop.open()
    shop.paid()
    shop.network.fake_world.queues.unavailable = True
    receive_callback(shop, "khalti", {"pidx": f"ref-{intent.order_ref}"})
    shop.network.fake_world.queues.unavailable = False
    shop.network.deliver_messages()
    assert shop.wallet == SUM
    assert outbox.waiting(shop.world.now() + timedelta(days=365), 500) == []
    assert shop.network.books_balance()


def test_the_signed_form_is_shown_only_while_payable(shop: Shop) -> None:
    esewa, khalti = shop.open("esewa"), shop.open("khalti")
    assert topup_intents.checkout(shop.world, esewa.intent_id).form_fields
    for intent_id in (khalti.intent_id, "nobodys"):
        with pytest.raises(Problem, match="not_found"):
            topup_intents.checkout(shop.world, intent_id)
    shop.network.fake_world.clock.advance(minutes=30)
    with pytest.raises(Problem, match="not_found"):
        topup_intents.checkout(shop.world, esewa.intent_id)


def test_a_failing_check_delays_no_other_intent(shop: Shop) -> None:
    broken, sound = shop.open(), shop.open()
    IntentRow(broken.user_id, broken.intent_id).update([IntentRow.gateway.set("gone")])
    shop.paid()
    shop.network.fake_world.clock.advance(minutes=2)
    payments_due = crediting.sweep(shop.world)
    assert payments_due == 2
    assert shop.now(sound).state is IntentState.SUCCESS
