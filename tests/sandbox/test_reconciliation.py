"""Reconciliation over HTTP: read, downloaded, and completed when a gateway recovers."""

import csv
from datetime import datetime
from io import StringIO
from typing import Any

import requests

from chalicelib.domain.text.days import day_of
from infra.local.customer import Customer
from tests.sandbox.conftest import RunningSandbox
from tests.sandbox.test_payment_faults import opened, pay, status

RUNS = 20
"""A run in the sandbox lasts a minute at most, and a day may take several runs."""


def day(customer: Customer, intent_id: str) -> str:
    made = datetime.fromisoformat(status(customer, intent_id)["created_at"])
    return day_of(made).isoformat()


def a_stranger_pays(running_sandbox: RunningSandbox) -> str:
    """A paid session at Stripe that we did not create."""
    env = running_sandbox.sandbox.get("/env")
    now = datetime.fromisoformat(running_sandbox.sandbox.get("/clock")["now"])
    order = {
        "mode": "payment",
        "success_url": "https://example.com/",
        "expires_at": int(now.timestamp()) + 3600,
        "line_items[0][quantity]": 1,
        "line_items[0][price_data][currency]": "npr",
        "line_items[0][price_data][unit_amount]": 77_700,
        "metadata[order_ref]": "=2+3",
    }
    made = requests.post(
        f"{env['BIJULI_STRIPE_API_URL']}/v1/checkout/sessions",
        data=order,
        headers={"Authorization": f"Bearer {env['BIJULI_STRIPE_SECRET_KEY']}"},
        timeout=60,
    )
    assert made.status_code == 200, made.text
    report_id = str(made.json()["id"])
    running_sandbox.sandbox.post(f"/gateways/stripe/{report_id}/pay", {"outcome": "success", "callback": "never"})
    return report_id


def reconcile(running_sandbox: RunningSandbox) -> None:
    running_sandbox.sandbox.post("/schedules/reconcile/run")


def file(running_sandbox: RunningSandbox, url: str) -> list[dict[str, str]]:
    """The rows of the downloaded CSV."""
    operator = running_sandbox.operator()
    answer = requests.get(
        f"{running_sandbox.api_url}{url}/csv", headers={"Authorization": f"Bearer {operator.token}"}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="reconciliation-')
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8"), newline="")))


def reports_when_done(running_sandbox: RunningSandbox, url: str, gateways: set[str]) -> dict[str, Any]:
    """Run the hourly schedule until the reports of these gateways are done."""
    for _ in range(RUNS):
        reconcile(running_sandbox)
        answer = running_sandbox.operator().call("GET", url)
        content = {item["gateway"]: item for item in answer.data["reports"]} if answer.status == 200 else {}
        if all(content.get(name, {}).get("status") == "DONE" for name in gateways):
            return content
    raise AssertionError(f"{gateways} are not done: {content}")


def test_a_day_is_compared_with_every_gateway(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    matched, disputed, unpaid = (opened(customer, amount="100.00") for _ in range(3))
    pay(running_sandbox, "khalti", matched, callback="once")
    pay(running_sandbox, "khalti", disputed, outcome="wrong_amount", callback="once")
    at_esewa = opened(customer, "esewa")
    pay(running_sandbox, "esewa", at_esewa, callback="once")
    at_stripe = opened(customer, "stripe", "300.00")
    pay(running_sandbox, "stripe", at_stripe, callback="once")
    stranger = a_stranger_pays(running_sandbox)
    url = f"/api/admin/reconciliation/{day(customer, matched)}"
    with running_sandbox.outage("esewa", status=500):
        running_sandbox.sandbox.advance(hours=25)
        content = reports_when_done(running_sandbox, url, {"khalti", "stripe"})
        assert content["esewa"]["status"] == "RUNNING"
        lines = {item["intent_id"] or item["their_reference"]: item for item in file(running_sandbox, url)}
        assert {name: lines[name]["outcome"] for name in (matched, disputed, unpaid, at_esewa, at_stripe)} == {
            matched: "MATCHED",
            disputed: "THEIRS_ONLY",
            unpaid: "MATCHED",
            at_esewa: "UNKNOWN",
            at_stripe: "MATCHED",
        }
        assert (lines[matched]["our_amount"], lines[matched]["their_amount"]) == ("100.00", "100.00")
        assert (lines[disputed]["our_amount"], lines[disputed]["their_amount"]) == ("", "99.00")
        theirs = [item for item in lines.values() if item["our_reference"] == "'=2+3"]
        assert [(item["outcome"], item["their_amount"]) for item in theirs] == [("THEIRS_ONLY", "777.00")]
        assert stranger not in {item["intent_id"] for item in lines.values()}
    reports_when_done(running_sandbox, url, {"khalti", "esewa", "stripe"})
    after = {item["intent_id"]: item for item in file(running_sandbox, url)}
    assert after[at_esewa]["outcome"] == "MATCHED"
    reconcile(running_sandbox)
    assert {item["intent_id"]: item for item in file(running_sandbox, url)} == after
    assert running_sandbox.books_balance()


def test_a_day_without_a_report_is_not_found_until_it_is_requested(running_sandbox: RunningSandbox) -> None:
    now = datetime.fromisoformat(running_sandbox.sandbox.get("/clock")["now"])
    expired_day = day_of(now).toordinal() - 40
    url = f"/api/admin/reconciliation/{datetime.fromordinal(expired_day).date()}"
    operator = running_sandbox.operator()
    assert operator.call("GET", url).status == 404
    assert operator.call("POST", url, {}).status == 202
    reports_when_done(running_sandbox, url, {"khalti", "esewa", "stripe"})
    assert file(running_sandbox, url) == []


def test_no_customer_reads_a_report(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    for url in ("/api/admin/reconciliation", "/api/admin/reconciliation/2026-01-01/csv"):
        assert customer.api.call("GET", url).code == "forbidden"
