"""Each consumer ends alike for its messages in any order, each of them delivered twice."""

from collections import Counter
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest

from app import app
from chalicelib import wiring
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.services import outbox
from chalicelib.services.media import upload_checks
from tests.functions.test_consumers import feed
from tests.world.builders import LABIM, account
from tests.world.fake_world import FakeClock, FakeWorld
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.pictures import phone_photo
from tests.world.real_tables import all_rows, save_rows
from tests.world.tokens import token_of
from tests.world.uploading import direct

pytestmark = pytest.mark.long

MAX_MESSAGES = 4
QUEUES = (
    outbox.POINTS,
    outbox.PUSH,
    outbox.OTP,
    outbox.PAYMENT_EVENTS,
    outbox.REFUNDS,
    outbox.ERASURE,
    outbox.BROADCASTS,
)
"""`test_five_reports` delivers those of cabinets in every order."""
TEXTS = {"title": "Works again", "title_ne": "फेरि चल्यो", "message": "Thank you.", "message_ne": "धन्यवाद।"}


@dataclass
class Day:
    """Two customers whose day leaves messages in every queue."""

    network: Network

    def __post_init__(self) -> None:
        network = self.network
        self.users = [network.customer(), network.customer()]
        self.operator = token_of(network, network.operator("boss@example.com", Role.SUPER_ADMIN).user_id)
        for number, user in enumerate(self.users):
            device = {"device_id": "d", "fcm_token": f"t{number}", "device_type": "android"}
            request(app, "POST", "/api/auth/device", device, token=token_of(network, user))
        self.statuses: dict[str, PaymentStatus] = {}
        self.messages = {queue: self.of(queue) for queue in QUEUES}

    def of(self, queue: str) -> list[dict[str, Any]]:
        """The messages that something leaves in the queue."""
        self.network.fake_world.queues.sent.clear()
        for user in self.users:
            self._cause(queue, user, token_of(self.network, user))
        return self.network.fake_world.queues.take(queue)[:MAX_MESSAGES]

    def _cause(self, queue: str, user: str, token: str) -> None:
        network = self.network
        if queue in (outbox.POINTS, outbox.PUSH):
            rental = network.rented(user)
            network.fake_world.clock.advance(minutes=1)
            network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
            network.pay_topup(user, network.open_topup(user))
        elif queue == outbox.OTP:
            identifier = f"+97798415550{self.users.index(user):02d}"
            request(app, "POST", "/api/auth/get-otp", {"identifier": identifier})
        elif queue == outbox.PAYMENT_EVENTS:
            intents = [network.open_topup(user) for _ in range(2)]
            self.statuses |= {name: PaymentStatus(PaymentState.PAID, f"paid-{name}", 50_000) for name in intents}
            network.fake_world.queues.send(queue, [{"user_id": user, "intent_id": name} for name in intents])
        elif queue == outbox.REFUNDS:
            self._refund(user, token)
        elif queue == outbox.ERASURE:
            caller = network.sessions[user].caller(network.world)
            direct(network, caller, phone_photo())
            at = network.fake_world.clock.at
            network.fake_world.clock.advance(days=2)
            upload_checks.sweep(network.world)
            network.fake_world.clock.at = at
        else:
            body = TEXTS | {"title": f"Works again {self.users.index(user)}"}
            assert request(app, "POST", "/api/admin/system/broadcast", body, token=self.operator).status == 201

    def _refund(self, user: str, token: str) -> None:
        """An approved refund of a top-up."""
        network = self.network
        network.pay_topup(user, network.open_topup(user))
        feed(outbox.POINTS, *network.fake_world.queues.take(outbox.POINTS))
        (line, *_) = request(app, "GET", "/api/user/transactions?type=topup", token=token).data["results"]
        path = f"/api/payment/refund/{line['id']}"
        refund = request(app, "POST", path, {"reason": "by mistake"}, token=token).data["refund_id"]
        approved = request(app, "POST", f"/api/admin/refunds/{refund}/approve", {}, token=self.operator)
        assert approved.status == 200


def outcome(day: Day, fake_world: FakeWorld) -> Any:
    """What a consumer did, without the ids and the times that it made."""
    accounts = [account(user) for user in day.users]
    return (
        {table: len(rows) for table, rows in all_rows().items()},
        [(found.wallet_paisa, found.points, found.due_paisa, found.seq) for found in accounts],
        sorted(fake_world.sms.sent),
        Counter((token, title, text) for token, title, text, _ in fake_world.push.sent),
        sorted(map(str, fake_world.media.deleted)),
        sorted(str(item.refund_id) for item in fake_world.khalti.refunded),
        {queue: len(bodies) for queue, bodies in fake_world.queues.sent.items()},
    )


@pytest.mark.parametrize("queue", QUEUES)
def test_messages_in_any_order_and_twice_end_alike(network: Network, queue: str) -> None:
    day = Day(network)
    messages, put_rows_back = day.messages[queue], save_rows()
    assert len(messages) >= 2
    outcomes = []
    for order in permutations(messages):
        put_rows_back()
        first = network.fake_world
        fake_world = FakeWorld(clock=FakeClock(first.clock.at), settings=first.settings, ids_count=first.ids_count)
        fake_world.khalti.payment_statuses = day.statuses
        fake_world.media.stored = dict(first.media.stored)
        fake_world.media.places = dict(first.media.places)
        wiring.use_world(fake_world.world())
        assert feed(queue, *order, *order) == []
        assert feed(queue, *order) == []
        outcomes.append(outcome(day, fake_world))
    assert outcomes == [outcomes[0]] * len(outcomes)
