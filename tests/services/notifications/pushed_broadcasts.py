"""Customers with a device each, who get broadcasts as pushes."""

from chalicelib.services import outbox
from chalicelib.services.notifications import devices
from chalicelib.services.notifications.devices import DeviceInfo
from chalicelib.tables.outbox import OutboxRow
from tests.scenarios.broadcast_scenario import BroadcastScenario
from tests.world.network import Network

TOKENS = [f"token-{number}" for number in range(6)]


class Pushes(BroadcastScenario):
    """Six customers with a device each."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.users = [self.customer() for _ in TOKENS]
        for user, token in zip(self.users, TOKENS, strict=True):
            self.register(user, token)

    def register(self, user: str, token: str, device: str = "phone") -> None:
        info, world = DeviceInfo(device, token, "android"), self.network.world
        caller = self.network.sessions[user].caller(world, *devices.prefetch_keys(world, user, info))
        devices.register(world, caller, info)

    @property
    def pushed(self) -> list[str]:
        """The tokens that got a push, sorted."""
        return sorted(token for token, *_ in self.network.fake_world.push.sent)

    def sweep(self, *, minutes: int = 2) -> int:
        self.network.fake_world.clock.advance(minutes=minutes)
        outbox.sweep(self.network.world)
        return self.push()

    @property
    def waiting(self) -> int:
        """The messages about broadcasts that are not done."""
        return sum(row.queue == outbox.BROADCASTS for row in OutboxRow.scan())
