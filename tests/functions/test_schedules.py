"""Scheduled jobs, called as EventBridge calls them: a second run changes nothing."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.envelope import InboxMessage
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.audit import audit_runs
from chalicelib.services.outbox import DEVICE_EVENTS, OTP, POISON
from chalicelib.services.stations import listing_refresh
from infra.local.aws.lambdas import clock_event, schedules
from infra.local.seeds.demo_stations import FLEET
from tests.engines.stopwatch import Stopwatch
from tests.world.builders import LABIM, account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

EVERY_MINUTE = {
    "poll_mns",
    "sweep_ejects",
    "sweep_intents",
    "sweep_profile_reminders",
    "sweep_refunds",
    "sweep_rentals",
    "sweep_outbox",
    "refresh_stations",
    "refresh_leaderboards",
    "count_days",
    "recount_days",
    "alert_operators",
    "watch_cabinets",
    "audit_ledger",
}
HOURLY = {"reconcile", "sweep_uploads"}
NIGHTLY = {"begin_audit"}
SECONDS = {"poll_mns": 12, "reconcile": 900, "sweep_uploads": 900, "audit_ledger": 120, "recount_days": 280}
"""The time of a run, where it is not 60 seconds."""
LIMITED_BY_TIME = ("sweep_ejects", "sweep_intents", "sweep_outbox", "refresh_stations", "refresh_leaderboards")


@dataclass
class Hourglass:
    """A Lambda context with these seconds left, one fewer at each look."""

    seconds: int

    def get_remaining_time_in_millis(self) -> int:
        self.seconds -= 1
        return self.seconds * 1000


def run(network: Network, name: str, context: Any = None) -> Any:
    (schedule,) = [schedule for schedule in schedules(app) if schedule.name == name]
    event = clock_event(schedule, network.world.now())
    return schedule.handler(event, context or Hourglass(SECONDS.get(name, 60)))


def test_each_schedule_has_its_rate() -> None:
    rates = {schedule.name: schedule.rate for schedule in schedules(app)}
    assert set(rates) == EVERY_MINUTE | HOURLY | NIGHTLY
    assert {rates[name] for name in EVERY_MINUTE} <= {"rate(1 minute)", "rate(5 minutes)"}
    assert {rates[name] for name in HOURLY} == {"rate(1 hour)"}
    assert rates["begin_audit"] == "cron(15 20 * * ? *)"


# A day without top-ups has its report too, and every night has its audit.
@pytest.mark.parametrize("name", sorted((EVERY_MINUTE | HOURLY | NIGHTLY) - {"reconcile", "begin_audit"}))
def test_a_schedule_without_work_changes_nothing(name: str, network: Network) -> None:
    network.customer()
    for counting in ("refresh_leaderboards", "count_days", "recount_days"):
        run(network, counting)  # counts the points of the customer
    before = all_rows()
    run(network, name)
    run(network, name)
    assert all_rows() == before


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(EVERY_MINUTE | HOURLY | NIGHTLY))
def test_a_second_run_at_once_changes_nothing(name: str, network: Network) -> None:
    busy(network)
    run(network, name)
    before, sent = all_rows(), {queue: len(bodies) for queue, bodies in network.fake_world.queues.sent.items()}
    run(network, name)
    assert all_rows() == before
    assert {queue: len(bodies) for queue, bodies in network.fake_world.queues.sent.items()} == sent
    assert network.books_balance()


def busy(network: Network) -> None:
    """Work for every schedule: an unconfirmed eject, a paid top-up, an unsent code, a cabinet message."""
    renting = network.start(network.customer())
    user = network.customer()
    order = {"amount": "500", "payment_method": "khalti"}
    request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token_of(network, user))
    network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "paid-1", 50_000)
    network.fake_world.queues.unavailable = True
    request(app, "POST", "/api/auth/get-otp", {"identifier": "+9779841555001"})
    network.fake_world.queues.unavailable = False
    network.fake_world.inbox.waiting.append(InboxMessage("i1", "not an envelope", "r1", 1))
    network.fake_world.clock.advance(minutes=11)
    assert renting.state is RentalState.STARTING


def test_one_run_of_every_schedule_finishes_open_work(network: Network) -> None:
    busy(network)
    for name in sorted(EVERY_MINUTE):
        run(network, name)
    first, second = network.sessions
    assert account(first).open_rental_id is None
    assert account(first).held_paisa == 0
    assert account(second).wallet_paisa == 150_000
    assert len(network.fake_world.queues.take(OTP)) == 1
    assert network.fake_world.inbox.deleted == ["i1"]
    network.deliver_messages()
    assert audited(network)


def audited(network: Network) -> bool:
    """Whether an audit, started as at night and continued each minute, finds no violation."""
    run(network, "begin_audit")
    for _ in range(5):
        run(network, "audit_ledger")
    result = audit_runs.latest()
    assert result.running is None
    assert result.violations == ()
    return result.last is not None and result.last.rows_count > 0


def test_a_cabinet_message_is_deleted_at_mns_only_after_it_is_queued(network: Network) -> None:
    network.fake_world.inbox.waiting.append(InboxMessage("i1", envelope(network), "r1", 1))
    network.fake_world.queues.unavailable = True
    run(network, "poll_mns")
    assert network.fake_world.inbox.deleted == []
    network.fake_world.queues.unavailable = False
    network.fake_world.inbox.waiting.append(InboxMessage("i1", envelope(network), "r2", 2))
    assert run(network, "poll_mns") == 1
    assert network.fake_world.inbox.deleted == ["i1"]
    (forwarded,) = network.fake_world.queues.take(DEVICE_EVENTS)
    assert forwarded["imei"] == LABIM.imei


def test_an_unreadable_cabinet_message_goes_to_the_poison_queue(network: Network) -> None:
    network.fake_world.inbox.waiting.append(InboxMessage("i1", "garbage", "r1", 1))
    assert run(network, "poll_mns") == 1
    assert network.fake_world.queues.take(POISON)[0]["raw"] == "garbage"


def test_an_unavailable_mns_ends_the_poll_without_an_error(network: Network) -> None:
    network.fake_world.inbox.unavailable = True
    assert run(network, "poll_mns") == 0


def test_the_listing_is_refreshed(network: Network) -> None:
    listing_refresh.refresh(network.world)
    assert run(network, "refresh_stations") == len(FLEET)


@pytest.mark.parametrize("name", LIMITED_BY_TIME)
def test_a_run_without_time_left_leaves_its_work_to_the_next(name: str, network: Network) -> None:
    busy(network)
    listing_refresh.refresh(network.world)
    network.rented(network.customer())
    before, unsent = all_rows(), len(network.fake_world.queues.sent)
    assert run(network, name, Stopwatch(15)) == 0
    assert (all_rows(), len(network.fake_world.queues.sent)) == (before, unsent)
    assert run(network, name) > 0
    assert all_rows() != before


def test_silent_cabinets_are_not_asked_about_without_time_left(network: Network) -> None:
    network.fake_world.clock.advance(minutes=30)
    assert run(network, "watch_cabinets", Stopwatch(15)) == 0
    assert run(network, "watch_cabinets") == len(FLEET)


def test_only_its_event_runs_a_schedule(network: Network) -> None:
    busy(network)
    before = all_rows()
    for schedule in schedules(app):
        events: tuple[Any, ...] = (
            None,
            {},
            [],
            "ping",
            {"source": "serverless-plugin-warmup"},
            {"source": "aws.events"},
        )
        for event in events:
            assert schedule.handler(event, Stopwatch(60)) is None
    assert all_rows() == before


def envelope(network: Network) -> str:
    """A message that a cabinet came online, in the envelope of the maker's platform."""
    at = network.world.now()
    status = {"status": "online", "utcTime": at.isoformat(), "deviceName": LABIM.imei}
    payload = base64.b64encode(json.dumps(status).encode()).decode()
    content = {"messageid": 1, "messagetype": "status", "timestamp": int(at.timestamp()), "payload": payload}
    return json.dumps(content)
