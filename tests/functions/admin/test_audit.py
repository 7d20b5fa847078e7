"""Operators start an audit, and read the last one's result."""

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services.audit import segment_walks
from chalicelib.tables.users import UserRow
from infra.local.aws.iam import running
from tests.engines.counting import counted
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_for

PATH = "/api/admin/system/audit"


@pytest.fixture
def token(network: Network) -> str:
    return token_for(network.world, network.operator("auditor@example.com", Role.FINANCE))


def test_without_an_audit_there_is_no_result(network: Network, token: str) -> None:
    result = request(app, "GET", PATH, token=token).data
    assert (result["ok"], result["audit_id"], result["violations"], result["running"]) == (None, None, [], None)


def test_a_start_is_accepted_and_shown_as_running(network: Network, token: str) -> None:
    reply = request(app, "POST", PATH, {}, token=token)
    assert (reply.status, reply.data["status"]) == (202, "RUNNING")
    assert request(app, "GET", PATH, token=token).data["running"] == reply.data
    assert request(app, "POST", PATH, {}, token=token).data == reply.data


def test_a_finished_audit_shows_its_violations(network: Network, token: str) -> None:
    user_id = network.customer()
    UserRow(user_id).delete()
    audit_id = request(app, "POST", PATH, {}, token=token).data["audit_id"]
    with running("AuditLedger"):
        segment_walks.run(network.world, lambda: 120.0, workers=1)
    result = request(app, "GET", PATH, token=token).data
    assert (result["ok"], result["audit_id"], result["running"]) == (False, audit_id, None)
    assert {"rule": "user_gone", "about": user_id, "detail": ""} in result["violations"]
    assert result["violations_count"] >= len(result["violations"]) > 0


def test_a_start_takes_three_calls_and_the_result_three_without_a_scan(network: Network, token: str) -> None:
    for method, body in (("POST", {}), ("POST", {}), ("GET", None)):
        with counted() as counts:
            assert request(app, method, PATH, body, token=token).status < 300
        assert counts.round_trips <= 3, counts.calls
        assert "Scan" not in counts.calls
