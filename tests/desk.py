"""The refund desk: a customer who paid, an operator who decides, and everything that happens by itself in between."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chalicelib.domain import ledger
from chalicelib.domain.account import Role
from chalicelib.domain.ledger import Posting, PostingKind
from chalicelib.domain.payment_gateway import NEVER_HAPPENED, Outcome, Paid, RefundOrder, Repaid, Repayment
from chalicelib.domain.refund import Refund
from chalicelib.domain.rental import Rental, RentalState
from chalicelib.domain.topup import Intent
from chalicelib.services import outbox
from chalicelib.services.caller import Caller
from chalicelib.services.notifications import push
from chalicelib.services.refunds import decisions, payouts
from chalicelib.services.refunds import requests as refund_requests
from chalicelib.services.refunds.decisions import Grant
from chalicelib.services.rentals import aggregate
from chalicelib.services.rewards import points as reward_points
from chalicelib.services.topups import crediting, intents
from chalicelib.tables import notifications, postings
from chalicelib.tables.atomic import Ops, atomic
from infra.local import cabinet_frames as frames
from tests.builders import LABIM, SignedIn, account, operator_account, sign_in
from tests.fakes import FakeGateway
from tests.street import Street

SUM = 50_000


@dataclass
class HonestGateway(FakeGateway):
    """One that says of a refund what really became of it, if its answer is heard at all."""

    reached: bool = True
    heard_of: bool = True

    def refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        if self.reached:
            self.refunded.append(order)
        return Repayment(Repaid.DONE, "theirs") if self.reached and self.heard_of else Repayment(Repaid.UNKNOWN)

    def look_refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        self.refunds_looked.append(order)
        if any(one.refund_id == order.refund_id for one in self.refunded):
            return Repayment(Repaid.DONE, "theirs")
        return Repayment(Repaid.REFUSED, reason=NEVER_HAPPENED) if order.long_ago else Repayment(Repaid.UNKNOWN)


@dataclass
class Desk:
    """Everybody who has to do with a refund."""

    street: Street
    by: str = "finance"
    """The operator who decides."""
    operators: dict[str, SignedIn] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world, self.scene = self.street.world, self.street.scene
        self.user = self.street.customer(wallet_paisa=0)
        self.operator(self.by)

    def honest(self) -> HonestGateway:
        """Khalti tells the truth from now on."""
        made = HonestGateway("khalti")
        self.world = replace(self.world, gateways={**self.world.gateways, "khalti": made})
        self.street.world = self.world
        return made

    def operator(self, name: str | None = None) -> SignedIn:
        name = name or self.by
        if name not in self.operators:
            admin_id = operator_account(self.world, f"{name}@example.com", "a password", Role.FINANCE)
            self.operators[name] = sign_in(self.world, admin_id)
        return self.operators[name]

    def caller(self) -> Caller:
        return self.street.sessions[self.user].caller(self.world)

    def top_up(self, paisa: int = SUM, gateway: str = "khalti") -> str:
        """Paid and credited, its points given. Returns the transaction."""
        intent, _ = intents.open_intent(
            self.world, self.caller(), amount_paisa=paisa, method=gateway, return_url=None
        )
        fake: Any = self.world.gateways[gateway]
        fake.outcomes[intent.intent_id] = Outcome(Paid.PAID, f"desk-{intent.intent_id}", paisa)
        crediting.settle(self.world, intent)
        self.give_points()
        return next(self.name(one) for one in self.ledger() if one.ref == intent.intent_id)

    def give_points(self) -> None:
        for body in self.scene.queues.take(outbox.POINTS):
            reward_points.award(self.world, body)

    def gift(self, points: int) -> None:
        """Points from elsewhere."""
        name = f"points:gift:{points}"
        body = {"user_id": self.user, "points": points, "source": "gift"}
        news = atomic(self.world, lambda ops: outbox.write(ops, self.world, outbox.POINTS, name, body))
        outbox.send(self.world, [news])
        self.give_points()

    def kiosk_is_free(self) -> None:
        """It has just said that it is there, and is done with the customer before."""
        self.scene.clock.pass_(minutes=1)
        self.street.hear(LABIM, frames.heartbeat())

    def spend(self) -> Rental:
        """A rental of an hour, out and paid."""
        return self.street.rented(self.user)

    def rental_that_failed_all_the_same(self) -> tuple[Rental, str]:
        """Paid at the eject, given up afterwards by hand, and not released. Returns it and its payment."""
        rental = self.spend()
        self.fail_by_hand(rental)
        paid = [one for one in self.ledger() if one.kind is PostingKind.SETTLE and one.ref == rental.rental_id]
        return self.street.rental(rental), self.name(paid[-1])

    def fail_by_hand(self, rental: Rental) -> None:
        """It came to nothing, by somebody's word, and what was paid for it stays paid."""

        def decide(ops: Ops) -> None:
            found = aggregate.scene(self.user, rental.rental_id, rental.powerbank_sn)
            assert found is not None
            bank = replace(found.bank, custody=type(found.bank.custody)("unknown"), rental_id=None, user_id=None)
            failed = replace(found.rental, state=RentalState.FAILED, failure="by_hand")
            free = replace(found.account, open_rental_id=None)
            aggregate.write(ops, aggregate.Scene(failed, free, bank), [])

        atomic(self.world, decide)

    def ask(self, transaction: str, reason: str = "by mistake") -> Refund:
        return refund_requests.request(self.world, self.caller(), transaction, reason)

    def ask_for_them(self, transaction: str, *, by: str = "support", reason: str = "they rang up") -> Refund:
        """By an operator who is not the one that decides."""
        return refund_requests.request_for(self.world, self.operator(by).caller(self.world), transaction, reason)

    def approve(self, refund: Refund, *, by: str | None = None, **grant: Any) -> Refund:
        caller = self.operator(by).caller(self.world)
        return decisions.approve(self.world, caller, refund.refund_id, Grant(**grant))

    def reject(self, refund: Refund) -> Refund:
        caller = self.operator().caller(self.world)
        return decisions.reject(self.world, caller, refund.refund_id, "it was spent")

    def send(self) -> list[bool]:
        """The refunds' queue is heard."""
        return [payouts.deliver(self.world, body) for body in self.scene.queues.take(outbox.REFUNDS)]

    def hours_pass(self, hours: int, *, step_minutes: int = 10) -> list[timedelta]:
        """The clock's part, minute schedules and all. Returns when a gateway was asked."""
        began, looks = self.scene.clock.at, []
        for _ in range(hours * 60 // step_minutes):
            self.scene.clock.pass_(minutes=step_minutes)
            outbox.sweep(self.world)
            self.give_points()
            self.send()
            self.push()
            if payouts.sweep(self.world):
                looks.append(self.scene.clock.at - began)
        return looks

    def push(self) -> None:
        for body in self.scene.queues.take(outbox.PUSH):
            push.deliver(self.world, body)

    def told(self, refund: Refund) -> list[str]:
        """What the customer was told of a refund, oldest first."""
        page = notifications.newest(self.user, before=None, limit=100)
        return [one.kind.value for one in page if one.data.get("refund_id") == refund.refund_id][::-1]

    def now(self, refund: Refund) -> Refund:
        return decisions.read(self.world, refund.refund_id)

    def ledger(self) -> list[Posting]:
        return postings.oldest(self.user, since=1, limit=1_000)

    def name(self, posting: Posting) -> str:
        return f"{posting.user_id}-{posting.seq}"

    def in_flight(self) -> int:
        return sum(posting.of(ledger.REFUND_IN_FLIGHT) for posting in self.ledger())

    @property
    def wallet(self) -> int:
        return account(self.user).wallet_paisa

    @property
    def points(self) -> int:
        return account(self.user).points
