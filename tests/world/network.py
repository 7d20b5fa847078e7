"""A network of stations and customers, for tests about rentals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, DeviceEventKind
from chalicelib.domain.cabinets.event_log import LogEntry
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services import event_log, outbox
from chalicelib.services.audit import whole_audit
from chalicelib.services.auth import otp_delivery
from chalicelib.services.cabinets import inbound
from chalicelib.services.notifications import push
from chalicelib.services.rentals import ejects, queries, starting
from chalicelib.services.rentals.starting import RentalOrder
from chalicelib.services.rewards import completed_rentals, messages, rental_points
from chalicelib.services.topups import intents, payment_events
from chalicelib.tables import notifications, powerbanks
from chalicelib.tables import outbox as outbox_rows
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from infra.local.seeds import seed
from infra.local.seeds.demo_stations import DemoStation
from tests.engines.remembered_set_up import remembered
from tests.scenarios.snapshot_frame import snapshot_frame
from tests.world import builders
from tests.world.builders import LABIM, SignedIn
from tests.world.fake_world import FakeWorld

T = TypeVar("T")
HOUR, PAY_AS_YOU_GO = "1-hour", "pay-as-you-go"
EJECTED, REFUSED, UNCLEAR = 0x01, 0x00, 0x12
MAX_MESSAGES = 5_000
"""More than a day of 1,000 rentals leaves waiting."""


@dataclass
class Network:
    """A seeded network. A start responds at once and does not wait for the cabinet, and a refused eject is not tried
    again with another power bank, unless a test changes that."""

    fake_world: FakeWorld
    world: World
    numbers: int = 0
    messages_count: int = 0
    sessions: dict[str, SignedIn] = field(default_factory=dict)
    log_entries: list[LogEntry] = field(default_factory=list)
    """What the consumer writes to the event log at the end of its batch."""

    def __post_init__(self) -> None:
        self._open()
        self.fake_world.settings = replace(
            self.fake_world.settings, eject_wait_seconds=0, station_queue_wait_seconds=0, eject_retries_count=0
        )
        self.fake_world.clock.advance(seconds=1)

    def _open(self) -> None:
        remembered(self.fake_world, "network", lambda: builders.network(self.world))

    def customer(self, *, wallet_paisa: int = 100_000) -> str:
        return self.remembered(f"customer {wallet_paisa}", lambda: self._new_customer(wallet_paisa))

    def operator(self, email: str, role: Role) -> SignedIn:
        """An operator who is signed in."""
        return self.remembered(f"operator {email} {role}", lambda: self._new_operator(email, role))

    def remembered(self, step: str, run: Callable[[], T]) -> T:
        """Runs a step of set-up whose writes and messages are the same each time (`remembered_set_up.remembered`)."""

        def run_here() -> tuple[T, int, dict[str, SignedIn]]:
            return run(), self.numbers, self.sessions

        result, self.numbers, sessions = remembered(self.fake_world, f"{step} {self.numbers}", run_here)
        self.sessions |= sessions
        return result

    def _new_customer(self, wallet_paisa: int) -> str:
        self.numbers += 1
        user_id = builders.customer(self.world, self.numbers, wallet_paisa=wallet_paisa)
        self.sessions[user_id] = builders.sign_in(self.world, user_id)
        return user_id

    def newcomer(self) -> str:
        """A customer who has just registered."""
        self.numbers += 1
        user_id = seed.add_customer(self.world, builders.phone(self.numbers), f"customer{self.numbers}")
        self.sessions[user_id] = builders.sign_in(self.world, user_id)
        return user_id

    def _new_operator(self, email: str, role: Role) -> SignedIn:
        return builders.sign_in(self.world, builders.operator_account(self.world, email, "a password", role))

    def start(self, user_id: str, station: DemoStation = LABIM, package: str = HOUR) -> Rental:
        order = RentalOrder(station.sn, package)
        caller = self.sessions[user_id].caller(self.world, *order.prefetch_keys())
        return starting.start(self.world, caller, order)

    def rented(self, user_id: str, station: DemoStation = LABIM, package: str = HOUR) -> Rental:
        """A rental whose eject was confirmed two seconds later."""
        rental = self.start(user_id, station, package)
        self.fake_world.clock.advance(seconds=2)
        self.report_eject(station, rental.powerbank_sn, EJECTED)
        return self.rental(rental)

    def rental(self, rental: Rental) -> Rental:
        """The rental, read again."""
        return queries.read(rental.user_id, rental.rental_id)

    def open_topup(self, user: str, amount_paisa: int = 50_000) -> str:
        """An unpaid intent at Khalti."""
        caller = self.sessions[user].caller(self.world)
        opened = intents.open_intent(self.world, caller, amount_paisa=amount_paisa, method="khalti", return_url=None)
        return opened[0].intent_id

    def unanswered_start(self, user: str, station: DemoStation = LABIM) -> Rental:
        """A start without an answer from the cabinet for eleven minutes. Evidence of the eject may follow."""
        rental = self.start(user, station)
        self.fake_world.clock.advance(minutes=11)
        ejects.sweep(self.world)
        return rental

    def bank(self, powerbank_sn: str) -> Powerbank:
        powerbank = fetch_one(powerbanks.powerbank_key(powerbank_sn))
        assert powerbank is not None
        return powerbank

    def report_eject(self, station: DemoStation, powerbank_sn: str, state: int, at: datetime | None = None) -> None:
        self.report_frame(station, frames.eject_result(powerbank_sn, state), at)

    def report_return(
        self, station: DemoStation, powerbank_sn: str, slot: int = 8, at: datetime | None = None
    ) -> None:
        self.report_frame(station, frames.returned(SlotContent(slot, powerbank_sn, 40)), at)

    def report_slot_change(
        self, station: DemoStation, powerbank_sn: str, slot: int = 8, at: datetime | None = None
    ) -> None:
        self.report_frame(station, frames.slot_change(SlotContent(slot, powerbank_sn, 40)), at)

    def report_snapshot(
        self,
        station: DemoStation,
        *,
        without: str | None = None,
        plus: tuple[int, str] | None = None,
        at: datetime | None = None,
        read_at: datetime | None = None,
    ) -> None:
        """Report the demo's slots, without one power bank, or with another, as the cabinet read them at `read_at`."""
        raw = snapshot_frame(station, read_at or at or self.world.now(), without=without, plus=plus)
        self.report_frame(station, raw, at)

    def report_frame(self, station: DemoStation, raw: bytes, at: datetime | None = None) -> None:
        self._report(station, DeviceEventKind.FRAME, at, raw)

    def report_status(self, station: DemoStation, kind: DeviceEventKind, at: datetime | None = None) -> None:
        self._report(station, kind, at, b"")

    def _report(self, station: DemoStation, kind: DeviceEventKind, at: datetime | None, raw: bytes) -> None:
        self.messages_count += 1
        event = DeviceEvent(f"m{self.messages_count}", station.imei, kind, at or self.world.now(), raw)
        with event_log.collect() as collection:
            inbound.handle_event(self.world, event)
        self.log_entries += collection.entries

    def deliver_messages(self) -> None:
        """Send what waits in the outbox and apply its effects, as happens within minutes."""
        self.fake_world.clock.advance(minutes=5)
        while outbox.sweep(self.world):
            for body in self.fake_world.queues.take(outbox.PAYMENT_EVENTS):
                payment_events.handle_payment_event(
                    self.world,
                    body["user_id"],
                    body["intent_id"],
                    body["message_id"],
                    is_reversal=body["is_reversal"],
                )
            for body in self.fake_world.queues.take(outbox.POINTS):
                self._award_points(body)
            for body in self.fake_world.queues.take(outbox.OTP):
                otp_delivery.deliver(self.world, body)
            for body in self.fake_world.queues.take(outbox.PUSH):
                push.deliver(self.world, body)

    def clear_inbox(self, user_id: str) -> None:
        """Delete the notifications that the set-up of a customer brought."""
        for notification in notifications.newest(user_id, before=None, limit=100):
            notifications.remove(user_id, notification.notification_id)

    def _award_points(self, body: Mapping[str, Any]) -> None:
        """Handle a message of the points queue, but for what follows from completed rentals."""
        if body.get("source") == completed_rentals.RETURNED:
            rental_points.award(self.world, body)
        elif body.get("source") != completed_rentals.PAID:
            messages.handle(self.world, body)

    def award_rental_points(self) -> None:
        """Award the points of returned rentals, as happens within a second. Other messages stay queued."""
        for body in self.fake_world.queues.take(outbox.POINTS):
            if body.get("source") == completed_rentals.RETURNED:
                rental_points.award(self.world, body)
            else:
                self.fake_world.queues.send(outbox.POINTS, [body])

    def complete_rentals(self) -> None:
        """Handle what follows from completed rentals, as happens when no customer can cancel them any more."""
        self.fake_world.clock.advance(minutes=61)
        self._complete_rentals()

    def _complete_rentals(self) -> None:
        for message in outbox_rows.waiting(self.world.now() + timedelta(days=1), MAX_MESSAGES):
            if message.body.get("source") in completed_rentals.SOURCES:
                messages.handle(self.world, message.body)

    def books_balance(self) -> bool:
        """Whether the audit finds no violation after the points of rentals and the pushes. Fails with the violations.

        What follows from completed rentals is handled only where it should have been by now.
        """
        self.award_rental_points()
        self.send_pushes()
        violations = whole_audit.audit(self.world)
        if violations:
            # what a crash left unsent is sent within a minute, and what waits for an hour comes then
            outbox.sweep(self.world)
            self.award_rental_points()
            self._complete_rentals()
            self.send_pushes()
            violations = whole_audit.audit(self.world)
        assert violations == [], violations
        return True

    def send_pushes(self) -> None:
        for body in self.fake_world.queues.take(outbox.PUSH):
            push.deliver(self.world, body)

    def pay_topup(self, user: str, intent_id: str, amount_paisa: int = 50_000) -> None:
        """The customer pays an open top-up at Khalti, which calls back."""
        self.fake_world.khalti.payment_statuses[intent_id] = PaymentStatus(
            PaymentState.PAID, f"paid-{intent_id}", amount_paisa
        )
        payment_events.handle_payment_event(self.world, user, intent_id)
