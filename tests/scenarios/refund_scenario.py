"""A customer who paid and operators who decide, for tests about refunds. It also runs queues and schedules."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.money import ledger
from chalicelib.domain.money.ledger import Posting, PostingKind
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import (
    NOT_EXECUTED,
    GatewayRefundState,
    PaymentState,
    PaymentStatus,
    RefundRequest,
    RefundStatus,
)
from chalicelib.domain.payments.refund import Refund
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services import outbox
from chalicelib.services.caller import Caller
from chalicelib.services.refunds import decisions, payouts
from chalicelib.services.refunds import requests as refund_requests
from chalicelib.services.refunds.decisions import Approval
from chalicelib.services.rentals import aggregate
from chalicelib.services.rewards import completed_rentals, messages, rental_points
from chalicelib.services.topups import crediting, intents
from chalicelib.tables import notifications, postings
from chalicelib.tables.atomic import Transaction, atomic
from infra.local.cabinets import frames
from tests.world.builders import LABIM, SignedIn, account
from tests.world.fakes import FakeGateway
from tests.world.network import Network

SUM = 50_000


@dataclass
class TruthfulGateway(FakeGateway):
    """A gateway that reports a refund's real outcome, if its response arrives."""

    is_reached: bool = True
    answer_arrives: bool = True

    def refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        if self.is_reached:
            self.refunded.append(request)
        return (
            RefundStatus(GatewayRefundState.DONE, "theirs")
            if self.is_reached and self.answer_arrives
            else RefundStatus(GatewayRefundState.UNKNOWN)
        )

    def fetch_refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        self.refunds_fetched.append(request)
        if any(item.refund_id == request.refund_id for item in self.refunded):
            return RefundStatus(GatewayRefundState.DONE, "theirs")
        return (
            RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)
            if request.past_grace
            else RefundStatus(GatewayRefundState.UNKNOWN)
        )


@dataclass
class RefundScenario:
    """A customer and operators, with the verbs of refunds."""

    network: Network
    deciding_operator: str = "finance"
    """Name of the operator who decides by default."""
    operators: dict[str, SignedIn] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world, self.fake_world = self.network.world, self.network.fake_world
        self.user = self.network.customer(wallet_paisa=0)
        self.operator(self.deciding_operator)

    def use_truthful_gateway(self) -> TruthfulGateway:
        """Replace Khalti by a truthful gateway. Returns it."""
        gateway = TruthfulGateway("khalti")
        self.world = replace(self.world, gateways={**self.world.gateways, "khalti": gateway})
        self.network.world = self.world
        return gateway

    def operator(self, name: str | None = None) -> SignedIn:
        name = name or self.deciding_operator
        if name not in self.operators:
            self.operators[name] = self.network.operator(f"{name}@example.com", Role.FINANCE)
        return self.operators[name]

    def caller(self) -> Caller:
        return self.network.sessions[self.user].caller(self.world)

    def top_up(self, paisa: int = SUM, gateway: str = "khalti") -> str:
        """Credit a top-up and award its points. Returns the transaction id."""
        intent, _ = intents.open_intent(
            self.world, self.caller(), amount_paisa=paisa, method=gateway, return_url=None
        )
        fake: Any = self.world.gateways[gateway]
        fake.payment_statuses[intent.intent_id] = PaymentStatus(
            PaymentState.PAID, f"refund-{intent.intent_id}", paisa
        )
        crediting.refresh_from_gateway(self.world, intent)
        self.give_points()
        return next(self.name(posting) for posting in self.ledger() if posting.ref == intent.intent_id)

    def give_points(self) -> None:
        for body in self.fake_world.queues.take(outbox.POINTS):
            if body.get("source") == completed_rentals.RETURNED:
                rental_points.award(self.world, body)
            elif body.get("source") != completed_rentals.PAID:
                messages.handle(self.world, body)

    def award_points(self, points: int) -> None:
        """Award points that no top-up earned."""
        name = f"points:gift:{points}"
        body = {"user_id": self.user, "points": points, "source": "gift"}
        atomic(self.world, lambda ops: outbox.stage(ops, self.world, outbox.POINTS, name, body))
        self.give_points()

    def station_becomes_free(self) -> None:
        """A minute later, the cabinet sends a heartbeat, and its last eject is over."""
        self.fake_world.clock.advance(minutes=1)
        self.network.report_frame(LABIM, frames.heartbeat())

    def spend(self) -> Rental:
        """An active prepaid rental of an hour."""
        return self.network.rented(self.user)

    def spend_and_return(self) -> Rental:
        """A prepaid rental of an hour whose power bank came back. Its points are not awarded yet."""
        rental = self.spend()
        self.fake_world.clock.advance(minutes=6)
        self.network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        return self.network.rental(rental)

    def paid_rental_marked_failed(self) -> tuple[Rental, str]:
        """A rental that was paid and then marked as failed. Returns the rental and its payment's transaction id."""
        rental = self.spend()
        self.mark_failed(rental)
        paid = [
            posting
            for posting in self.ledger()
            if posting.kind is PostingKind.SETTLE and posting.ref == rental.rental_id
        ]
        return self.network.rental(rental), self.name(paid[-1])

    def mark_failed(self, rental: Rental) -> None:
        """Mark the rental as failed without a release of its payment."""

        def decide(ops: Transaction) -> None:
            rental_aggregate = aggregate.load(self.user, rental.rental_id, rental.powerbank_sn)
            assert rental_aggregate is not None
            powerbank = replace(
                rental_aggregate.powerbank,
                custody=type(rental_aggregate.powerbank.custody)("unknown"),
                rental_id=None,
                user_id=None,
                last_rental_id=rental.rental_id,
                last_user_id=rental.user_id,
            )
            failed = replace(rental_aggregate.rental, state=RentalState.FAILED, failure="by_hand")
            free = replace(rental_aggregate.account, open_rental_id=None)
            aggregate.save(ops, self.world, failed, RentalAggregate(failed, free, powerbank))

        atomic(self.world, decide)

    def request_refund(self, transaction: str, reason: str = "by mistake") -> Refund:
        return refund_requests.request(self.world, self.caller(), transaction, reason)

    def request_on_behalf(self, transaction: str, *, by: str = "support", reason: str = "they rang up") -> Refund:
        """Request a refund for the customer, as an operator who does not decide."""
        return refund_requests.request_for(self.world, self.operator(by).caller(self.world), transaction, reason)

    def approve(self, refund: Refund, *, by: str | None = None, **grant: Any) -> Refund:
        caller = self.operator(by).caller(self.world)
        return decisions.approve(self.world, caller, refund.refund_id, Approval(**grant))

    def reject(self, refund: Refund) -> Refund:
        caller = self.operator().caller(self.world)
        return decisions.reject(self.world, caller, refund.refund_id, "it was spent")

    def send(self) -> list[bool]:
        """Deliver the messages of the refund queue."""
        return [payouts.deliver(self.world, body) for body in self.fake_world.queues.take(outbox.REFUNDS)]

    def advance_hours(self, hours: int, *, step_minutes: int = 10) -> list[timedelta]:
        """Advance the clock and run schedules and queues. Returns the times when a gateway was asked."""
        began, looks = self.fake_world.clock.at, []
        for _ in range(hours * 60 // step_minutes):
            self.fake_world.clock.advance(minutes=step_minutes)
            outbox.sweep(self.world)
            self.give_points()
            self.send()
            self.network.send_pushes()
            if payouts.sweep(self.world):
                looks.append(self.fake_world.clock.at - began)
        return looks

    def notified(self, refund: Refund) -> list[str]:
        """The kinds of the customer's notifications about a refund, oldest first."""
        page = notifications.newest(self.user, before=None, limit=100)
        return [
            notification.kind.value for notification in page if notification.data.get("refund_id") == refund.refund_id
        ][::-1]

    def now(self, refund: Refund) -> Refund:
        return decisions.read(refund.refund_id)

    def ledger(self) -> list[Posting]:
        return postings.oldest(self.user, since=1, limit=1_000)

    def name(self, posting: Posting) -> str:
        return posting.transaction_id

    def in_flight(self) -> int:
        return sum(posting.change_of(ledger.REFUND_IN_FLIGHT) for posting in self.ledger())

    @property
    def wallet(self) -> int:
        return account(self.user).wallet_paisa

    @property
    def points(self) -> int:
        return account(self.user).points
