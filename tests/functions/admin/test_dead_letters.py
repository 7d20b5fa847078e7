"""Operators look at dead letters and have them handled again, and see nothing personal."""

import pytest

from app import app
from chalicelib.domain.operations.dead_letter import DeadLetter
from chalicelib.domain.operators.role import Role
from chalicelib.services import outbox
from chalicelib.tables.audit_log import AuditLogRow
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_for

PATH = "/api/admin/system/dead-letters"
BODY = {"message_id": "m1", "user_id": "u1", "identifier": "+9779841234567", "code": "123456"}


@pytest.fixture
def token(network: Network) -> str:
    return token_for(network.world, network.operator("boss@example.com", Role.ADMIN))


def plant(network: Network, count: int) -> None:
    network.fake_world.queues.send(outbox.dead_letter_name(outbox.OTP), [BODY] * count)


def redrive(token: str, **body: int) -> Reply:
    return request(app, "POST", f"{PATH}/{outbox.OTP}/redrive", body, token=token)


def test_each_queue_says_how_many_wait(network: Network, token: str) -> None:
    plant(network, 3)
    counts = {item["queue"]: item["messages"] for item in request(app, "GET", PATH, token=token).data["results"]}
    assert counts == dict.fromkeys(outbox.CONSUMED, 0) | {outbox.OTP: 3}


def test_a_letter_shows_ids_and_no_personal_data(network: Network, token: str) -> None:
    plant(network, 12)
    reply = request(app, "GET", f"{PATH}/{outbox.OTP}", token=token)
    assert len(reply.data["results"]) == 10
    assert reply.data["results"][0]["fields"] == {"message_id": "m1", "user_id": "u1"}
    assert reply.data["results"][0]["hidden_fields"] == ["code", "identifier"]
    assert "9841234567" not in reply.text
    for body in ("no json", "[1]", "null", "[" * 60_000):
        odd = DeadLetter("1", body, network.world.now(), 8)
        assert (odd.shown, odd.hidden) == ({}, ())


def test_letters_go_back_to_their_queue_with_an_entry_in_the_log(network: Network, token: str) -> None:
    plant(network, 3)
    assert redrive(token, limit=2).data == {"queue": outbox.OTP, "moved": 2, "left": 1}
    assert list(network.fake_world.queues.sent[outbox.OTP]) == [BODY, BODY]
    assert redrive(token).data["moved"] == 1
    assert redrive(token).data["moved"] == 0
    entries = [row for row in AuditLogRow.scan() if row.action == "dead_letter_redriven"]
    assert {(row.target, row.changes["before"]["waiting"]) for row in entries} == {
        (outbox.OTP, waiting) for waiting in (3, 1, 0)
    }


def test_an_unknown_queue_is_not_found_and_an_unreachable_one_is_busy(network: Network, token: str) -> None:
    assert request(app, "GET", f"{PATH}/bijuli-nothing", token=token).code == "not_found"
    assert request(app, "POST", f"{PATH}/bijuli-nothing/redrive", {}, token=token).code == "not_found"
    network.fake_world.queues.unavailable = True
    assert (redrive(token).status, redrive(token).code) == (503, "busy")
