"""Alibaba's adapter for tests, with the settings of the sandbox's platform."""

import itertools
from datetime import UTC, datetime
from typing import Any

from chalicelib.gateways.alibaba_iot import AlibabaCabinets
from chalicelib.world import Cabinets
from infra.local.cabinets.iot_server import KEY_ID, KEY_SECRET, REGION

PRODUCT = "a1product"
INSTANCE = "iot-instance"
ONLINE_IMEI, OFFLINE_IMEI = "864601069946994", "864601069946995"
SENT_AT = datetime(2026, 11, 23, 16, 7, 32, tzinfo=UTC)
ReceivedCommands = list[tuple[str, dict[str, Any]]]


def cabinets_at(url: str, **changes: Any) -> Cabinets:
    numbers = itertools.count()
    plain: dict[str, Any] = {
        "region": REGION,
        "instance_id": INSTANCE,
        "product_key": PRODUCT,
        "key_id": KEY_ID,
        "key_secret": KEY_SECRET,
        "now": lambda: datetime.now(UTC),
        "nonce": lambda: f"nonce-{next(numbers)}",
        "timeout_seconds": (2, 5),
    }
    return AlibabaCabinets(url, **{**plain, **changes})
