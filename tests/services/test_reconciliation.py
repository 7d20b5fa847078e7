"""A day's top-ups held against every gateway's view: each in one line, whatever dies or stays silent meanwhile."""

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from chalicelib import log
from chalicelib.domain.days import begins
from chalicelib.domain.payment import Intent, IntentState, Listed, Outcome, Paid
from chalicelib.domain.reconciliation import Finding, ReportState, Total
from chalicelib.services import crediting, reconciliation
from chalicelib.tables import intents
from chalicelib.tables.atomic import atomic
from tests.books import SUM, Books, all_reports
from tests.builders import account
from tests.counting import counted
from tests.desk import Desk
from tests.street import Street

SILENT = Outcome(Paid.UNKNOWN, reason="no_answer")


@pytest.fixture
def books(street: Street) -> Books:
    made = Books(street)
    made.past_is_done()
    return made


@pytest.fixture
def heard() -> Iterator[StringIO]:
    """The log."""
    log.Output.stream = StringIO()
    yield log.Output.stream
    log.Output.stream = None


def alarms(heard: StringIO, name: str) -> list[dict[str, Any]]:
    told = [json.loads(line) for line in heard.getvalue().splitlines()]
    return [one for one in told if one["fact"] == name and one.get("level") == "ALARM"]


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


def test_a_gateway_that_was_away_is_asked_again_for_a_week_and_then_given_up(books: Books, heard: StringIO) -> None:
    silent = books.credited()
    books.says(silent, SILENT)
    books.next_day()
    books.reconcile()
    for _ in range(3):
        books.scene.clock.pass_(hours=1)
        books.reconcile()
    assert (books.report().state, books.counts()) == (ReportState.RUNNING, {Finding.UNKNOWN: 1})
    books.scene.clock.pass_(days=7)
    books.reconcile()
    assert (books.report().state, books.counts()) == (ReportState.DONE, {Finding.UNKNOWN: 1})
    assert [one["about"] for one in alarms(heard, "reconciliation_unanswered")] == [books.report().name]
    assert alarms(heard, "reconciliation_differs") == []


def test_a_gateway_that_comes_back_finishes_the_report(books: Books) -> None:
    silent = books.credited()
    books.says(silent, SILENT)
    books.next_day()
    books.reconcile()
    books.says(silent, Outcome(Paid.PAID, f"paid-{silent.intent_id}", SUM))
    books.scene.clock.pass_(hours=1)
    books.reconcile()
    assert (books.report().state, books.counts()) == (ReportState.DONE, {Finding.MATCHED: 1})


def test_a_list_that_is_away_holds_up_its_own_report_only(books: Books) -> None:
    books.credited("stripe")
    books.lists()
    books.credited()
    books.scene.stripe.list_away = True
    books.next_day()
    books.reconcile()
    assert books.report("khalti").state is ReportState.DONE
    assert (books.report("stripe").state, books.counts("stripe")) == (ReportState.RUNNING, {})
    books.scene.stripe.list_away = False
    books.reconcile()
    assert (books.report("stripe").state, books.counts("stripe")) == (ReportState.DONE, {Finding.MATCHED: 1})


def test_differences_raise_one_alarm_a_report_and_name_what_was_paid(books: Books, heard: StringIO) -> None:
    lost = books.paid()
    books.paid()
    books.says(books.credited(), SILENT)
    books.next_day()
    for _ in range(3):
        books.reconcile()
        books.scene.clock.pass_(hours=1)
    assert len(alarms(heard, "reconciliation_differs")) == 1
    named = [one["intent_id"] for one in alarms(heard, "paid_not_credited")]
    assert len(named) == 2
    assert lost.intent_id in named


def test_money_credited_while_the_gateway_is_asked_is_no_difference(books: Books) -> None:
    lost = books.paid()
    books.next_day()
    khalti, look = books.scene.khalti, books.scene.khalti.look

    def quicker(intent: Intent) -> Outcome:
        """The sweep credits it right after the gateway has answered."""
        outcome = look(intent)
        if intent.state is IntentState.PENDING:
            khalti.look = look  # type: ignore[method-assign]
            crediting.settle(books.world, intent)
        return outcome

    khalti.look = quicker  # type: ignore[method-assign]
    books.reconcile()
    assert books.finding(lost) is Finding.MATCHED


@pytest.mark.parametrize("runs", [1, 2, 10])
def test_however_often_it_runs_the_report_is_the_same(books: Books, runs: int) -> None:
    a_busy_day(books)
    for _ in range(runs):
        books.reconcile()
    assert books.report().state is ReportState.DONE
    assert books.counts() == {Finding.MATCHED: 12, Finding.OURS_ONLY: 3, Finding.THEIRS_ONLY: 3}
    with counted() as calls:
        assert books.reconcile() == 0
    assert calls.calls[0] == "BatchGetItem"
    assert set(calls.calls) == {"BatchGetItem", "Query"}


def a_busy_day(books: Books) -> None:
    for number in range(18):
        intent = books.paid() if number % 6 == 0 else books.credited()
        if number % 6 == 1:
            books.says(intent, Outcome(Paid.REFUNDED))
    books.next_day()


def test_with_little_time_it_goes_on_where_it_left(books: Books) -> None:
    a_busy_day(books)
    books.scene.khalti.looked.clear()
    runs = 0
    while runs == 0 or books.report().state is ReportState.RUNNING:
        left = itertools.count(45, -1)
        reconciliation.run(books.world, lambda left=left: float(next(left)))  # type: ignore[misc]
        runs += 1
        assert runs < 60
    assert runs > 2
    assert books.counts() == {Finding.MATCHED: 12, Finding.OURS_ONLY: 3, Finding.THEIRS_ONLY: 3}
    assert sorted(books.scene.khalti.looked) == sorted(books.lines())


def test_with_no_time_at_all_nothing_is_asked(books: Books) -> None:
    a_busy_day(books)
    books.scene.khalti.looked.clear()
    books.reconcile(seconds=0)
    assert books.scene.khalti.looked == []


def test_days_that_were_missed_are_made_up_for_a_week_back(street: Street) -> None:
    books = Books(street)
    books.credited()
    first = books.day
    books.scene.clock.pass_(days=4)
    books.reconcile()
    days = [(first + timedelta(days=number)).isoformat() for number in range(-3, 4)]
    found = all_reports(days, ["khalti", "esewa", "stripe"])
    assert len(found) == 21
    assert {report.state for report in found} == {ReportState.DONE}
    assert books.counts() == {Finding.MATCHED: 1}


def test_nothing_is_compared_until_the_days_last_top_ups_have_had_their_time(books: Books) -> None:
    books.credited()
    books.scene.clock.at = begins(books.day + timedelta(days=1)) + timedelta(minutes=59)
    books.reconcile()
    assert all_reports([books.day.isoformat()], ["khalti"]) == []
    books.scene.clock.pass_(minutes=1)
    books.reconcile()
    assert books.report().state is ReportState.DONE


@pytest.mark.parametrize("seed", range(4))
def test_any_day_comes_out_with_every_payment_in_one_line_and_sums_that_add_up(books: Books, seed: int) -> None:
    dice = random.Random(seed)
    made = []
    for _ in range(25):
        intent = dice.choice([books.credited, books.paid, books.opened])("stripe")
        if dice.random() < 0.4:
            said = dice.choice([Paid.PAID, Paid.REFUNDED, Paid.FAILED, Paid.UNPAID])
            books.says(intent, Outcome(said, f"paid-{intent.intent_id}", dice.choice([SUM, SUM + 1])))
        made.append(intent)
        if dice.random() < 0.7:
            books.lists(books.listing(intent))
    strangers = [
        Listed(f"cs_{n}", books.world.now(), Outcome(dice.choice([Paid.PAID, Paid.UNPAID]), f"pi_{n}", 100))
        for n in range(5)
    ]
    books.lists(*strangers)
    books.next_day()
    books.reconcile()
    report, lines = books.report("stripe"), books.lines("stripe")
    assert set(lines) == {intent.intent_id for intent in made} | {one.reference for one in strangers}
    assert report.lines_count == len(made) + len(strangers)
    credited = sum(SUM for intent in made if books.now(intent).state is IntentState.SUCCESS)
    assert sum(total.ours_paisa for total in report.totals.values()) == credited
    assert report.state is ReportState.DONE


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
