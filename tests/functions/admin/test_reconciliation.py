"""Reports as operators read and download them."""

import csv
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from app import app
from chalicelib.domain.account import Role
from chalicelib.domain.payment_gateway import Listed, Outcome, Paid
from chalicelib.domain.reconciliation import Finding
from chalicelib.services.topups import intents
from chalicelib.tables.admin_log import AuditRow
from tests.asking import Asked, ask
from tests.books import SUM, Books
from tests.builders import operator_account
from tests.counting import counted
from tests.doors import everything, token_of
from tests.street import Street

AT = "/api/admin/reconciliation"


@pytest.fixture
def books(street: Street) -> Books:
    """A day at Khalti and Stripe, compared."""
    made = Books(street)
    made.past_is_done()
    made.credited()
    made.opened()
    made.paid()
    made.credited(paisa=SUM - 100)
    made.lists(Listed("cs_=1+1", made.world.now(), Outcome(Paid.PAID, "=HYPERLINK(1)", 7_050)))
    made.next_day()
    made.reconcile()
    return made


@pytest.fixture
def operator(books: Books) -> str:
    return token_of(books.street, operator_account(books.world, "finance@example.com", "x", Role.FINANCE))


def get(operator: str, url: str = "", status: int = 200) -> Asked:
    answer = ask(app, "GET", AT + url, token=operator)
    assert answer.status == status, answer.text
    return answer


def rows(answer: Asked) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(answer.text, newline="")))


def test_reports_are_listed_newest_first_with_what_was_found(books: Books, operator: str) -> None:
    found = get(operator).data["results"]
    assert [one["day"] for one in found] == sorted((one["day"] for one in found), reverse=True)
    khalti = next(one for one in found if (one["day"], one["gateway"]) == (books.day.isoformat(), "khalti"))
    assert (khalti["status"], khalti["lines_count"]) == ("DONE", 4)
    assert khalti["outcomes"] == {
        "MATCHED": {"count": 2, "our_amount": "500.00", "their_amount": "500.00"},
        "OURS_ONLY": {"count": 0, "our_amount": "0.00", "their_amount": "0.00"},
        "THEIRS_ONLY": {"count": 2, "our_amount": "0.00", "their_amount": "999.00"},
        "DIFFERS": {"count": 0, "our_amount": "0.00", "their_amount": "0.00"},
        "UNKNOWN": {"count": 0, "our_amount": "0.00", "their_amount": "0.00"},
    }


def test_a_span_of_days_is_listed_and_a_senseless_one_refused(books: Books, operator: str) -> None:
    day = books.day.isoformat()
    assert {one["day"] for one in get(operator, f"?from={day}&to={day}").data["results"]} == {day}
    assert get(operator, "?from=2020-01-01&to=2020-02-01").data["results"] == []
    for wrong in ("?from=2026-01-02&to=2026-01-01", "?from=2025-01-01&to=2026-01-01", "?from=today", "?to=1"):
        assert get(operator, wrong, 422).code == "invalid_input"


def test_a_day_is_read_page_by_page_and_by_outcome(books: Books, operator: str) -> None:
    day = f"/{books.day}"
    whole = get(operator, day).data
    assert [one["gateway"] for one in whole["reports"]] == ["khalti", "esewa", "stripe"]
    assert (len(whole["results"]), whole["next_cursor"], whole["csv_parts"]) == (5, None, 1)
    pages: list[Any] = []
    following: str | None = ""
    while following is not None:
        page = get(operator, f"{day}?limit=2" + (f"&cursor={following}" if following else "")).data
        pages += page["results"]
        following = page["next_cursor"]
    assert pages == whole["results"]
    for said, count in (("theirs_only", 3), ("THEIRS_ONLY", 3), ("matched&gateway=khalti", 2), ("differs", 0)):
        assert len(get(operator, f"{day}?outcome={said}").data["results"]) == count


def test_a_line_tells_both_sides(books: Books, operator: str) -> None:
    (line,) = get(operator, f"/{books.day}?gateway=stripe").data["results"]
    assert line | {"compared_at": ""} == {
        "gateway": "stripe",
        "outcome": "THEIRS_ONLY",
        "intent_id": None,
        "user_id": None,
        "our_amount": None,
        "their_amount": "70.50",
        "our_reference": None,
        "their_reference": "=HYPERLINK(1)",
        "our_status": None,
        "their_status": "PAID",
        "reason": "no_intent",
        "compared_at": "",
    }


def test_a_cursor_of_one_day_opens_no_other(books: Books, operator: str) -> None:
    following = get(operator, f"/{books.day}?limit=2").data["next_cursor"]
    other = books.day - timedelta(days=1)
    assert get(operator, f"/{other}?limit=2&cursor={following}", 422).code == "invalid_cursor"


def test_the_file_holds_every_line_and_nothing_a_spreadsheet_would_run(books: Books, operator: str) -> None:
    answer = get(operator, f"/{books.day}/csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    named = f'attachment; filename="reconciliation-{books.day}-part-1.csv"'
    assert answer.headers["Content-Disposition"] == named
    found = rows(answer)
    assert len(found) == 5
    assert {one["day"] for one in found} == {books.day.isoformat()}
    told = get(operator, f"/{books.day}").data["results"]
    assert [one["intent_id"] for one in found] == [one["intent_id"] or "" for one in told]
    assert found[-1]["their_reference"] == "'=HYPERLINK(1)"
    only = rows(get(operator, f"/{books.day}/csv?outcome=theirs_only&gateway=khalti"))
    assert {(one["gateway"], one["outcome"]) for one in only} == {("khalti", "THEIRS_ONLY")}


@pytest.mark.parametrize("begin", list("=+-@\t\r"))
def test_no_cell_begins_as_a_formula_does(begin: str, books: Books, operator: str) -> None:
    told = Outcome(Paid.PAID, "pi_2", 100)
    books.lists(Listed("cs_2", books.world.now(), told, order_ref=f'{begin}1,"x"\n2'))
    books.day += timedelta(days=1)
    books.next_day()
    books.reconcile()
    (found,) = rows(get(token_again(books), f"/{books.day}/csv"))
    assert found["our_reference"] == f'\'{begin}1,"x"\n2'


def token_again(books: Books) -> str:
    return token_of(books.street, operator_account(books.world, "late@example.com", "x", Role.FINANCE))


def test_a_long_day_is_downloaded_in_parts(books: Books, operator: str) -> None:
    books.scene.settings = replace(books.scene.settings, report_file_lines=2)
    assert get(operator, f"/{books.day}").data["csv_parts"] == 3
    parts = [rows(get(operator, f"/{books.day}/csv?part={number}")) for number in (1, 2, 3)]
    assert [len(part) for part in parts] == [2, 2, 1]
    assert get(operator, f"/{books.day}/csv?part=4", 404).code == "not_found"
    assert get(operator, f"/{books.day}/csv?part=0", 422).code == "invalid_input"


@pytest.mark.parametrize("day", ["2020-01-01", "today", "2026-13-01", "%00", "2026-11-23x"])
def test_a_day_without_a_report_is_not_there(day: str, books: Books, operator: str) -> None:
    for url in (f"/{day}", f"/{day}/csv"):
        assert get(operator, url, 404).code == "not_found"


def test_a_day_is_compared_anew_by_the_next_run_and_that_is_on_record(books: Books, operator: str) -> None:
    lost = next(line for line in books.lines().values() if line.reason == "not_credited")
    books.says(books.now(intent_of(books, lost.line_id)), Outcome(Paid.UNPAID))
    asked = ask(app, "POST", f"{AT}/{books.day}", {}, token=operator)
    assert asked.status == 202
    assert {(one["status"], one["edition"], one["lines_count"]) for one in asked.data["results"]} == {
        ("RUNNING", 2, 0)
    }
    assert get(operator, f"/{books.day}").data["results"] == []
    books.reconcile()
    assert books.counts() == {Finding.MATCHED: 3, Finding.THEIRS_ONLY: 1}
    (entry,) = [row for row in AuditRow.scan() if row.action == "reconciliation_asked"]
    assert entry.target == books.day.isoformat()


def intent_of(books: Books, intent_id: str) -> Any:
    return intents.mine(books.world, books.user, intent_id)


def test_a_day_long_gone_is_compared_when_it_is_asked_for(books: Books, operator: str) -> None:
    gone = books.day - timedelta(days=60)
    assert ask(app, "POST", f"{AT}/{gone}", {}, token=operator).status == 202
    books.reconcile()
    assert {one["status"] for one in get(operator, f"/{gone}").data["reports"]} == {"DONE"}


def test_asking_twice_while_it_runs_begins_nothing_twice(books: Books, operator: str) -> None:
    for _ in range(2):
        told = ask(app, "POST", f"{AT}/{books.day}", {}, token=operator).data["results"]
        assert {one["edition"] for one in told} == {2}


def test_a_day_that_is_not_over_or_too_old_is_not_compared(books: Books, operator: str) -> None:
    before = everything()
    today = books.day + timedelta(days=1)
    for day in (today, today + timedelta(days=1), today - timedelta(days=91)):
        answer = ask(app, "POST", f"{AT}/{day}", {}, token=operator)
        assert (answer.status, answer.code) == (422, "invalid_input")
    assert everything() == before


def test_no_door_scans(books: Books, operator: str) -> None:
    with counted() as calls:
        for url in ("", f"/{books.day}", f"/{books.day}/csv"):
            get(operator, url)
        ask(app, "POST", f"{AT}/{books.day}", {}, token=operator)
        books.reconcile()
    assert "Scan" not in calls.calls
