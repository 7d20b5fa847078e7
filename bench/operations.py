"""Measures each operation's DynamoDB calls and costs, through its route, on a real engine over HTTP."""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from io import StringIO
from statistics import median
from typing import Any

import botocore.session

from chalicelib import wiring
from chalicelib.domain.account import Role
from chalicelib.domain.day_facts import FactKey, Series, network
from chalicelib.domain.days import day_of
from chalicelib.domain.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.report_period import MAX_REPORT_DAYS
from chalicelib.services import outbox
from chalicelib.services.auth.sessions import ACCESS
from chalicelib.services.rewards import points
from chalicelib.services.stations import listing_refresh, station_views
from chalicelib.tables import day_counters
from chalicelib.tables.all_tables import ROW_TYPES
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import connect, fetch_one
from chalicelib.tables.rows import SHARDS
from infra.local import cabinet_frames as frames
from infra.local import cloud, seed
from infra.local.cabinet_frames import SlotContent
from tests.builders import LABIM, SignedIn, sign_in
from tests.counting import Counted, counted
from tests.fake_world import FakeWorld
from tests.http_client import Reply, request
from tests.network import EJECTED, Network


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


class BenchScenario:
    """A network on a real engine, used through the app's own routes."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.fake_world = FakeWorld()
        self.world = self.fake_world.world()
        wiring.use_world(self.world)
        self.network = Network(self.fake_world, self.world)
        listing_refresh.refresh(self.world)
        self.user = self.network.customer(wallet_paisa=10_000_000)
        admin_id = seed.add_operator(self.world, "finance@example.com", "a password", Role.FINANCE)
        self.operator = sign_in(self.world, admin_id)
        self.numbers = itertools.count(1)

    def request(
        self, method: str, path: str, body: Any = None, want: int = 200, session: SignedIn | None = None
    ) -> Reply:
        session = session or self.network.sessions[self.user]
        claims = {"sub": session.user_id, "sid": session.session_id, "jti": "bench"}
        until = self.world.now().replace(year=2030)
        token = self.world.tokens.sign(claims, audience=ACCESS, until=until)
        reply = request(self.app, method, path, body, token=token, checked=False)
        if reply.status != want:
            raise RuntimeError(f"{method} {path}: {reply.status} {reply.text}")
        return reply

    def visit(self, path: str) -> Reply:
        """A request without an access token."""
        return request(self.app, "GET", path, checked=False)

    def start(self) -> Any:
        return self.request("POST", "/api/rentals/start", {"station_sn": LABIM.sn, "package_id": "1-hour"}, 202).data

    def out(self, rental: Any) -> None:
        self.network.report_eject(LABIM, rental["powerbank"]["sn"], EJECTED)

    def back(self, rental: Any) -> None:
        slot = rental["powerbank"]["slot_number"]
        raw = frames.returned(SlotContent(slot, rental["powerbank"]["sn"], rental["powerbank"]["battery_level"]))
        self.network.report_frame(LABIM, raw)

    def request_refund(self, transaction: str) -> str:
        reply = self.request("POST", f"/api/payment/refund/{transaction}", {"reason": "bench"}, 201)
        return str(reply.data["refund_id"])

    def approve_refund(self, refund_id: str) -> None:
        self.request("POST", f"/api/admin/refunds/{refund_id}/approve", {}, session=self.operator)

    def intent(self) -> str:
        self.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PENDING)
        order = {"amount": "100.00", "payment_method": "khalti"}
        intent_id = str(self.request("POST", "/api/payment/wallet/topup-intent", order, 201).data["intent_id"])
        self.fake_world.khalti.payment_status = PaymentStatus(
            PaymentState.PAID, f"bench-{next(self.numbers)}", 10_000
        )
        return intent_id


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
    key = day_counters.look_key("bench")
    if fetch_one(key) is not None:
        return
    today = day_of(scenario.world.now())
    for back in range(MAX_REPORT_DAYS):
        facts = {network(today - timedelta(days=back), name): count for name, count in facts_of_day.items()}
        for shard in range(SHARDS):
            atomic(scenario.world, partial(day_counters.stage_additions, shard=str(shard), facts=facts))
    look = {FactKey(Series.LOOKS, "bench", "stations"): 1}
    atomic(scenario.world, partial(day_counters.stage_additions, shard="0", facts=look))


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


@contextmanager
def scenario(engine: str) -> Iterator[BenchScenario]:
    """A network on moto's server or dynoxide, which stops at the end."""
    from app import app

    created = cloud.start(engine, None)
    try:
        os.environ.update(created.environment())
        connect(ROW_TYPES, cloud.PREFIX, botocore.session.get_session())
        with redirect_stdout(StringIO()):
            built = BenchScenario(app)
        yield built
    finally:
        wiring.use_world(None)
        created.stop()
