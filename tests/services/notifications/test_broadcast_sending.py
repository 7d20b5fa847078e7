"""Operators send broadcasts once, and list them."""

from typing import Any

import pytest

from chalicelib.domain.operators.role import Role
from tests.engines.counting import counted
from tests.engines.interleaving import interleave
from tests.scenarios.broadcast_scenario import ADMIN, TEXTS, BroadcastScenario
from tests.world.network import Network
from tests.world.real_tables import all_rows


@pytest.fixture
def scenario(network: Network) -> BroadcastScenario:
    return BroadcastScenario(network)


def test_a_broadcast_costs_the_same_writes_for_any_number_of_users(scenario: BroadcastScenario) -> None:
    """No row names a reader, so that a hundred thousand users cost what two do."""
    scenario.token(scenario.operator)
    before = {table: len(rows) for table, rows in all_rows().items()}
    with counted() as counts:
        scenario.send(channels=["in_app"])
    after = {table: len(rows) - before[table] for table, rows in all_rows().items()}
    assert {table: count for table, count in after.items() if count} == {
        "test-audit_log": 1,
        "test-broadcast_feeds": 1,
        "test-broadcasts": 1,
    }
    assert counts.calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


def test_the_same_text_is_asked_about_before_it_goes_twice(scenario: BroadcastScenario) -> None:
    assert scenario.request().status == 201
    again = scenario.request(channels=["in_app"])
    assert (again.status, again.code) == (409, "broadcast_just_sent")
    assert scenario.request(audience="renters").status == 201
    assert scenario.request(send_again=True).status == 201
    scenario.network.fake_world.clock.advance(minutes=11)
    assert scenario.request().status == 201


def test_two_operators_at_once_send_one(scenario: BroadcastScenario) -> None:
    other = scenario.network.operator("other@example.com", Role.ADMIN).user_id
    for user in (scenario.operator, other):
        scenario.token(user)
    with interleave(lambda: scenario.request(by=other)) as replies:
        late = scenario.request()
    assert ([reply.status for reply in replies], late.code) == ([201], "broadcast_just_sent")


def test_an_idempotency_key_gets_the_same_broadcast(scenario: BroadcastScenario) -> None:
    key = {"Idempotency-Key": "a click"}
    first, second = scenario.request(headers=key), scenario.request(headers=key)
    assert (second.status, second.data) == (201, first.data)
    assert scenario.listed() == [first.data["id"]]


@pytest.mark.parametrize(
    "fields",
    [
        {"title_ne": ""},
        {"message_ne": "\u200b"},
        {"title": "x" * 31},
        {"message": "x" * 111},
        {"channels": []},
        {"channels": ["sms"]},
        {"channels": ["push", "push", "in_app"]},
        {"audience": "everybody"},
    ],
)
def test_a_broadcast_that_cannot_be_shown_is_refused(scenario: BroadcastScenario, fields: dict[str, Any]) -> None:
    refused = scenario.request(**fields)
    assert (refused.status, list(refused.body["errors"])) == (422, list(fields))
    assert scenario.listed() == []


def test_operators_list_broadcasts_and_their_log_names_the_sender(scenario: BroadcastScenario) -> None:
    sent = [scenario.send(), scenario.send(audience="renters", channels=["push"])]
    page = scenario.of(scenario.operator, "GET", f"{ADMIN}?page_size=1").data
    (newest,) = page["results"]
    assert (newest["id"], newest["audience"], newest["channels"]) == (sent[1], "RENTERS", ["PUSH"])
    assert (newest["sent_by"], newest["title_ne"]) == (scenario.operator, TEXTS["title_ne"])
    assert page["pagination"]["total_count"] == 2
    entries = [row for row in all_rows()["test-audit_log"] if "broadcast_sent" in row]
    assert len(entries) == 2
    assert all(scenario.operator in entry for entry in entries)
