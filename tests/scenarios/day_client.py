"""The client of the full day: requests, tokens, queues, and the secrets that no log may show."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app import app
from chalicelib.services import outbox
from chalicelib.services.auth.otp_delivery import deliver
from chalicelib.tables import event_log
from infra.local.seeds import seed
from tests.world.forms import DOCUMENT_NUMBER
from tests.world.http_client import Reply, request, route_of
from tests.world.network import Network
from tests.world.pictures import PLACE

PHONE, EMAIL = "+9779841999001", "sita.canary@example.com"
PUSH_TOKEN, NEXT_PUSH_TOKEN = "cK3xPushCanary:APA91bFirst", "cK3xPushCanary:APA91bSecond"
WRONG_CODE = "000000"
COLLEAGUE = "colleague@example.com"
"""The e-mail of a second operator, once the day has one."""


@dataclass
class DayClient:
    """The used routes, the secrets that the day produced, and the queued messages."""

    network: Network
    routes_used: set[str] = field(default_factory=set)
    secrets: set[str] = field(
        default_factory=lambda: {
            PHONE[4:],
            EMAIL,
            DOCUMENT_NUMBER,
            PLACE,
            seed.ADMIN_PASSWORD,
            PUSH_TOKEN,
            NEXT_PUSH_TOKEN,
        }
    )
    queued: list[dict[str, Any]] = field(default_factory=list)
    token: str | None = None
    refresh: str = ""

    def request(self, method: str, url: str, body: Any = None, **more: Any) -> Reply:
        """Send a request. Fails unless the response is a success."""
        reply = request(app, method, url, body, token=self.token, **more)
        assert reply.status < 400, (url, reply.text)
        self.routes_used.add(f"{method} {route_of(app, method, url.partition('?')[0])[0]}")
        return reply

    def prove(self, identifier: str = PHONE) -> str:
        """A verification token for the phone or the address, after one wrong code."""
        self.network.fake_world.clock.advance(minutes=2)
        challenge = self.request("POST", "/api/auth/get-otp", {"identifier": identifier}).data
        for body in self.take(outbox.OTP):
            deliver(self.network.world, body)
        sent = self.network.fake_world.sms.sent if identifier == PHONE else self.network.fake_world.mail.sent
        code = sent[-1][-1].split(" ", maxsplit=1)[0]
        proof = {"identifier": identifier, "challenge_id": challenge["challenge_id"]}
        assert request(app, "POST", "/api/auth/verify-otp", proof | {"otp": WRONG_CODE}).code == "otp_wrong"
        token: str = self.request("POST", "/api/auth/verify-otp", proof | {"otp": code}).data["verification_token"]
        self.secrets |= {code, token}
        return token

    def answer_order(self, report: Callable[[], None]) -> None:
        """The cabinet reports once, while the request that sends it an order waits.

        A request waits also before it tries a write again, and then the cabinet may have no order yet.
        """
        fake_world = self.network.fake_world
        before = fake_world.cabinets.orders_count

        def answer() -> None:
            if fake_world.cabinets.orders_count == before:
                return
            fake_world.on_pause = None
            report()
            event_log.write(self.network.log_entries)
            self.network.log_entries.clear()

        fake_world.on_pause = answer

    def take(self, queue: str) -> list[dict[str, Any]]:
        bodies = self.network.fake_world.queues.take(queue)
        self.queued += bodies
        return bodies

    def store_tokens(self, tokens: Any) -> None:
        self.secrets |= {tokens["access"], tokens["refresh"]}
        self.token, self.refresh = tokens["access"], tokens["refresh"]

    def operator_token(self, email: str = seed.ADMIN_EMAIL) -> str:
        """The access token of an operator who signs in."""
        customers, self.token = self.token, None
        operator = {"email": email, "password": seed.ADMIN_PASSWORD}
        opened = self.request("POST", "/api/admin/login", operator).data
        self.token = customers
        self.secrets |= {opened["access_token"], opened["refresh_token"]}
        token: str = opened["access_token"]
        return token

    def request_as_operator(self, method: str, url: str, body: Any = None, *, email: str = seed.ADMIN_EMAIL) -> Reply:
        """Send a request as an operator."""
        mine, self.token = self.token, self.operator_token(email)
        reply = self.request(method, url, body)
        self.token = mine
        return reply

    def sign_in_again(self) -> None:
        self.token = None
        proof = {"identifier": EMAIL, "verification_token": self.prove(EMAIL)}
        self.store_tokens(self.request("POST", "/api/auth/login", proof).data["tokens"])

    def refresh_tokens(self) -> None:
        """Refresh the tokens."""
        reply = self.request("POST", "/api/auth/refresh", {"refresh": self.refresh})
        assert reply.body["access"] == reply.data["access"]
        self.store_tokens(reply.data["tokens"])
