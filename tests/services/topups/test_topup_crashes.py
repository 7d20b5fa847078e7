"""A top-up with a fault at any external call is credited once, and nothing stays open."""

from dataclasses import dataclass, field

import pytest

from app import app
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.services.audit import whole_audit
from chalicelib.services.outbox import PAYMENT_EVENTS, POINTS
from chalicelib.tables import postings
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.outbox import OutboxRow
from chalicelib.tables.rows import entity
from chalicelib.world import World
from tests.engines.fault_injection import crash_everywhere
from tests.engines.faults import CallerGaveUp
from tests.world.builders import account
from tests.world.clocks import consume, tick
from tests.world.fake_world import FakeWorld
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_of

SUM, POINTS_FOR_IT = 50_000, 50
ORDER = {"amount": "500.00", "payment_method": "khalti"}


@dataclass(frozen=True)
class Customer:
    """The customer who tops up, and the state of the app."""

    user_id: str
    token: str
    points: int


def customer(network: Network) -> Customer:
    user = network.customer(wallet_paisa=0)
    network.deliver_messages()
    return Customer(user, token_of(network, user), account(user).points)


@dataclass
class TopUp:
    """Create and pay a top-up. Then callback, verification and schedules run in `order`."""

    fake_world: FakeWorld
    world: World
    who: Customer
    order: tuple[str, ...]
    again: tuple[str, ...]
    """Who retries after the fault, besides the schedules, which must be enough alone."""
    opened: list[str] = field(default_factory=list)

    def run(self) -> None:
        intent_id = self.open_and_pay()
        self.fake_world.clock.advance(minutes=2)
        for guest in self.order:
            self.let_act(guest, intent_id)

    def recover(self) -> None:
        self.pass_(minutes=2)
        intent_id = self.open_and_pay()
        for guest in self.again:
            self.let_act(guest, intent_id)
        for _ in range(2):
            self.pass_(minutes=6)

    def check(self) -> None:
        ledger = postings.oldest(self.who.user_id, since=1, limit=1_000)
        posted = [posting for posting in ledger if posting.kind is PostingKind.TOPUP]
        opened = [entity(row, Intent) for row in IntentRow.scan()]
        assert [posting.change_of("wallet") for posting in posted] == [SUM]
        assert account(self.who.user_id).wallet_paisa == SUM
        assert account(self.who.user_id).points == self.who.points + POINTS_FOR_IT
        assert [intent.state for intent in opened] == [IntentState.SUCCESS]
        assert [intent.next_check_at for intent in opened] == [None]
        assert [*OutboxRow.scan()] == []
        assert not any(self.fake_world.queues.sent.values())
        assert whole_audit.audit(self.world) == []

    def open_and_pay(self) -> str:
        """Repeat the request with its key until it has a response, then pay."""
        headers = {"Idempotency-Key": "one top-up"}
        reply = self.answered(
            request(app, "POST", "/api/payment/wallet/topup-intent", ORDER, token=self.who.token, headers=headers)
        )
        intent_id = str(reply.data["intent_id"])
        self.opened.append(reply.data["payment_url"])
        self.fake_world.khalti.payment_statuses[intent_id] = PaymentStatus(
            PaymentState.PAID, f"paid-{intent_id}", SUM
        )
        return intent_id

    def let_act(self, guest: str, intent_id: str) -> None:
        if guest == "clock":
            self.pass_(minutes=2)
        elif guest == "callback":
            pidx = self.opened[-1].replace("https://pay.example.com/", "ref-")
            self.answered(request(app, "POST", "/api/payment/webhook/khalti", {"pidx": pidx}))
            consume(self.fake_world, PAYMENT_EVENTS)
        else:
            self.answered(
                request(app, "POST", "/api/payment/verify-topup", {"intent_id": intent_id}, token=self.who.token)
            )
            self.answered(request(app, "GET", f"/api/payment/status/{intent_id}", token=self.who.token))

    def pass_(self, **length: float) -> None:
        """Advance the clock, and run schedules and queues."""
        self.fake_world.clock.advance(**length)
        for name in ("sweep_intents", "sweep_outbox"):
            tick(self.world, name)
        for queue in (PAYMENT_EVENTS, POINTS):
            consume(self.fake_world, queue)

    def answered(self, reply: Reply) -> Reply:
        if reply.status >= 400:
            raise CallerGaveUp(reply.text)
        return reply


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("order", "again"),
    [
        (("callback", "client", "clock"), ("callback", "client")),
        (("client", "clock", "callback"), ("client",)),
        (("clock", "callback", "client"), ("callback",)),
        (("clock",), ()),
    ],
)
def test_a_topup_is_credited_once_with_a_fault_at_any_call(order: tuple[str, ...], again: tuple[str, ...]) -> None:
    def begin(fake_world: FakeWorld, world: World, who: Customer) -> TopUp:
        return TopUp(fake_world, world, who, order, again)

    crash_everywhere(f"top-up settled by {', '.join(order)}", customer, begin)
