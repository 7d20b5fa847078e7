"""The simulated companies, all on the sandbox's port."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Blueprint

from chalicelib.domain.payments.topup_intent import Intent
from infra.local.companies.cloudinary import CloudinaryServer
from infra.local.companies.fcm import FcmServer
from infra.local.companies.ses import SesServer
from infra.local.companies.sparrow import SparrowServer
from infra.local.gateways.esewa import EsewaServer
from infra.local.gateways.khalti import KhaltiServer
from infra.local.gateways.stripe import StripeServer
from infra.local.simulation import Simulation
from infra.local.snapshots.sandbox_state import Part


class Companies:
    """All simulated companies: their blueprints, settings and controls."""

    def __init__(self, simulation: Simulation, sandbox_url: str, api_url: str) -> None:
        self._khalti = KhaltiServer(simulation, sandbox_url)
        self._esewa = EsewaServer(simulation, sandbox_url, api_url)
        self.stripe = StripeServer(simulation, sandbox_url, api_url)
        self._sparrow = SparrowServer(simulation, sandbox_url)
        self._ses = SesServer(simulation, sandbox_url)
        self._fcm = FcmServer(simulation, sandbox_url)
        self.cloudinary = CloudinaryServer(simulation, sandbox_url)
        self._all = (
            self._khalti,
            self._esewa,
            self.stripe,
            self._sparrow,
            self._ses,
            self._fcm,
            self.cloudinary,
        )
        self.gateways: Mapping[str, KhaltiServer | EsewaServer | StripeServer] = {
            "khalti": self._khalti,
            "esewa": self._esewa,
            "stripe": self.stripe,
        }
        self.outboxes: Mapping[str, Callable[[str | None], list[Any]]] = {
            "sms": self._sparrow.messages,
            "emails": self._ses.emails,
            "pushes": self._fcm.pushes,
            "media": self.cloudinary.stored,
        }
        self.services = frozenset(server.blueprint.name for server in self._all)
        self.blueprints: list[Blueprint] = [server.blueprint for server in self._all]
        self.path_prefixes = [f"{blueprint.url_prefix}/" for blueprint in self.blueprints]

    def parts(self) -> Mapping[str, Part]:
        """What a snapshot holds of each company."""
        return {
            "khalti": self._khalti,
            "esewa": self._esewa,
            "stripe": self.stripe,
            "sparrow": self._sparrow.sent,
            "ses": self._ses.sent,
            "fcm": self._fcm.sent,
            "cloudinary": self.cloudinary,
        }

    def add_earlier_payments(self, credited: Iterable[Intent]) -> None:
        """Add payments that were made at Khalti before this start."""
        for intent in credited:
            self._khalti.add_earlier_payment(intent)

    def environment(self) -> dict[str, str]:
        """The service's settings for all of them."""
        content: dict[str, str] = {}
        for server in self._all:
            content |= server.environment()
        return content
