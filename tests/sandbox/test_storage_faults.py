"""A start whose DynamoDB answers are lost or throttled: one rental, one eject, one price."""

from typing import Any

import pytest

from tests.sandbox.conftest import RunningSandbox
from tests.sandbox.test_eject_faults import give_back, paid_once


@pytest.mark.parametrize(
    "fault",
    [
        {"timeout": 0, "times": 1},
        {"timeout": 0, "times": 3},
        {"status": 400, "times": 2},
        {"status": 500, "times": 2},
    ],
)
def test_a_start_with_an_unknown_commit_is_paid_once(running_sandbox: RunningSandbox, fault: dict[str, Any]) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    running_sandbox.sandbox.post("/faults", {"service": "dynamodb", **fault})
    answer = running_sandbox.start(customer, station)
    running_sandbox.sandbox.drain()
    assert answer.status in (201, 202)
    rental = customer.api.get(f"/api/rentals/{answer.data['id']}")
    assert rental["status"] == "active"
    assert paid_once(customer)
    assert give_back(running_sandbox, customer, answer.data["id"], station)["status"] == "completed"
    assert running_sandbox.books_balance()
