"""A top-up that dies, waits or is refused at any call out: credited once in the end, nothing left open."""

from dataclasses import dataclass, field

import pytest

from app import app
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.payment_gateway import Outcome, Paid
from chalicelib.domain.topup import IntentState
from chalicelib.services.audit import ledger as ledger_audit
from chalicelib.services.outbox import PAYMENT_NEWS, POINTS
from chalicelib.tables import audit_scan
from chalicelib.world import World
from tests.asking import Asked, ask
from tests.builders import account
from tests.clocks import consume, tick
from tests.crashing import GaveUp, crash_everywhere
from tests.doors import token_of
from tests.fake_world import Scene
from tests.street import Street

SUM, POINTS_FOR_IT = 50_000, 50
ORDER = {"amount": "500.00", "payment_method": "khalti"}


@dataclass(frozen=True)
class Customer:
    """Who tops up, and what their app holds."""

    user_id: str
    token: str
    points: int


def customer(street: Street) -> Customer:
    user = street.customer(wallet_paisa=0)
    street.hear_messages()
    return Customer(user, token_of(street, user), account(user).points)


@dataclass
class TopUp:
    """Opened and paid; then the gateway calls back, the client verifies and the clock ticks, in `order`."""

    scene: Scene
    world: World
    who: Customer
    order: tuple[str, ...]
    again: tuple[str, ...]
    """Who comes once more afterwards, beside the clock; it alone must do."""
    opened: list[str] = field(default_factory=list)

    def run(self) -> None:
        intent_id = self.open_and_pay()
        self.scene.clock.pass_(minutes=2)
        for guest in self.order:
            self.hear(guest, intent_id)

    def recover(self) -> None:
        self.pass_(minutes=2)
        intent_id = self.open_and_pay()
        for guest in self.again:
            self.hear(guest, intent_id)
        for _ in range(2):
            self.pass_(minutes=6)

    def check(self) -> None:
        held = audit_scan.read()
        posted = [one for one in held.postings if one.user_id == self.who.user_id and one.kind is PostingKind.TOPUP]
        assert [one.of("wallet") for one in posted] == [SUM]
        assert account(self.who.user_id).wallet_paisa == SUM
        assert account(self.who.user_id).points == self.who.points + POINTS_FOR_IT
        assert [one.state for one in held.intents] == [IntentState.SUCCESS]
        assert [one.look_at for one in held.intents] == [None]
        assert held.messages == []
        assert not any(self.scene.queues.sent.values())
        assert ledger_audit.audit(self.world) == []

    def open_and_pay(self) -> str:
        """The same request by the same key, until it is answered; the customer pays where it says."""
        headers = {"Idempotency-Key": "one top-up"}
        told = self.answered(
            ask(app, "POST", "/api/payment/wallet/topup-intent", ORDER, token=self.who.token, headers=headers)
        )
        intent_id = str(told.data["intent_id"])
        self.opened.append(told.data["payment_url"])
        self.scene.khalti.outcomes[intent_id] = Outcome(Paid.PAID, f"paid-{intent_id}", SUM)
        return intent_id

    def hear(self, guest: str, intent_id: str) -> None:
        if guest == "clock":
            self.pass_(minutes=2)
        elif guest == "callback":
            pidx = self.opened[-1].replace("https://pay.example.com/", "ref-")
            self.answered(ask(app, "POST", "/api/payment/webhook/khalti", {"pidx": pidx}))
            consume(self.scene, PAYMENT_NEWS)
        else:
            self.answered(
                ask(app, "POST", "/api/payment/verify-topup", {"intent_id": intent_id}, token=self.who.token)
            )
            self.answered(ask(app, "GET", f"/api/payment/status/{intent_id}", token=self.who.token))

    def pass_(self, **length: float) -> None:
        """Time passes; whatever the clock and the queues bring, they bring."""
        self.scene.clock.pass_(**length)
        for name in ("sweep_intents", "sweep_outbox"):
            tick(self.world, name)
        for queue in (PAYMENT_NEWS, POINTS):
            consume(self.scene, queue)

    def answered(self, answer: Asked) -> Asked:
        if answer.status >= 400:
            raise GaveUp(answer.text)
        return answer


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
def test_a_topup_is_credited_once_wherever_it_breaks(order: tuple[str, ...], again: tuple[str, ...]) -> None:
    def begin(scene: Scene, world: World, who: Customer) -> TopUp:
        return TopUp(scene, world, who, order, again)

    crash_everywhere(f"top-up settled by {', '.join(order)}", customer, begin)
