"""Lists and analytics reports as CSV files: the same rows, formulas harmless, parts by cursor, totals."""

import csv
from datetime import date
from io import StringIO
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from app import app
from chalicelib.domain.analytics.day_facts import network as network_counter
from chalicelib.domain.operators.role import Role
from chalicelib.edge.context import RouteSpec
from chalicelib.edge.models import CsvQuery, ReportData
from chalicelib.services.stations import listing_refresh
from chalicelib.tables import day_counters
from chalicelib.tables.atomic import atomic
from infra.openapi.document import routes_of
from tests.world.builders import LABIM
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_for

FOR_OPERATORS = [route for route in routes_of(app) if route.method == "GET" and route.permission is not None]
LISTS = [route.path for route in FOR_OPERATORS if route.query is not None and issubclass(route.query, CsvQuery)]
DEAD_LETTERS = "/api/admin/system/dead-letters"
NO_FILES = {"/api/admin/kyc/submissions", "/api/admin/system/health", "/api/admin/system-health"}
"""Links to identity documents work for a minute, and each view is recorded. Health is no list."""


@pytest.fixture
def token(network: Network) -> str:
    return token_for(network.world, network.operator("boss@example.com", Role.SUPER_ADMIN))


def rows_of(reply: Reply) -> list[dict[str, str]]:
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(reply.text, newline="")))


def has_list(model: Any) -> bool:
    annotations = [field.annotation for field in getattr(model, "model_fields", {}).values()]
    items = [get_args(annotation)[0] for annotation in annotations if get_origin(annotation) is list]
    return any(isinstance(item, type) and issubclass(item, BaseModel) for item in items)


def test_whatever_lists_something_to_operators_is_a_file_too() -> None:
    listing = {route.path for route in FOR_OPERATORS if "{" not in route.path and has_list(route.response)}
    assert listing - set(LISTS) == NO_FILES


def test_every_list_is_a_file_with_a_header(network: Network, token: str) -> None:
    network.customer()
    for path in LISTS:
        reply = request(app, "GET", f"{path.replace('{day}', '2026-11-22')}?format=csv", token=token)
        if "{" in path:
            assert reply.code == "not_found", path
        else:
            assert (reply.status, bool(reply.text.splitlines()[0])) == (200, True), path
            assert reply.headers["Content-Disposition"].endswith('-2026-11-23.csv"'), path


def test_a_file_is_named_by_what_it_lists_also_under_a_path_that_ends_in_a_parameter(
    network: Network, token: str
) -> None:
    queues = request(app, "GET", DEAD_LETTERS, token=token).data["results"]
    reply = request(app, "GET", f"{DEAD_LETTERS}/{queues[0]['queue']}?format=csv", token=token)
    assert reply.headers["Content-Disposition"] == 'attachment; filename="dead-letters-2026-11-23.csv"'


def test_a_file_has_the_rows_of_the_list(network: Network, token: str) -> None:
    user_id = network.customer(wallet_paisa=12_345)
    (item,) = request(app, "GET", "/api/admin/users", token=token).data["results"]
    (row,) = rows_of(request(app, "GET", "/api/admin/users?format=csv", token=token))
    assert (row["id"], row["username"], row["is_active"]) == (user_id, item["username"], "true")
    assert (row["profile.full_name"], row["email"]) == (item["profile"]["full_name"], "")
    assert row["phone_number"] == f"'{item['phone_number']}"
    transactions = rows_of(request(app, "GET", "/api/admin/transactions?format=csv", token=token))
    assert {(line["user.id"], line["amount"]) for line in transactions if line["type"] == "TOPUP"} == {
        (user_id, "123.45")
    }


def test_small_numbers_have_no_exponent(network: Network, token: str) -> None:
    """A spreadsheet would take -1e-06 for a formula."""
    place = {"latitude": 0.000001, "longitude": -0.00002}
    assert request(app, "PATCH", f"/api/admin/stations/{LABIM.sn}", place, token=token).status == 200
    shown = request(app, "GET", f"/api/admin/stations/{LABIM.sn}", token=token).data
    assert (shown["latitude"], shown["longitude"]) == ("0.000001", "-0.00002")
    listing_refresh.refresh(network.world)
    rows = rows_of(request(app, "GET", "/api/admin/stations?format=csv", token=token))
    (row,) = (row for row in rows if row["serial_number"] == LABIM.sn)
    assert (row["latitude"], row["longitude"]) == ("0.000001", "-0.00002")


def test_cells_that_look_like_formulas_are_quoted(network: Network, token: str) -> None:
    for number, name in enumerate(('=HYPERLINK("x")', "+1", "-1+1", "@SUM(1)")):
        body = {"name": name, "duration_minutes": 60 + number, "price": "1", "payment_model": "PREPAID"}
        assert request(app, "POST", "/api/admin/packages", body, token=token).status == 201
    rows = rows_of(request(app, "GET", "/api/admin/packages?format=csv", token=token))
    names = {row["name"] for row in rows if row["price"] == "1.00"}
    assert names == {'\'=HYPERLINK("x")', "'+1", "'-1+1", "'@SUM(1)"}


def test_the_next_rows_follow_by_cursor(network: Network, token: str) -> None:
    ids = [network.newcomer() for _ in range(3)]
    first = request(app, "GET", "/api/admin/users?format=csv&limit=2", token=token)
    following = first.headers["X-Next-Cursor"]
    second = request(app, "GET", f"/api/admin/users?format=csv&limit=2&cursor={following}", token=token)
    assert [row["id"] for row in rows_of(first) + rows_of(second)] == ids[::-1]
    assert "X-Next-Cursor" not in second.headers


def test_kyc_submissions_are_no_file(token: str) -> None:
    reply = request(app, "GET", "/api/admin/kyc/submissions?format=csv", token=token)
    assert (reply.status, list(reply.body["errors"])) == (422, ["format"])


def is_report(route: RouteSpec) -> bool:
    return isinstance(route.response, type) and issubclass(route.response, ReportData)


PERIOD = "date label"
REPORTS = (
    ("analytics/dashboard", "date revenue_today", "total_users recent_issues"),
    ("dashboard", "date revenue_today", "total_users recent_issues"),
    ("analytics/revenue", PERIOD, "total_revenue rental_revenue topup_revenue transaction_count"),
    ("analytics/revenue-over-time", PERIOD, "total_revenue"),
    ("analytics/payments", PERIOD, "total_count success_count success_amount"),
    ("analytics/users", PERIOD, "new_users active_users"),
    ("analytics/stations", PERIOD, "rental_count revenue minutes_rented utilization_rate"),
    ("analytics/station-performance", PERIOD, "rental_count"),
    ("analytics/rentals-over-time", PERIOD, "total completed overdue"),
    ("achievements/analytics", "id name", "total_unlocked unlock_rate points_awarded"),
)
"""Each analytics report, the first columns of its file, and others that it has."""


def test_every_analytics_report_is_a_file_of_its_entries_and_their_totals(network: Network, token: str) -> None:
    declared = {route.path for route in routes_of(app) if is_report(route)}
    assert declared == {f"/api/admin/{name}" for name, _, _ in REPORTS}
    dates = "&start_date=2026-11-21&end_date=2026-11-23"
    for name, first, others in REPORTS:
        has_period = first == PERIOD
        path = f"/api/admin/{name}?format=csv{dates if has_period else ''}"
        rows = rows_of(request(app, "GET", path, token=token))
        columns = list(rows[0])
        assert (columns[:2], set(others.split()) - set(columns)) == (first.split(), set()), name
        days = [row["date"] for row in rows if has_period]
        assert days in ([], ["2026-11-21", "2026-11-22", "2026-11-23", "total"]), name


def test_the_last_row_of_a_report_adds_up_its_days(network: Network, token: str) -> None:
    facts = {network_counter(date(2026, 11, 22), "revenue.rental"): -350}
    facts |= {network_counter(date(2026, 11, 23), f"revenue.{kind}"): 1_010 for kind in ("rental", "late_fee")}
    atomic(network.world, lambda ops: day_counters.stage_additions(ops, "0", facts))
    path = "/api/admin/analytics/revenue?format=csv&start_date=2026-11-22&end_date=2026-11-23"
    rows = rows_of(request(app, "GET", path, token=token))
    assert [(row["date"], row["total_revenue"], row["fine_revenue"]) for row in rows] == [
        ("2026-11-22", "-3.5", "0.0"),
        ("2026-11-23", "20.2", "10.1"),
        ("total", "16.7", "10.1"),
    ]
