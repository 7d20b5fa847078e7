"""A customer with every kind of personal row and file, for the tests of account deletion."""

from dataclasses import dataclass, field
from typing import Any

from chalicelib.services.caller import Caller
from chalicelib.services.users import deletion
from chalicelib.services.users.profile import profile_keys
from chalicelib.world import World
from tests.world.builders import SignedIn, phone
from tests.world.network import Network


@dataclass
class CustomerToDelete:
    """A customer with personal data in every table, queue and store."""

    network: Network
    number: int
    user_id: str = ""
    session: SignedIn = field(default_factory=lambda: SignedIn("", ""))

    @property
    def phone(self) -> str:
        return phone(self.number)

    @property
    def document(self) -> str:
        return f"27-01-70-77{self.number:03d}"

    @property
    def personal_values(self) -> dict[str, str]:
        """The values that no table, queue or store may hold after the deletion, by kind."""
        n = f"{self.number:03d}"
        return {
            "phone": self.phone[4:],
            "username": f"leaver_{n}",
            "email": f"leaver{n}@example.com",
            "full name": f"Maya Canary{n}",
            "address": f"Canary Tole {n}",
            "document under the fake seal": self.document[::-1],
            "district": f"Canarypur{n}",
            "push token": f"canary-token-{n}",
            "device": f"canary-device-{n}",
            "device name": f"Canaryphone {n}",
            "reason of a refund": f"canary refund {n}",
            "notes on a refund": f"canary notes {n}",
            "reference of a refund": f"canary bank {n}",
            "reason of an addition": f"canary addition {n}",
            "notes on an addition": f"canary addendum {n}",
            "reason of a cancellation": f"canary cancel {n}",
            "name of a coupon": f"canary coupon {n}",
            "report about a station": f"canary station report {n}",
            "report about a rental": f"canary rental report {n}",
        }

    @property
    def operator_text(self) -> str:
        """The text that an operator writes into every free-text field."""
        return f"canary reason {self.number:03d}"

    def caller(self, world: World | None = None) -> Caller:
        return self.session.caller(world or self.network.world, *profile_keys(self.user_id))

    def delete(self, world: World | None = None, *, forfeit: bool = True) -> Any:
        used_world = world or self.network.world
        return deletion.delete(used_world, self.caller(used_world), forfeit_balance=forfeit)

    @property
    def files(self) -> list[str]:
        return [public_id for public_id in self.network.fake_world.media.stored if self.user_id in public_id]
