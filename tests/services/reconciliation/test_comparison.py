"""A day's top-ups held against every gateway's view: each in one line, whatever dies or stays silent meanwhile."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.days import begins
from chalicelib.domain.payment_gateway import Listed, Outcome, Paid
from chalicelib.domain.reconciliation import Finding, Total
from chalicelib.domain.topup import IntentState
from chalicelib.services.topups import crediting
from chalicelib.tables import intents
from chalicelib.tables.atomic import atomic
from tests.books import SILENT, SUM, Books
from tests.builders import account
from tests.desk import Desk
from tests.street import Street


def test_each_top_up_of_the_day_is_in_one_line(books: Books) -> None:
    matched, open_, disputed = books.credited(), books.opened(), books.credited(paisa=SUM - 100)
    lost, returned, silent = books.paid(), books.credited(), books.credited()
    books.says(returned, Outcome(Paid.REFUNDED, reason="refunded"))
    books.says(silent, SILENT)
    books.next_day()
    books.reconcile()
    assert {name: line.finding for name, line in books.lines().items()} == {
        matched.intent_id: Finding.MATCHED,
        open_.intent_id: Finding.MATCHED,
        disputed.intent_id: Finding.THEIRS_ONLY,
        lost.intent_id: Finding.THEIRS_ONLY,
        returned.intent_id: Finding.OURS_ONLY,
        silent.intent_id: Finding.UNKNOWN,
    }
    assert books.report().totals[Finding.MATCHED] == Total(2, SUM, SUM)
    assert books.report().totals[Finding.THEIRS_ONLY] == Total(2, 0, 2 * SUM - 100)
    assert books.report().totals[Finding.OURS_ONLY] == Total(1, SUM, 0)


def test_it_moves_no_money_and_changes_no_intent(books: Books) -> None:
    lost, before = books.paid(), account(books.user)
    books.next_day()
    books.reconcile()
    assert account(books.user) == before
    assert books.now(lost) == lost
    assert lost.state is IntentState.PENDING


def test_another_amount_or_reference_than_was_credited_differs(books: Books) -> None:
    less, other = books.credited(), books.credited()
    books.says(less, Outcome(Paid.PAID, f"paid-{less.intent_id}", SUM - 1))
    books.says(other, Outcome(Paid.PAID, "another", SUM))
    books.next_day()
    books.reconcile()
    assert books.counts() == {Finding.DIFFERS: 2}


def test_money_is_of_the_day_it_was_asked_for_and_of_the_day_it_was_credited(books: Books) -> None:
    late = books.opened()
    books.next_day()
    books.says(late, Outcome(Paid.PAID, "late", SUM))
    crediting.settle(books.world, late)
    books.next_day()
    books.reconcile()
    assert books.finding(late) is Finding.MATCHED
    books.day += timedelta(days=1)
    assert books.finding(late) is Finding.MATCHED


def test_what_is_listed_and_what_is_ours_come_together_once(books: Books) -> None:
    first, second = books.credited("stripe"), books.opened("stripe")
    stranger = Listed("cs_stranger", books.world.now(), Outcome(Paid.PAID, "pi_1", 7_000))
    idle = Listed("cs_idle", books.world.now(), Outcome(Paid.UNPAID))
    books.lists(books.listing(first), books.listing(second), stranger, idle)
    books.next_day()
    books.reconcile()
    found = {name: line.finding for name, line in books.lines("stripe").items()}
    assert found == {
        first.intent_id: Finding.MATCHED,
        second.intent_id: Finding.MATCHED,
        "cs_stranger": Finding.THEIRS_ONLY,
        "cs_idle": Finding.MATCHED,
    }
    assert books.report("stripe").totals[Finding.THEIRS_ONLY] == Total(1, 0, 7_000)


def test_what_a_list_tells_needs_no_look_unless_it_differs(books: Books) -> None:
    same, moved = books.credited("stripe"), books.credited("stripe")
    books.lists(books.listing(same), books.listing(moved, Outcome(Paid.UNPAID)))
    books.next_day()
    books.scene.stripe.looked.clear()
    books.reconcile()
    assert books.scene.stripe.looked == [moved.intent_id]
    assert books.counts("stripe") == {Finding.MATCHED: 2}


def test_an_intent_that_no_list_shows_is_asked_after(books: Books) -> None:
    forgotten = books.credited("stripe")
    books.lists()
    books.says(forgotten, Outcome(Paid.UNPAID))
    books.next_day()
    books.reconcile()
    assert books.finding(forgotten) is Finding.OURS_ONLY


def test_a_second_session_that_was_paid_for_one_intent_is_theirs_only(books: Books) -> None:
    intent = books.credited("stripe")
    again = Listed("cs_again", books.world.now(), Outcome(Paid.PAID, "pi_again", SUM), intent.order_ref)
    books.lists(books.listing(intent), again)
    books.next_day()
    books.reconcile()
    assert books.counts("stripe") == {Finding.MATCHED: 1, Finding.THEIRS_ONLY: 1}
    assert books.lines("stripe")["cs_again"].our_ref == intent.order_ref


def test_a_session_whose_answer_was_lost_names_its_intent(books: Books) -> None:
    intent = books.opened("stripe")
    lost = replace(intent, gateway_ref=None, payment_url=None)
    atomic(books.world, lambda ops: intents.save(ops, lost))
    books.lists(books.listing(intent, Outcome(Paid.PAID, "pi_1", SUM)))
    books.next_day()
    books.reconcile()
    assert books.finding(intent) is Finding.THEIRS_ONLY


def test_a_session_of_another_day_is_not_on_this_days_report(books: Books) -> None:
    tomorrow = begins(books.day + timedelta(days=1))
    inside = Listed("cs_in", tomorrow - timedelta(seconds=1), Outcome(Paid.PAID, "pi_1", SUM))
    outside = Listed("cs_out", tomorrow, Outcome(Paid.PAID, "pi_2", SUM))
    books.lists(inside, outside)
    books.next_day()
    books.reconcile()
    assert set(books.lines("stripe")) == {"cs_in"}


def test_a_day_in_nepal_begins_and_ends_at_its_own_midnight(books: Books) -> None:
    books.scene.clock.at = begins(books.day + timedelta(days=1)) - timedelta(seconds=1)
    before = books.credited()
    books.scene.clock.pass_(seconds=1)
    after = books.credited()
    books.next_day()
    books.reconcile()
    assert set(books.lines()) == {before.intent_id}
    books.next_day()
    books.reconcile()
    books.day += timedelta(days=1)
    assert set(books.lines()) == {after.intent_id}


def test_what_we_had_refunded_matches_and_what_went_back_behind_us_does_not(street: Street) -> None:
    desk = Desk(street)
    books = Books(street, desk.user)
    books.past_is_done()
    ours, behind_us = books.credited(), books.credited()
    desk.give_points()
    transaction = next(desk.name(one) for one in desk.ledger() if one.ref == ours.intent_id)
    desk.approve(desk.ask(transaction))
    desk.send()
    street.hear_messages()
    for intent in (ours, behind_us):
        books.says(intent, Outcome(Paid.REFUNDED, reason="refunded"))
    books.next_day()
    books.reconcile()
    assert (books.finding(ours), books.finding(behind_us)) == (Finding.MATCHED, Finding.OURS_ONLY)
    assert street.books_balance()
