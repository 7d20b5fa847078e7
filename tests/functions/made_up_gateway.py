"""A payment gateway that does not exist: its row and its file, as `pytest -p` loads them before anything else."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from chalicelib.domain.configuration.gateway_registry import (
    GATEWAYS,
    CallbackField,
    CallbackSpec,
    GatewayAccount,
    GatewaySetting,
    GatewaySpec,
)
from chalicelib.domain.payments.payment_gateway import CallbackRef, Checkout
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.gateways.callback_parsing import event_id, fields_of
from tests.world.fakes import FakeGateway

NAME = "payme"
FIELDS = (CallbackField("order", "Our reference of the order"),)
ROW = GatewaySpec(
    NAME,
    "PayMe",
    min_paisa=5_000,
    max_paisa=200_000,
    settings=(GatewaySetting("api_url", default="https://payme.example"), GatewaySetting("key", secret=True)),
    callback=CallbackSpec("PaymeCallback", "PayMe points at a payment.", FIELDS),
    browser_return=CallbackSpec("PaymeReturn", "The customer's browser comes back from PayMe.", FIELDS),
    refunds_by_call=True,
    posts_form=True,
)


@dataclass
class Payme(FakeGateway):
    """A fake gateway with its own checkout and its own callback."""

    name: str = NAME
    account: GatewayAccount | None = None

    def create_checkout(self, intent: Intent) -> Checkout:
        self.created.append(intent.order_ref)
        return Checkout("https://payme.example/pay", method="POST", form_fields={"order": intent.order_ref})

    def parse_callback(self, headers: Mapping[str, str], raw: bytes) -> CallbackRef:
        order = fields_of(headers, raw).get("order")
        return CallbackRef(order_ref=order, event_id=event_id(order or ""))


def connect(account: GatewayAccount) -> Payme:
    return Payme(account=account)


def register() -> None:
    """One row, and one file in `gateways/`."""
    module = ModuleType(f"chalicelib.gateways.{NAME}")
    module.connect = connect  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    GATEWAYS[NAME] = ROW


def pytest_configure() -> None:
    """The hook by which pytest knows a plugin. The row is registered when this file is imported."""
    assert NAME in GATEWAYS


register()
