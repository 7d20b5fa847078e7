"""Requests and decides refunds of one customer through the routes."""

from dataclasses import dataclass
from typing import Any

from app import app
from chalicelib.domain.payments.refund import Refund
from chalicelib.services.refunds import decisions
from tests.scenarios.refund_scenario import RefundScenario
from tests.world.http_client import Reply, request
from tests.world.tokens import token_for, token_of

PENDING_REFUNDS, ALL_REFUNDS = "/api/admin/refunds/pending", "/api/admin/refunds"


@dataclass
class RefundOffice:
    """Refunds of one customer, requested and decided through the routes."""

    scenario: RefundScenario

    def __post_init__(self) -> None:
        self.customer = token_of(self.scenario.network, self.scenario.user)
        self.operator = token_for(self.scenario.world, self.scenario.operator())

    def ask(self, transaction: str, **headers: str) -> Reply:
        path = f"/api/payment/refund/{transaction}"
        return request(app, "POST", path, {"reason": "by mistake"}, token=self.customer, headers=headers)

    def requested(self, **top_up: Any) -> str:
        """Request a refund. Returns its id."""
        refund_id: str = self.ask(self.scenario.top_up(**top_up)).data["refund_id"]
        self.scenario.fake_world.clock.advance(seconds=1)
        return refund_id

    def decide(self, refund_id: str, verb: str, body: Any = None, **headers: str) -> Reply:
        path = f"/api/admin/refunds/{refund_id}/{verb}"
        return request(app, "POST", path, body or {}, token=self.operator, headers=headers)

    def open(self, value: Any, **headers: str) -> Reply:
        return request(app, "POST", ALL_REFUNDS, value, token=self.operator, headers=headers)

    def refund(self, refund_id: str) -> Refund:
        return decisions.read(refund_id)

    def see(self, url: str) -> Any:
        return request(app, "GET", url, token=self.operator).data
