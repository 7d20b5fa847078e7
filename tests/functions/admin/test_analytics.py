"""Analytics reports: what they show of a small day, their periods, and their flat cost."""

import tracemalloc
from datetime import date, timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.analytics.day_facts import ALL_DAYS, STATION_COUNTERS, FactKey, Facts, Series, network
from chalicelib.domain.analytics.report_period import ReportPeriod
from chalicelib.domain.operators.role import Role
from chalicelib.domain.text.days import day_of
from chalicelib.services.analytics import counting, stations
from chalicelib.services.rewards import achievements
from chalicelib.tables import day_counters
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.atomic import atomic
from tests.functions.test_budgets import calls
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_for

ANALYTICS = "/api/admin/analytics"
PERIOD_REPORTS = ("revenue", "payments", "users", "stations", "rentals-over-time")


@pytest.fixture
def token(network: Network) -> str:
    return token_for(network.world, network.operator("support@example.com", Role.SUPPORT))


def read(token: str, path: str) -> Any:
    reply = request(app, "GET", path, token=token)
    assert reply.status == 200, reply.text
    return reply.data


def small_day(network_: Network) -> str:
    """One customer's rental of ten minutes, and an open top-up of another. Returns the day."""
    user, other = network_.customer(), network_.customer()
    rental = network_.rented(user)
    network_.fake_world.clock.advance(minutes=10)
    network_.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    network_.open_topup(other)
    network_.rented(other)
    AccountRow(user).update([AccountRow.cancellable_returns.remove()])  # an hour later the token has ended
    achievements.unlock(network_.world, user)
    counting.count_changed(network_.world)
    return day_of(network_.world.now()).isoformat()


def test_the_reports_show_a_small_day(network: Network, token: str) -> None:
    day = small_day(network)
    span = f"?start_date={day}&end_date={day}"
    revenue = read(token, f"{ANALYTICS}/revenue{span}")
    assert (revenue["total_revenue"], revenue["period"], revenue["start_date"]) == (10.0, "DAILY", day)
    (entry,) = revenue["chart_data"]
    assert (entry["rental_revenue"], entry["topup_revenue"], entry["fine_revenue"]) == (10.0, 2_000.0, 0.0)
    rentals = read(token, f"{ANALYTICS}/rentals-over-time{span}")
    (entry,) = rentals["chart_data"]
    assert (entry["total"], entry["completed"], entry["active"]) == (2, 1, 1)
    assert rentals["summary"] == {"avg_per_period": 2.0, "peak_date": day, "peak_count": 2}
    payments = read(token, f"{ANALYTICS}/payments{span}")
    khalti = next(row for row in payments["payment_methods"] if row["payment_method"] == "KHALTI")
    assert (khalti["success_count"], khalti["pending_count"], khalti["success_rate"]) == (2, 1, 66.67)
    assert (payments["total_count"], payments["success_amount"]) == (3, 2_000.0)
    stations = read(token, f"{ANALYTICS}/stations{span}")
    (best,) = stations["top_10_stations"]
    assert (best["serial_number"], best["rental_count"], best["revenue"], best["minutes_rented"]) == (
        LABIM.sn,
        2,
        10.0,
        10,
    )
    assert (stations["summary"]["total_stations"], best["availability_rate"]) == (4, 100.0)
    assert stations["station_revenue_chart"]["datasets"] == [{"label": "Revenue", "data": [10.0]}]


def test_the_dashboard_shows_today_and_now(network: Network, token: str) -> None:
    small_day(network)
    shown = read(token, f"{ANALYTICS}/dashboard")
    assert (shown["revenue_today"], shown["topups_today"], shown["rentals_today"]) == (10.0, 2_000.0, 2)
    assert (shown["total_users"], shown["total_rentals"], shown["active_rentals"], shown["overdue_rentals"]) == (
        2,
        2,
        1,
        0,
    )
    assert (shown["total_stations"], shown["recent_issues"]) == (4, [])


def test_users_and_achievements_of_a_small_day(network: Network, token: str) -> None:
    day = small_day(network)
    users = read(token, f"{ANALYTICS}/users?start_date={day}&end_date={day}")
    summary = users["summary"]
    assert (summary["total_users"], summary["active_users"], summary["suspended_users"]) == (2, 2, 0)
    assert [summary[f"new_users_{name}"] for name in ("today", "this_week", "this_month")] == [2, 2, 2]
    assert users["engagement"] == {"active_today": 2, "active_this_week": 2, "active_this_month": 2}
    assert users["user_growth_chart"]["datasets"][0] == {"label": "New users", "data": [2.0]}
    (cohort,) = users["retention"]
    assert (cohort["registered"], cohort["active"], cohort["retention_rates"]) == (2, [2], [100.0])
    unlocked = read(token, "/api/admin/achievements/analytics")
    assert (unlocked["total_unlocked"], unlocked["total_points_awarded"]) == (1, 50)
    assert unlocked["most_unlocked_achievements"][0] | {"name": ""} == {
        "id": "first-rental",
        "name": "",
        "total_unlocked": 1,
        "unlock_rate": 50.0,
        "points_awarded": 50,
    }


@pytest.mark.parametrize(
    ("period", "dates", "labels"),
    [
        ("DAILY", ["2026-11-21", "2026-11-22", "2026-11-23"], ["2026-11-21", "2026-11-22", "2026-11-23"]),
        ("weekly", ["2026-11-21", "2026-11-22"], ["2026-11-15", "2026-11-22"]),
        ("monthly", ["2026-11-21"], ["2026-11"]),
    ],
)
def test_days_are_added_up_by_week_and_month(
    network: Network, token: str, period: str, dates: list[str], labels: list[str]
) -> None:
    plant(network, {network_paisa(date(2026, 11, day)): 100 for day in (20, 21, 22, 23, 24)})
    query = f"?period={period}&start_date=2026-11-21&end_date=2026-11-23"
    revenue = read(token, f"{ANALYTICS}/revenue{query}")
    assert [entry["date"] for entry in revenue["chart_data"]] == dates
    assert [entry["label"] for entry in revenue["chart_data"]] == labels
    assert sum(entry["total_revenue"] for entry in revenue["chart_data"]) == revenue["total_revenue"] == 3.0


@pytest.mark.parametrize("query", ["start_date=2026-11-24", "start_date=2025-11-22", "end_date=2026-1-1"])
def test_a_period_out_of_its_bounds_is_refused(network: Network, token: str, query: str) -> None:
    for name in PERIOD_REPORTS:
        reply = request(app, "GET", f"{ANALYTICS}/{name}?{query}", token=token)
        assert (reply.status, reply.code) == (422, "invalid_input"), name


def test_a_report_of_stations_has_at_most_31_days(network: Network, token: str) -> None:
    def statuses(first: str) -> list[int]:
        span = f"start_date={first}&end_date=2026-11-23"
        names = ("stations", "revenue")
        return [request(app, "GET", f"{ANALYTICS}/{name}?{span}", token=token).status for name in names]

    assert (statuses("2026-10-24"), statuses("2026-10-23")) == ([200, 200], [422, 200])
    first_days = [read(token, f"{ANALYTICS}/stations?period={name}")["start_date"] for name in ("weekly", "monthly")]
    assert first_days == ["2026-10-24"] * 2


def test_a_report_of_stations_keeps_no_day_in_memory(network: Network) -> None:
    names = [f"{40_000_000 + number}:{name}" for number in range(300) for name in STATION_COUNTERS]
    content = day_counters.packed(dict.fromkeys(names, 7))
    today = day_of(network.world.now())

    def peak(days: int) -> int:
        for back in range(days):
            day = (today - timedelta(days=back)).isoformat()
            day_counters.DayCounterRow("stations#0", day, content=content, version=1).save()
        tracemalloc.start()
        report = stations.of_period(network.world, ReportPeriod.DAILY, None, None)
        _, bytes_ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (report.network.total("paisa"), report.top[0].counts["late"]) == (300 * 7 * days, 7 * days)
        return bytes_

    peak(1)  # fills the caches of the process
    few = peak(3)
    assert peak(24) < 1.5 * few


def test_a_report_costs_the_same_for_any_number_of_rentals(network: Network, token: str) -> None:
    names = [f"{ANALYTICS}/{name}?period=weekly" for name in PERIOD_REPORTS] + [
        "/api/admin/achievements/analytics",
        f"{ANALYTICS}/dashboard",
    ]
    costs = []
    for rentals in (100, 100_000):
        plant_days(network, rentals)
        for path in names:
            read(token, path)  # the listing of stations is warm
        costs.append({path: calls(network, "GET", path, token=token).calls for path in names})
    few, many = costs
    assert many == few
    of_days = ["BatchGetItem", *["Query"] * 4]
    assert few[names[0]] == few[names[1]] == few[names[3]] == few[names[4]] == of_days
    assert few[names[2]] == [*of_days, *["Query"] * 4, "BatchGetItem"]
    assert few[names[6]] == ["BatchGetItem", "BatchGetItem", *["Query"] * 4]
    assert few[names[5]] == ["BatchGetItem"] * 3


def network_paisa(day: date) -> FactKey:
    return network(day, "revenue.rental")


def plant(network_: Network, facts: Facts, shard: str = "0") -> None:
    for fact in facts.items():
        atomic(network_.world, lambda ops, fact=fact: day_counters.stage_additions(ops, shard, dict([fact])))  # type: ignore[misc]


def plant_days(network_: Network, rentals: int) -> None:
    """Counters of this number of rentals in each shard of the last days, at as many stations as they may need."""
    today, stations = day_of(network_.world.now()), min(rentals, 300)
    for shard in range(4):
        for back in range(0, 80, 8):
            day = today - timedelta(days=back)
            names = ("rentals", "rentals.completed", "revenue.rental", "users.registered", "payments.khalti.success")
            facts = {network(day, name): rentals for name in names}
            facts |= {
                FactKey(Series.STATIONS, day.isoformat(), f"{40_000_000 + number}:started"): rentals
                for number in range(stations)
            }
            facts[network(ALL_DAYS, "users.active")] = rentals
            atomic(
                network_.world,
                lambda ops, shard=shard, facts=facts: day_counters.stage_additions(ops, str(shard), facts),  # type: ignore[misc]
            )
