"""Measures each operation's DynamoDB calls and costs, through its route, on a real engine over HTTP."""

import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from io import StringIO
from statistics import median
from typing import Any

from bench.scenario import BenchScenario
from chalicelib.domain.analytics.day_facts import FactKey, Series, network
from chalicelib.domain.analytics.report_period import MAX_REPORT_DAYS
from chalicelib.domain.text.days import day_of
from chalicelib.services import outbox
from chalicelib.services.rewards import leaderboard_refresh, points
from chalicelib.services.stations import station_views
from chalicelib.tables import day_counters
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import SHARDS
from infra.local.cabinets import frames
from tests.engines.counting import Counted, counted
from tests.world.builders import LABIM


@dataclass(frozen=True)
class Measured:
    """Medians over the rounds. `client_ms` is our process's own CPU time, the engine's not included."""

    name: str
    round_trips: int
    calls: str
    read_units: float
    write_units: float
    client_ms: float
    wall_ms: float


def nothing(_town: BenchScenario, *_: Any) -> None:
    """Does nothing: for operations without preparation or clean-up."""


def heartbeat(scenario: BenchScenario) -> None:
    """The cabinet has just sent a heartbeat, and its last eject is over."""
    scenario.fake_world.clock.advance(minutes=1)
    scenario.network.report_frame(LABIM, frames.heartbeat())


def rented(scenario: BenchScenario) -> Any:
    heartbeat(scenario)
    rental = scenario.start()
    scenario.fake_world.clock.advance(seconds=2)
    scenario.out(rental)
    scenario.fake_world.clock.advance(minutes=10)
    return rental


def returned(scenario: BenchScenario, rental: Any) -> None:
    scenario.fake_world.clock.advance(seconds=2)
    scenario.out(rental)
    scenario.fake_world.clock.advance(minutes=1)
    scenario.back(rental)


def topped_up(scenario: BenchScenario) -> str:
    """Credit a top-up and award its points. Returns the transaction id."""
    scenario.request("POST", "/api/payment/verify-topup", {"intent_id": scenario.intent()})
    for body in scenario.fake_world.queues.take(outbox.POINTS):
        points.award(scenario.world, body)
    newest = scenario.request("GET", "/api/user/transactions?type=topup&limit=100").data["results"]
    return str(newest[0]["id"])


def refunded(scenario: BenchScenario) -> None:
    scenario.approve_refund(scenario.request_refund(topped_up(scenario)))


def counted_year(scenario: BenchScenario) -> None:
    """Counters of 1,000 rentals on each day of the year, in every shard."""
    facts_of_day = {"rentals": 1_000, "rentals.completed": 990, "revenue.rental": 2_000_000, "transactions": 3_000}
    key = day_counters.sample_key("bench")
    if fetch_one(key) is not None:
        return
    today = day_of(scenario.world.now())
    for back in range(MAX_REPORT_DAYS):
        facts = {network(today - timedelta(days=back), name): count for name, count in facts_of_day.items()}
        for shard in range(SHARDS):
            atomic(scenario.world, partial(day_counters.stage_additions, shard=str(shard), facts=facts))
    sample = {FactKey(Series.SAMPLES, "bench", "stations"): 1}
    atomic(scenario.world, partial(day_counters.stage_additions, shard="0", facts=sample))


def ranked(scenario: BenchScenario) -> None:
    """The scores are counted, and the leaderboards are written."""
    leaderboard_refresh.refresh(scenario.world)


def cold(_town: BenchScenario) -> None:
    station_views.listing_cache.clear()


YEAR_OF_REVENUE = "/api/admin/analytics/revenue?period=monthly&start_date=2025-11-24&end_date=2026-11-24"
NEAR = "/api/app/stations/nearby?lat=27.7&lng=85.32&radius=50"
OPERATIONS: tuple[tuple[str, Callable[..., Any], Callable[..., Any], Callable[..., Any]], ...] = (
    ("auth/me", nothing, lambda t, _: t.request("GET", "/api/auth/me"), nothing),
    ("user/wallet", nothing, lambda t, _: t.request("GET", "/api/user/wallet"), nothing),
    (
        "user/analytics/usage-stats",
        nothing,
        lambda t, _: t.request("GET", "/api/user/analytics/usage-stats"),
        nothing,
    ),
    ("user/notifications", nothing, lambda t, _: t.request("GET", "/api/user/notifications"), nothing),
    ("user/transactions", nothing, lambda t, _: t.request("GET", "/api/user/transactions"), nothing),
    ("user/transactions, refunds", refunded, lambda t, _: t.request("GET", "/api/user/transactions"), nothing),
    ("payment/refunds", nothing, lambda t, _: t.request("GET", "/api/payment/refunds"), nothing),
    ("payment/refund", topped_up, lambda t, item: t.request_refund(item), nothing),
    (
        "admin/refunds, approve",
        lambda t: t.request_refund(topped_up(t)),
        lambda t, item: t.approve_refund(item),
        nothing,
    ),
    (
        "admin/analytics/revenue, a year",
        counted_year,
        lambda t, _: t.request("GET", YEAR_OF_REVENUE, session=t.operator),
        nothing,
    ),
    (
        "users/leaderboard, own rank",
        ranked,
        lambda t, _: t.request("GET", "/api/users/leaderboard?me=true"),
        nothing,
    ),
    ("user/statement", nothing, lambda t, _: t.request("GET", "/api/user/statement"), nothing),
    ("app/stations, warm", nothing, lambda t, _: t.visit("/api/app/stations"), nothing),
    ("app/stations, cold", cold, lambda t, _: t.visit("/api/app/stations"), nothing),
    ("app/stations, of a customer", nothing, lambda t, _: t.request("GET", "/api/app/stations"), nothing),
    ("app/stations/nearby, warm", nothing, lambda t, _: t.visit(NEAR), nothing),
    ("app/stations/{sn}", nothing, lambda t, _: t.visit(f"/api/app/stations/{LABIM.sn}"), nothing),
    (
        "payment/calculate-options",
        nothing,
        lambda t, _: t.request(
            "POST", "/api/payment/calculate-options", {"scenario": "pre_payment", "package_id": "1-hour"}
        ),
        nothing,
    ),
    ("rentals/start, to the eject", heartbeat, lambda t, _: t.start(), returned),
    ("return event, all effects", rented, lambda t, rental: t.back(rental), nothing),
    (
        "payment/verify-topup",
        lambda t: t.intent(),
        lambda t, i: t.request("POST", "/api/payment/verify-topup", {"intent_id": i}),
        nothing,
    ),
)


def measure(scenario: BenchScenario, rounds: int) -> Iterator[Measured]:
    """Measure each operation `rounds` times, without its preparation and clean-up."""
    for name, prepare, do, tidy in OPERATIONS:
        results: list[tuple[Counted, float, float]] = []
        for _ in range(rounds):
            with redirect_stdout(StringIO()):
                ready = prepare(scenario)
                with counted() as counts:
                    cpu, wall = time.process_time(), time.perf_counter()
                    made = do(scenario, ready)
                    spent = time.process_time() - cpu, time.perf_counter() - wall
                tidy(scenario, made)
            results.append((counts, *spent))
        # The first round opens connections and loads models.
        measured_rounds = results[1:] if rounds > 1 else results
        typical = measured_rounds[-1][0]
        yield Measured(
            name,
            typical.round_trips,
            ", ".join(typical.calls) or "-",
            typical.read_units,
            typical.write_units,
            median(cpu for _, cpu, _ in measured_rounds) * 1000,
            median(wall for _, _, wall in measured_rounds) * 1000,
        )
