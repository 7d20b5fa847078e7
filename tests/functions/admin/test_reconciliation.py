"""Reconciliation reports, as operators read and download them."""

import csv
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import GatewayPayment, PaymentState, PaymentStatus
from chalicelib.domain.payments.reconciliation_line import Finding
from chalicelib.services.topups import intents
from chalicelib.tables.audit_log import AuditLogRow
from tests.engines.counting import counted
from tests.scenarios.reconciliation_scenario import ReconciliationScenario
from tests.world.builders import operator_account
from tests.world.http_client import Reply, request
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

AT = "/api/admin/reconciliation"


def get(operator: str, url: str = "", status: int = 200) -> Reply:
    reply = request(app, "GET", AT + url, token=operator)
    assert reply.status == status, reply.text
    return reply


def rows(reply: Reply) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(reply.text, newline="")))


def test_reports_are_listed_newest_first_with_their_totals(
    gateway_day: ReconciliationScenario, operator: str
) -> None:
    results = get(operator).data["results"]
    assert [item["day"] for item in results] == sorted((item["day"] for item in results), reverse=True)
    khalti = next(
        item for item in results if (item["day"], item["gateway"]) == (gateway_day.day.isoformat(), "khalti")
    )
    assert (khalti["status"], khalti["lines_count"]) == ("DONE", 4)
    assert khalti["outcomes"] == {
        "MATCHED": {"count": 2, "our_amount": "500.00", "their_amount": "500.00"},
        "OURS_ONLY": {"count": 0, "our_amount": "0.00", "their_amount": "0.00"},
        "THEIRS_ONLY": {"count": 2, "our_amount": "0.00", "their_amount": "999.00"},
        "DIFFERS": {"count": 0, "our_amount": "0.00", "their_amount": "0.00"},
        "UNKNOWN": {"count": 0, "our_amount": "0.00", "their_amount": "0.00"},
    }


def test_reports_of_a_range_are_listed_and_an_invalid_range_refused(
    gateway_day: ReconciliationScenario, operator: str
) -> None:
    day = gateway_day.day.isoformat()
    assert {item["day"] for item in get(operator, f"?from={day}&to={day}").data["results"]} == {day}
    assert get(operator, "?from=2020-01-01&to=2020-02-01").data["results"] == []
    for wrong in ("?from=2026-01-02&to=2026-01-01", "?from=2025-01-01&to=2026-01-01", "?from=today", "?to=1"):
        assert get(operator, wrong, 422).code == "invalid_input"


def test_a_day_is_read_page_by_page_and_by_outcome(gateway_day: ReconciliationScenario, operator: str) -> None:
    day = f"/{gateway_day.day}"
    whole = get(operator, day).data
    assert [item["gateway"] for item in whole["reports"]] == ["khalti", "esewa", "stripe"]
    assert (len(whole["results"]), whole["next_cursor"], whole["file_count"]) == (5, None, 1)
    pages: list[Any] = []
    following: str | None = ""
    while following is not None:
        page = get(operator, f"{day}?limit=2" + (f"&cursor={following}" if following else "")).data
        pages += page["results"]
        following = page["next_cursor"]
    assert pages == whole["results"]
    for text, count in (("theirs_only", 3), ("THEIRS_ONLY", 3), ("matched&gateway=khalti", 2), ("differs", 0)):
        assert len(get(operator, f"{day}?outcome={text}").data["results"]) == count


def test_a_line_shows_our_side_and_the_gateways(gateway_day: ReconciliationScenario, operator: str) -> None:
    (line,) = get(operator, f"/{gateway_day.day}?gateway=stripe").data["results"]
    assert line | {"compared_at": ""} == {
        "gateway": "stripe",
        "outcome": "THEIRS_ONLY",
        "intent_id": None,
        "user_id": None,
        "our_amount": None,
        "their_amount": "70.50",
        "refunded_amount": None,
        "our_reference": None,
        "their_reference": "=HYPERLINK(1)",
        "our_status": None,
        "their_status": "PAID",
        "reason": "no_intent",
        "compared_at": "",
    }


def test_a_cursor_of_one_day_is_invalid_for_another(gateway_day: ReconciliationScenario, operator: str) -> None:
    following = get(operator, f"/{gateway_day.day}?limit=2").data["next_cursor"]
    other = gateway_day.day - timedelta(days=1)
    assert get(operator, f"/{other}?limit=2&cursor={following}", 422).code == "invalid_cursor"


def test_the_file_holds_every_line_and_no_formula(gateway_day: ReconciliationScenario, operator: str) -> None:
    reply = get(operator, f"/{gateway_day.day}/csv")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    disposition = f'attachment; filename="reconciliation-{gateway_day.day}-part-1.csv"'
    assert reply.headers["Content-Disposition"] == disposition
    results = rows(reply)
    assert len(results) == 5
    assert {item["day"] for item in results} == {gateway_day.day.isoformat()}
    answer = get(operator, f"/{gateway_day.day}").data["results"]
    assert [item["intent_id"] for item in results] == [item["intent_id"] or "" for item in answer]
    assert results[-1]["their_reference"] == "'=HYPERLINK(1)"
    only = rows(get(operator, f"/{gateway_day.day}/csv?outcome=theirs_only&gateway=khalti"))
    assert {(item["gateway"], item["outcome"]) for item in only} == {("khalti", "THEIRS_ONLY")}


@pytest.mark.parametrize("begin", list("=+-@\t\r\n＝＋－＠"))
def test_no_cell_begins_like_a_formula(begin: str, gateway_day: ReconciliationScenario, operator: str) -> None:
    payment_status = PaymentStatus(PaymentState.PAID, "pi_2", 100)
    gateway_day.gateway_lists(
        GatewayPayment("cs_2", gateway_day.world.now(), payment_status, order_ref=f'{begin}1,"x"\n2')
    )
    gateway_day.day += timedelta(days=1)
    gateway_day.next_day()
    gateway_day.reconcile()
    (content,) = rows(get(token_again(gateway_day), f"/{gateway_day.day}/csv"))
    assert content["our_reference"] == f'\'{begin}1,"x"\n2'


def token_again(gateway_day: ReconciliationScenario) -> str:
    return token_of(gateway_day.network, operator_account(gateway_day.world, "late@example.com", "x", Role.FINANCE))


def test_a_long_day_is_downloaded_in_parts(gateway_day: ReconciliationScenario, operator: str) -> None:
    gateway_day.fake_world.settings = replace(gateway_day.fake_world.settings, report_max_file_lines=2)
    assert get(operator, f"/{gateway_day.day}").data["file_count"] == 3
    parts = [rows(get(operator, f"/{gateway_day.day}/csv?part={number}")) for number in (1, 2, 3)]
    assert [len(part) for part in parts] == [2, 2, 1]
    assert get(operator, f"/{gateway_day.day}/csv?part=4", 404).code == "not_found"
    assert get(operator, f"/{gateway_day.day}/csv?part=0", 422).code == "invalid_input"


@pytest.mark.parametrize("day", ["2020-01-01", "today", "2026-13-01", "%00", "2026-11-23x"])
def test_a_day_without_a_report_is_not_found(day: str, gateway_day: ReconciliationScenario, operator: str) -> None:
    for url in (f"/{day}", f"/{day}/csv"):
        assert get(operator, url, 404).code == "not_found"


def test_a_rerun_compares_the_day_at_the_next_run_and_is_logged(
    gateway_day: ReconciliationScenario, operator: str
) -> None:
    lost = next(line for line in gateway_day.lines().values() if line.reason == "not_credited")
    gateway_day.gateway_reports(
        gateway_day.now(intent_of(gateway_day, lost.line_id)), PaymentStatus(PaymentState.UNPAID)
    )
    reply = request(app, "POST", f"{AT}/{gateway_day.day}", {}, token=operator)
    assert reply.status == 202
    assert {(item["status"], item["revision"], item["lines_count"]) for item in reply.data["results"]} == {
        ("RUNNING", 2, 0)
    }
    assert get(operator, f"/{gateway_day.day}").data["results"] == []
    gateway_day.reconcile()
    assert gateway_day.counts() == {Finding.MATCHED: 3, Finding.THEIRS_ONLY: 1}
    (entry,) = [row for row in AuditLogRow.scan() if row.action == "reconciliation_restarted"]
    assert entry.target == gateway_day.day.isoformat()


def intent_of(gateway_day: ReconciliationScenario, intent_id: str) -> Any:
    return intents.get_own(gateway_day.user, intent_id)


def test_a_rerun_compares_an_old_day(gateway_day: ReconciliationScenario, operator: str) -> None:
    expired_day = gateway_day.day - timedelta(days=60)
    assert request(app, "POST", f"{AT}/{expired_day}", {}, token=operator).status == 202
    gateway_day.reconcile()
    assert {item["status"] for item in get(operator, f"/{expired_day}").data["reports"]} == {"DONE"}


def test_a_second_rerun_while_the_first_runs_starts_nothing(
    gateway_day: ReconciliationScenario, operator: str
) -> None:
    for _ in range(2):
        answer = request(app, "POST", f"{AT}/{gateway_day.day}", {}, token=operator).data["results"]
        assert {item["revision"] for item in answer} == {2}


def test_a_rerun_of_today_or_of_a_too_old_day_is_refused(gateway_day: ReconciliationScenario, operator: str) -> None:
    before = all_rows()
    today = gateway_day.day + timedelta(days=1)
    for day in (today, today + timedelta(days=1), today - timedelta(days=91)):
        reply = request(app, "POST", f"{AT}/{day}", {}, token=operator)
        assert (reply.status, reply.code) == (422, "invalid_input")
    assert all_rows() == before


def test_no_reconciliation_route_scans_a_table(gateway_day: ReconciliationScenario, operator: str) -> None:
    with counted() as calls:
        for url in ("", f"/{gateway_day.day}", f"/{gateway_day.day}/csv"):
            get(operator, url)
        request(app, "POST", f"{AT}/{gateway_day.day}", {}, token=operator)
        gateway_day.reconcile()
    assert "Scan" not in calls.calls
