"""A report that is begun, held up, gone on with and finished: as often as it takes, it comes out the same."""

import itertools
import random
from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.days import begins
from chalicelib.domain.payment_gateway import Listed, Outcome, Paid
from chalicelib.domain.reconciliation import Finding, ReportState
from chalicelib.domain.topup import Intent, IntentState
from chalicelib.services.reconciliation import comparison
from chalicelib.services.topups import crediting
from tests.books import SILENT, SUM, Books, alarms, all_reports
from tests.counting import counted
from tests.street import Street


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
        comparison.run(books.world, lambda left=left: float(next(left)))  # type: ignore[misc]
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
