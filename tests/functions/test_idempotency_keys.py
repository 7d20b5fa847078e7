"""Idempotency-Key headers: which values are valid, and a response that DynamoDB does not store."""

import pytest

from app import app
from infra.local.simulation import Simulation
from tests.engines.storage_conflicts import conflicts
from tests.world.http_client import request
from tests.world.network import Network


@pytest.mark.parametrize("key", ["", "x" * 256, "snow \u2603", "tab\there"])
def test_odd_idempotency_keys_are_refused(key: str, network: Network, tokens: dict[str, str]) -> None:
    order = {"amount": "100", "payment_method": "khalti"}
    reply = request(
        app,
        "POST",
        "/api/payment/wallet/topup-intent",
        order,
        token=tokens["customer"],
        headers={"Idempotency-Key": key},
    )
    assert reply.status == (201 if key == "" else 422)


def test_a_response_that_is_not_stored_is_sent(
    network: Network, tokens: dict[str, str], storage_faults: Simulation
) -> None:
    order, headers = {"amount": "100", "payment_method": "khalti"}, {"Idempotency-Key": "key"}
    conflicts(storage_faults, 1_000_000, "UpdateItem")
    path = "/api/payment/wallet/topup-intent"
    first = request(app, "POST", path, order, token=tokens["customer"], headers=headers)
    assert first.status == 201
    storage_faults.faults.clear()
    network.fake_world.clock.advance(minutes=2)
    again = request(app, "POST", path, order, token=tokens["customer"], headers=headers)
    assert (again.status, again.data["intent_id"]) == (201, first.data["intent_id"])
