"""Undocumented callbacks and returns of payment gateways name no payment, or count as forged."""

import base64
import json

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.gateways.esewa import RESPONSE_FIELDS
from tests.gateways.unreliable import esewa, khalti


@pytest.mark.parametrize("field", [*RESPONSE_FIELDS.split(",")[:-1], "signature"])
def test_half_a_character_in_esewas_data_raises_forged(field: str) -> None:
    content = dict.fromkeys(RESPONSE_FIELDS.split(","), "1") | {
        "signed_field_names": RESPONSE_FIELDS,
        "signature": "x",
    }
    data = base64.b64encode(json.dumps(content | {field: "\ud800"}).encode()).decode()
    with pytest.raises(Problem, match="webhook_forged"):
        esewa("http://127.0.0.1:9/").parse_callback({}, json.dumps({"data": data}).encode())


def test_khaltis_return_refers_to_its_pidx_and_an_empty_return_to_nothing() -> None:
    gateway, browser = khalti("http://127.0.0.1:9/"), {":method": "GET"}
    assert gateway.parse_callback(browser, b"pidx=pidx&status=Completed").gateway_ref == "pidx"
    assert gateway.parse_callback(browser, b"").gateway_ref is None
    assert gateway.parse_callback({}, b'{"pidx": ""}').gateway_ref is None
