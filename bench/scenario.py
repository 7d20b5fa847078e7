"""A network on a real engine over HTTP, used through the app's own routes."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from typing import Any

import botocore.session

from chalicelib import wiring
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.services.auth.sessions import ACCESS
from chalicelib.services.stations import listing_refresh
from chalicelib.tables.all_tables import ROW_TYPES
from chalicelib.tables.dynamodb import connect
from infra.local.aws import cloud
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from infra.local.seeds import seed
from tests.world.builders import LABIM, SignedIn, sign_in
from tests.world.fake_world import FakeWorld
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, Network


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


@contextmanager
def started(engine: str) -> Iterator[BenchScenario]:
    """A network on moto's server or dynoxide, which stops at the end."""
    from app import app

    created = cloud.start(engine)
    try:
        os.environ.update(created.environment())
        connect(ROW_TYPES, cloud.PREFIX, botocore.session.get_session())
        with redirect_stdout(StringIO()):
            built = BenchScenario(app)
        yield built
    finally:
        wiring.use_world(None)
        created.stop()
