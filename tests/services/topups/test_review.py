"""Top-ups that need review: put on the list once, rechecked or closed by an operator."""

from dataclasses import replace

import pytest

from chalicelib.domain.account import Role
from chalicelib.domain.numbered_page import NumberedPage
from chalicelib.domain.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.problems import Problem
from chalicelib.domain.topup_intent import Intent, IntentState
from chalicelib.services.caller import Caller
from chalicelib.services.topups import crediting, review
from chalicelib.tables.admin_log import AdminLogRow
from chalicelib.world import Unavailable
from tests.builders import operator_account, sign_in
from tests.network import Network
from tests.real_tables import all_rows
from tests.services.topups.test_crediting import SUM, Shop


@pytest.fixture
def shop(network: Network) -> Shop:
    return Shop(network)


@pytest.fixture
def admin(network: Network) -> Caller:
    user_id = operator_account(network.world, "money@example.com", "a password", Role.FINANCE)
    return sign_in(network.world, user_id).caller(network.world)


def three_days(shop: Shop, *words: PaymentStatus) -> None:
    """Run every sweep of three days. The gateway reports the given statuses in order and repeats the last."""
    clock = shop.network.fake_world.clock
    for hour in range(74):
        shop.khalti.payment_status = words[min(hour * len(words) // 60, len(words) - 1)]
        clock.advance(hours=1)
        crediting.sweep(shop.world)


def disputed(shop: Shop, paisa: int = SUM - 100) -> Intent:
    """A top-up whose amount differs."""
    intent = shop.open()
    shop.paid(paisa)
    return shop.verify(intent)


def listed(shop: Shop) -> list[str]:
    return [intent.intent_id for intent in review.list_awaiting_review(NumberedPage(1, 100))[0]]


@pytest.mark.parametrize(
    ("last", "handed_over"),
    [
        (PaymentStatus(PaymentState.UNKNOWN, reason="no_answer"), True),
        (PaymentStatus(PaymentState.UNKNOWN, reason="ambiguous"), True),
        (PaymentStatus(PaymentState.PENDING, reason="pending"), True),
        (PaymentStatus(PaymentState.UNPAID, reason="not_found"), False),
        (PaymentStatus(PaymentState.FAILED, reason="expired"), False),
        (PaymentStatus(PaymentState.REFUNDED, reason="refunded"), False),
    ],
)
def test_an_unknown_status_goes_to_review_after_three_days(
    shop: Shop, last: PaymentStatus, handed_over: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    intent = shop.open()
    three_days(shop, PaymentStatus(PaymentState.UNKNOWN), last)
    now = shop.now(intent)
    assert now.next_check_at is None
    assert now.state is (IntentState.NEEDS_REVIEW if handed_over else IntentState.FAILED)
    assert listed(shop) == ([intent.intent_id] if handed_over else [])
    assert capsys.readouterr().out.count('"fact":"intent_needs_review"') == handed_over
    assert shop.network.books_balance()


def test_a_pending_payment_goes_to_review_after_it_was_given_up(shop: Shop) -> None:
    intent = shop.open()
    three_days(shop, PaymentStatus(PaymentState.FAILED, reason="expired"))
    shop.says(PaymentState.UNKNOWN)
    assert shop.verify(shop.now(intent)).state is IntentState.FAILED
    shop.says(PaymentState.PENDING)
    assert shop.verify(shop.now(intent)).reason == "unresolved"
    shop.paid()
    assert shop.verify(shop.now(intent)).state is IntentState.SUCCESS
    assert shop.wallet == SUM


def test_an_unresolved_top_up_with_another_amount_credits_nothing(shop: Shop) -> None:
    intent = shop.open()
    three_days(shop, PaymentStatus(PaymentState.UNKNOWN))
    shop.paid(SUM + 1)
    assert shop.verify(shop.now(intent)).reason == "wrong_amount"
    shop.paid(SUM)
    assert shop.verify(shop.now(intent)).state is IntentState.NEEDS_REVIEW
    assert shop.wallet == 0


def test_reviews_are_listed_newest_first_page_by_page(shop: Shop) -> None:
    made = []
    for _ in range(5):
        made.append(disputed(shop).intent_id)
        shop.network.fake_world.clock.advance(minutes=1)
    newest = made[::-1]
    assert listed(shop) == newest
    pages = [review.list_awaiting_review(NumberedPage(number, 2)) for number in (1, 2, 3, 4)]
    assert [[intent.intent_id for intent in intents] for intents, _ in pages] == [
        newest[:2],
        newest[2:4],
        newest[4:],
        [],
    ]
    assert {total for _, total in pages} == {5}


def test_a_recheck_credits_a_matching_payment_once(shop: Shop, admin: Caller) -> None:
    intent = disputed(shop)
    shop.paid(reference="theirs-at-last")
    result = review.recheck(shop.world, admin, intent.intent_id, "the gateway has put it right")
    assert (result.intent.state, result.wallet_paisa) == (IntentState.SUCCESS, SUM)
    with pytest.raises(Problem, match="intent_not_disputed"):
        review.recheck(shop.world, admin, intent.intent_id, "once more")
    assert shop.wallet == SUM
    assert listed(shop) == []
    assert shop.network.books_balance()


@pytest.mark.parametrize(
    "word",
    [
        PaymentStatus(PaymentState.PAID, "theirs", SUM - 1),
        PaymentStatus(PaymentState.UNKNOWN),
        PaymentStatus(PaymentState.FAILED),
    ],
)
def test_a_recheck_of_a_mismatch_changes_nothing(shop: Shop, admin: Caller, word: PaymentStatus) -> None:
    intent = shop.now(disputed(shop))
    shop.khalti.payment_status = word
    result = review.recheck(shop.world, admin, intent.intent_id, "asked for by phone")
    assert result.payment_status == word
    assert result.intent == shop.now(intent) == intent
    assert shop.wallet == 0
    assert listed(shop) == [intent.intent_id]


def test_a_recheck_never_credits_a_used_payment(shop: Shop, admin: Caller) -> None:
    first, second = shop.open(), shop.open()
    shop.paid(reference="one-and-the-same")
    shop.verify(first)
    assert shop.verify(second).reason == "reference_used_before"
    intent = review.recheck(shop.world, admin, second.intent_id, "the customer insists").intent
    assert (intent.state, shop.wallet) == (IntentState.NEEDS_REVIEW, SUM)
    assert shop.network.books_balance()


def test_a_closed_review_is_not_listed_and_never_credited(shop: Shop, admin: Caller) -> None:
    intent = shop.open()
    three_days(shop, PaymentStatus(PaymentState.UNKNOWN))
    closed = review.close(shop.world, admin, intent.intent_id, "paid back at the counter")
    assert closed.state is IntentState.NEEDS_REVIEW
    assert listed(shop) == []
    shop.paid()
    crediting.handle_payment_event(shop.world, intent.user_id, intent.intent_id)
    shop.verify(shop.now(intent))
    for again in (review.close, review.recheck):
        with pytest.raises(Problem, match="intent_not_disputed"):
            again(shop.world, admin, intent.intent_id, "again")
    assert shop.wallet == 0
    assert shop.network.books_balance()


def test_every_action_of_an_operator_is_logged_with_its_note(shop: Shop, admin: Caller) -> None:
    intent = disputed(shop)
    review.recheck(shop.world, admin, intent.intent_id, "first")
    review.close(shop.world, admin, intent.intent_id, "second")
    log_entries = [(row.action, row.target, row.admin_id, row.changes["note"]) for row in AdminLogRow.scan()]
    assert sorted(log_entries) == [
        ("intent_closed", intent.intent_id, admin.user_id, "second"),
        ("intent_rechecked", intent.intent_id, admin.user_id, "first"),
    ]


def test_only_a_top_up_in_review_can_be_resolved(shop: Shop, admin: Caller) -> None:
    intent = shop.open()
    before = all_rows()
    for verb in (review.close, review.recheck):
        with pytest.raises(Problem, match="intent_not_disputed"):
            verb(shop.world, admin, intent.intent_id, "note")
        with pytest.raises(Problem, match="not_found"):
            verb(shop.world, admin, "nobodys", "note")
    assert all_rows() == before


def test_a_callback_about_a_given_up_top_up_waits_for_the_gateway(shop: Shop) -> None:
    intent = shop.open()
    three_days(shop, PaymentStatus(PaymentState.FAILED, reason="expired"))
    shop.says(PaymentState.UNKNOWN)
    with pytest.raises(Unavailable):
        crediting.handle_payment_event(shop.world, intent.user_id, intent.intent_id)
    shop.paid()
    crediting.handle_payment_event(shop.world, intent.user_id, intent.intent_id)
    assert shop.wallet == SUM


def test_a_review_shows_what_the_gateway_reported(shop: Shop) -> None:
    intent = shop.open()
    shop.khalti.payment_status = PaymentStatus(PaymentState.PAID, "theirs", SUM + 500)
    current = shop.verify(intent)
    assert (current.reported_reference, current.reported_paisa) == ("theirs", SUM + 500)
    assert replace(current, version=0) == replace(shop.now(intent), version=0)
