"""The functions behind the clock, called as EventBridge calls them: twice is as good as once."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinet_protocol.envelope import InboxMessage
from chalicelib.domain.payment_gateway import Outcome, Paid
from chalicelib.domain.rental import RentalState
from chalicelib.services.outbox import DEVICE_NEWS, OTP, POISON
from chalicelib.services.stations import listings
from infra.local.fleet import FLEET
from infra.local.lambdas import clock_event, schedules
from tests.asking import ask
from tests.builders import LABIM, account
from tests.doors import everything, token_of
from tests.street import Street

EVERY_MINUTE = {
    "poll_mns",
    "sweep_ejects",
    "sweep_intents",
    "sweep_refunds",
    "sweep_outbox",
    "refresh_stations",
    "watch_cabinets",
}
HOURLY = {"reconcile", "sweep_uploads"}
NIGHTLY = {"audit_ledger"}


@dataclass
class Hourglass:
    """A run with so many seconds left, one fewer each time somebody looks."""

    seconds: int

    def get_remaining_time_in_millis(self) -> int:
        self.seconds -= 1
        return self.seconds * 1000


def run(street: Street, name: str) -> Any:
    (schedule,) = [one for one in schedules(app) if one.name == name]
    return schedule.handler(clock_event(schedule, street.world.now()), Hourglass(900 if name in HOURLY else 12))


def test_each_runs_as_often_as_it_should() -> None:
    rates = {one.name: one.rate for one in schedules(app)}
    assert set(rates) == EVERY_MINUTE | HOURLY | NIGHTLY
    assert {rates[name] for name in EVERY_MINUTE} <= {"rate(1 minute)", "rate(5 minutes)"}
    assert {rates[name] for name in HOURLY} == {"rate(1 hour)"}
    assert rates["audit_ledger"] == "cron(15 20 * * ? *)"


# A day without top-ups has its report too.
@pytest.mark.parametrize("name", sorted((EVERY_MINUTE | HOURLY | NIGHTLY) - {"reconcile"}))
def test_with_nothing_to_do_nothing_is_done(name: str, street: Street) -> None:
    street.customer()
    before = everything()
    run(street, name)
    run(street, name)
    assert everything() == before


@pytest.mark.parametrize("name", sorted(EVERY_MINUTE | HOURLY | NIGHTLY))
def test_a_second_run_at_once_changes_nothing_more(name: str, street: Street) -> None:
    busy(street)
    run(street, name)
    before, sent = everything(), {queue: len(bodies) for queue, bodies in street.scene.queues.sent.items()}
    run(street, name)
    assert everything() == before
    assert {queue: len(bodies) for queue, bodies in street.scene.queues.sent.items()} == sent
    assert street.books_balance()


def busy(street: Street) -> None:
    """Something to do for everybody: a silent eject, a top-up that was paid, a code that was not sent, news."""
    renting = street.start(street.customer())
    user = street.customer()
    order = {"amount": "500", "payment_method": "khalti"}
    ask(app, "POST", "/api/payment/wallet/topup-intent", order, token=token_of(street, user))
    street.scene.khalti.outcome = Outcome(Paid.PAID, "paid-1", 50_000)
    street.scene.queues.away = True
    ask(app, "POST", "/api/auth/get-otp", {"identifier": "+9779841555001"})
    street.scene.queues.away = False
    street.scene.inbox.waiting.append(InboxMessage("i1", "not an envelope", "r1", 1))
    street.scene.clock.pass_(minutes=11)
    assert renting.state is RentalState.STARTING


def test_a_minute_of_all_clocks_settles_what_was_left(street: Street) -> None:
    busy(street)
    for name in sorted(EVERY_MINUTE):
        run(street, name)
    first, second = street.sessions
    assert account(first).open_rental_id is None
    assert account(first).held_paisa == 0
    assert account(second).wallet_paisa == 150_000
    assert len(street.scene.queues.take(OTP)) == 1
    assert street.scene.inbox.deleted == ["i1"]
    street.hear_messages()
    assert run(street, "audit_ledger") == 0


def test_news_is_forgotten_there_only_when_it_is_kept_here(street: Street) -> None:
    street.scene.inbox.waiting.append(InboxMessage("i1", envelope(street), "r1", 1))
    street.scene.queues.away = True
    run(street, "poll_mns")
    assert street.scene.inbox.deleted == []
    street.scene.queues.away = False
    street.scene.inbox.waiting.append(InboxMessage("i1", envelope(street), "r2", 2))
    assert run(street, "poll_mns") == 1
    assert street.scene.inbox.deleted == ["i1"]
    (kept,) = street.scene.queues.take(DEVICE_NEWS)
    assert kept["imei"] == LABIM.imei


def test_what_nobody_can_read_is_set_aside_whole(street: Street) -> None:
    street.scene.inbox.waiting.append(InboxMessage("i1", "garbage", "r1", 1))
    assert run(street, "poll_mns") == 1
    assert street.scene.queues.take(POISON)[0]["raw"] == "garbage"


def test_a_maker_that_is_away_ends_the_run_in_peace(street: Street) -> None:
    street.scene.inbox.away = True
    assert run(street, "poll_mns") == 0


def test_the_listing_is_refreshed(street: Street) -> None:
    listings.refresh_board(street.world, "0")
    assert run(street, "refresh_stations") == len(FLEET)


def envelope(street: Street) -> str:
    """News that a cabinet came online, as the maker's platform wraps it."""
    at = street.world.now()
    status = {"status": "online", "utcTime": at.isoformat(), "deviceName": LABIM.imei}
    payload = base64.b64encode(json.dumps(status).encode()).decode()
    told = {"messageid": 1, "messagetype": "status", "timestamp": int(at.timestamp()), "payload": payload}
    return json.dumps(told)
