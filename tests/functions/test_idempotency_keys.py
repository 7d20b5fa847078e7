"""Idempotency-Key headers: which values are valid."""

import pytest

from app import app
from tests.http_client import request
from tests.network import Network


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
