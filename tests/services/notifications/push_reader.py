"""A customer with devices and one notification, for the tests of pushes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.notifications.push_delivery import PushState
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.notifications import devices, inbox, push
from chalicelib.services.notifications.devices import DeviceInfo
from chalicelib.tables import outbox
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.push_deliveries import PushDeliveryRow
from tests.world.network import Network


@dataclass
class Reader:
    """A customer with devices and one notification."""

    network: Network
    user: str
    bodies: list[Mapping[str, Any]] = field(default_factory=list)

    def register(self, *tokens: str) -> "Reader":
        """One device for each token's name."""
        for token in tokens:
            info = DeviceInfo(f"of-{token}", token, "android")
            caller = self.network.sessions[self.user].caller(
                self.network.world, *devices.prefetch_keys(self.network.world, self.user, info)
            )
            devices.register(self.network.world, caller, info)
        return self

    def notify(self, kind: NotificationKind = NotificationKind.KYC_APPROVED, **data: Any) -> "Reader":
        atomic(self.network.world, lambda ops: inbox.notify(ops, self.network.world, self.user, kind, data))
        self.bodies = list(self.network.fake_world.queues.take(outbox_messages.PUSH))
        return self

    def deliver(self) -> None:
        """Run the consumer with the last message."""
        push.deliver(self.network.world, self.bodies[-1])

    @property
    def pushed(self) -> list[str]:
        return [token for token, *_ in self.network.fake_world.push.sent]

    @property
    def waiting(self) -> bool:
        """Whether the message still waits in the outbox."""
        return fetch_one(outbox.message_key(str(self.bodies[-1]["message_id"]))) is not None

    def log(self) -> dict[str, tuple[PushState, int]]:
        return {row.push_id.partition("#of-")[2]: (row.state, row.tries_count) for row in PushDeliveryRow.scan()}
