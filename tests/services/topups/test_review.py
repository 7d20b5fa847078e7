"""Top-ups that need review: put on the list once, rechecked or closed by an operator."""

from dataclasses import replace

import pytest

from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.caller import Caller
from chalicelib.services.topups import crediting, payment_events, review
from chalicelib.tables.audit_log import AuditLogRow
from chalicelib.world import Unavailable
from tests.world.builders import operator_account, sign_in
from tests.world.network import Network
from tests.world.payer import SUM, Payer
from tests.world.real_tables import all_rows


@pytest.fixture
def admin(network: Network) -> Caller:
    user_id = operator_account(network.world, "money@example.com", "a password", Role.FINANCE)
    return sign_in(network.world, user_id).caller(network.world)


def three_days(payer: Payer, *words: PaymentStatus) -> None:
    """Run every sweep of three days. The gateway reports the given statuses in order and repeats the last."""
    clock = payer.network.fake_world.clock
    for hour in range(74):
        payer.khalti.payment_status = words[min(hour * len(words) // 60, len(words) - 1)]
        clock.advance(hours=1)
        crediting.sweep(payer.world)


def disputed(payer: Payer, paisa: int = SUM - 100) -> Intent:
    """A top-up whose amount differs."""
    intent = payer.open()
    payer.pay(paisa)
    return payer.verify(intent)


def listed(payer: Payer) -> list[str]:
    return [intent.intent_id for intent in review.list_in_review(NumberedPage(1, 100))[0]]


@pytest.mark.parametrize(
    ("last", "is_alarmed"),
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
    payer: Payer, last: PaymentStatus, is_alarmed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    intent = payer.open()
    three_days(payer, PaymentStatus(PaymentState.UNKNOWN), last)
    now = payer.stored(intent)
    assert now.next_check_at is None
    assert now.state is (IntentState.NEEDS_REVIEW if is_alarmed else IntentState.FAILED)
    assert listed(payer) == ([intent.intent_id] if is_alarmed else [])
    assert capsys.readouterr().out.count('"fact":"intent_needs_review"') == is_alarmed
    assert payer.network.books_balance()


def test_a_pending_payment_goes_to_review_after_it_was_given_up(payer: Payer) -> None:
    intent = payer.open()
    three_days(payer, PaymentStatus(PaymentState.FAILED, reason="expired"))
    payer.gateway_reports(PaymentState.UNKNOWN)
    assert payer.verify(payer.stored(intent)).state is IntentState.FAILED
    payer.gateway_reports(PaymentState.PENDING)
    assert payer.verify(payer.stored(intent)).reason == "unresolved"
    payer.pay()
    assert payer.verify(payer.stored(intent)).state is IntentState.SUCCESS
    assert payer.wallet == SUM


def test_an_unresolved_top_up_with_another_amount_credits_nothing(payer: Payer) -> None:
    intent = payer.open()
    three_days(payer, PaymentStatus(PaymentState.UNKNOWN))
    payer.pay(SUM + 1)
    assert payer.verify(payer.stored(intent)).reason == "wrong_amount"
    payer.pay(SUM)
    assert payer.verify(payer.stored(intent)).state is IntentState.NEEDS_REVIEW
    assert payer.wallet == 0


def test_reviews_are_listed_newest_first_page_by_page(payer: Payer) -> None:
    made = []
    for _ in range(5):
        made.append(disputed(payer).intent_id)
        payer.network.fake_world.clock.advance(minutes=1)
    newest = made[::-1]
    assert listed(payer) == newest
    pages = [review.list_in_review(NumberedPage(number, 2)) for number in (1, 2, 3, 4)]
    assert [[intent.intent_id for intent in intents] for intents, _ in pages] == [
        newest[:2],
        newest[2:4],
        newest[4:],
        [],
    ]
    assert {total for _, total in pages} == {5}


def test_a_recheck_credits_a_matching_payment_once(payer: Payer, admin: Caller) -> None:
    intent = disputed(payer)
    payer.pay(reference="theirs-at-last")
    result = review.recheck(payer.world, admin, intent.intent_id, "the gateway has put it right")
    assert (result.intent.state, result.wallet_paisa) == (IntentState.SUCCESS, SUM)
    with pytest.raises(Problem, match="intent_not_disputed"):
        review.recheck(payer.world, admin, intent.intent_id, "once more")
    assert payer.wallet == SUM
    assert listed(payer) == []
    assert payer.network.books_balance()


@pytest.mark.parametrize(
    "word",
    [
        PaymentStatus(PaymentState.PAID, "theirs", SUM - 1),
        PaymentStatus(PaymentState.UNKNOWN),
        PaymentStatus(PaymentState.FAILED),
    ],
)
def test_a_recheck_of_a_mismatch_changes_nothing(payer: Payer, admin: Caller, word: PaymentStatus) -> None:
    intent = payer.stored(disputed(payer))
    payer.khalti.payment_status = word
    result = review.recheck(payer.world, admin, intent.intent_id, "asked for by phone")
    assert result.payment_status == word
    assert result.intent == payer.stored(intent) == intent
    assert payer.wallet == 0
    assert listed(payer) == [intent.intent_id]


def test_a_recheck_never_credits_a_used_payment(payer: Payer, admin: Caller) -> None:
    first, second = payer.open(), payer.open()
    payer.pay(reference="one-and-the-same")
    payer.verify(first)
    assert payer.verify(second).reason == "reference_used_before"
    intent = review.recheck(payer.world, admin, second.intent_id, "the customer insists").intent
    assert (intent.state, payer.wallet) == (IntentState.NEEDS_REVIEW, SUM)
    assert payer.network.books_balance()


def test_a_closed_review_is_not_listed_and_never_credited(payer: Payer, admin: Caller) -> None:
    intent = payer.open()
    three_days(payer, PaymentStatus(PaymentState.UNKNOWN))
    closed = review.close(payer.world, admin, intent.intent_id, "paid back at the counter")
    assert closed.state is IntentState.NEEDS_REVIEW
    assert listed(payer) == []
    payer.pay()
    payment_events.handle_payment_event(payer.world, intent.user_id, intent.intent_id)
    payer.verify(payer.stored(intent))
    for again in (review.close, review.recheck):
        with pytest.raises(Problem, match="intent_not_disputed"):
            again(payer.world, admin, intent.intent_id, "again")
    assert payer.wallet == 0
    assert payer.network.books_balance()


def test_every_action_of_an_operator_is_logged_with_its_note(payer: Payer, admin: Caller) -> None:
    intent = disputed(payer)
    review.recheck(payer.world, admin, intent.intent_id, "first")
    review.close(payer.world, admin, intent.intent_id, "second")
    log_entries = [(row.action, row.target, row.admin_id, row.changes["note"]) for row in AuditLogRow.scan()]
    assert sorted(log_entries) == [
        ("intent_closed", intent.intent_id, admin.user_id, "second"),
        ("intent_rechecked", intent.intent_id, admin.user_id, "first"),
    ]


def test_only_a_top_up_in_review_can_be_resolved(payer: Payer, admin: Caller) -> None:
    intent = payer.open()
    before = all_rows()
    for verb in (review.close, review.recheck):
        with pytest.raises(Problem, match="intent_not_disputed"):
            verb(payer.world, admin, intent.intent_id, "note")
        with pytest.raises(Problem, match="not_found"):
            verb(payer.world, admin, "nobodys", "note")
    assert all_rows() == before


def test_a_callback_about_a_given_up_top_up_waits_for_the_gateway(payer: Payer) -> None:
    intent = payer.open()
    three_days(payer, PaymentStatus(PaymentState.FAILED, reason="expired"))
    payer.gateway_reports(PaymentState.UNKNOWN)
    with pytest.raises(Unavailable):
        payment_events.handle_payment_event(payer.world, intent.user_id, intent.intent_id)
    payer.pay()
    payment_events.handle_payment_event(payer.world, intent.user_id, intent.intent_id)
    assert payer.wallet == SUM


def test_a_review_shows_what_the_gateway_reported(payer: Payer) -> None:
    intent = payer.open()
    payer.khalti.payment_status = PaymentStatus(PaymentState.PAID, "theirs", SUM + 500)
    current = payer.verify(intent)
    assert (current.reported_reference, current.reported_paisa) == ("theirs", SUM + 500)
    assert replace(current, version=0) == replace(payer.stored(intent), version=0)
