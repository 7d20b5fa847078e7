"""An operator sends broadcasts, and customers read their lists."""

from datetime import datetime, timedelta
from typing import Any

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services import outbox
from chalicelib.services.notifications import broadcast_push
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_of

ADMIN = "/api/admin/system/broadcast"
LIST = "/api/user/notifications"
TEXTS: dict[str, Any] = {
    "title": "Short break",
    "title_ne": "केही समय बन्द",
    "message": "You can return power banks as always.",
    "message_ne": "पावर बैंक फिर्ता गर्न मिल्छ।",
}


class BroadcastScenario:
    """A member of the support, and a customer whose list is empty."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.tokens: dict[str, tuple[datetime, str]] = {}
        self.operator = network.operator("support@example.com", Role.SUPPORT).user_id
        self.user = self.customer()

    def customer(self) -> str:
        """One more customer with an empty list. A second goes by."""
        user = self.network.customer(wallet_paisa=0)
        self.network.clear_inbox(user)
        self.network.fake_world.clock.advance(seconds=1)
        return user

    def token(self, user: str) -> str:
        """An access token of the user, the same for ten minutes."""
        now = self.network.world.now()
        made_at, token = self.tokens.get(user, (now - timedelta(hours=1), ""))
        if now - made_at >= timedelta(minutes=10):
            made_at, token = now, token_of(self.network, user)
        self.tokens[user] = made_at, token
        return token

    def request(self, **fields: Any) -> Reply:
        headers = fields.pop("headers", None)
        token = self.token(fields.pop("by", self.operator))
        return request(app, "POST", ADMIN, TEXTS | fields, token=token, headers=headers)

    def send(self, **fields: Any) -> str:
        """Send a broadcast; a second goes by. Returns its id."""
        reply = self.request(**{"send_again": True} | fields)
        assert reply.status == 201, reply.text
        self.network.fake_world.clock.advance(seconds=1)
        return str(reply.data["id"])

    def of(self, user: str, method: str, path: str = LIST, **more: Any) -> Reply:
        body: Any = {} if method == "POST" else None
        return request(app, method, path, body, token=self.token(user), **more)

    def listed(self, user: str | None = None, query: str = "") -> list[str]:
        """The ids in a user's list. The unread count agrees with it."""
        data = self.of(user or self.user, "GET", f"{LIST}?limit=100{query}").data
        if not query:
            assert data["unread_count"] == len([item for item in data["results"] if not item["is_read"]])
        return [item["id"] for item in data["results"]]

    def unread(self, user: str | None = None) -> list[str]:
        return self.listed(user, "&is_read=false")

    def push(self) -> int:
        """Handle the messages of the queue until none is left. Returns their number."""
        count = 0
        while bodies := self.network.fake_world.queues.take(outbox.BROADCASTS):
            for body in bodies:
                broadcast_push.deliver(self.network.world, body)
                count += 1
        return count
