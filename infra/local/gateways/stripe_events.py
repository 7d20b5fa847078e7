"""The simulated Stripe's events, signed and posted to our webhook."""

import hashlib
import hmac
import json
import secrets
from typing import Any

from infra.local.simulation import Simulation

API_VERSION = "2026-10-28.endive"
WEBHOOK_SECRET = "sandbox-stripe-webhook-secret"


class Events:
    """Sends events to our webhook at `api_url`."""

    def __init__(self, simulation: Simulation, api_url: str) -> None:
        self._simulation = simulation
        self._url = f"{api_url}/api/payment/webhook/stripe"

    def event(self, kind: str, about: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": f"evt_{secrets.token_hex(12)}",
            "object": "event",
            "api_version": API_VERSION,
            "created": int(self._simulation.clock.now().timestamp()),
            "data": {"object": about},
            "livemode": False,
            "pending_webhooks": 1,
            "type": kind,
        }

    def post_all(self, made: list[dict[str, Any]], forged: bool) -> int:
        """Post all events of a payment. Returns the status of the response to the session's event, else to the last.

        Of forged events only that one is posted.
        """
        main = next((event for event in made if event["type"].startswith("checkout.session.")), made[-1])
        if forged:
            return self.post_event(main, forged=True)
        statuses = {event["id"]: self.post_event(event) for event in made}
        return statuses[main["id"]]

    def post_event(self, event: dict[str, Any], *, forged: bool = False) -> int:
        """Post an event, signed as Stripe signs. Returns the response's status."""
        body = json.dumps(event, indent=2)
        at = int(self._simulation.clock.now().timestamp())
        secret = "another secret" if forged else WEBHOOK_SECRET
        proof = hmac.digest(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hex()
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": f"t={at},v1={proof}"}
        return self._simulation.callbacks.send("stripe", "POST", self._url, headers=headers, body=body).status_code
