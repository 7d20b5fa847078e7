"""A customer with open top-ups, and the callbacks of their gateways."""

from dataclasses import dataclass
from typing import Any

from app import app
from chalicelib.services import outbox
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_of

KHALTI, ESEWA, STRIPE = (f"/api/payment/webhook/{name}" for name in ("khalti", "esewa", "stripe"))


SIGNED = {"Stripe-Signature": "signed"}


APP = "bijuli://topup"


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class TopUp:
    """A customer with 1,000 rupees who opened a top-up of 500 by each gateway."""

    network: Network
    user_id: str
    khalti: str
    esewa: str
    stripe: str

    @property
    def pidx(self) -> str:
        return f"ref-{self.khalti}-1"

    @property
    def signed(self) -> str:
        return f"signed:{self.esewa}-1"

    def event(self, name: str = "evt_1", **about: Any) -> dict[str, Any]:
        return {"id": name, "order_ref": f"{self.stripe}-1", **about}

    def waiting(self) -> list[str]:
        """The ids of the top-ups whose check is queued."""
        return [body["intent_id"] for body in self.network.fake_world.queues.take(outbox.PAYMENT_EVENTS)]

    def deliver_messages(self) -> None:
        """Handle all queued and unsent messages."""
        self.network.deliver_messages()


def opened_by(network: Network) -> tuple[str, str, str, str]:
    """Open a top-up at each gateway. Returns the user id and the intent ids."""
    user = network.customer()
    token = token_of(network, user)

    def opened(method: str) -> str:
        order = {"amount": "500", "payment_method": method, "return_url": APP}
        intent_id: str = request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token).data[
            "intent_id"
        ]
        return intent_id

    return user, opened("khalti"), opened("esewa"), opened("stripe")


def called(path: str, body: Any) -> Reply:
    return request(app, "POST", path, body)
