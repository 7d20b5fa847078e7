"""Operators who are disabled or demoted, and customers who are deleted, in the middle of an operator's action."""

from collections.abc import Callable
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from tests.engines.interleaving import interleave
from tests.functions.sample_bodies import PACKAGE_BODY
from tests.scenarios.deletion_scenario import delete_customer
from tests.world.builders import LABIM, account
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of


def operator(network: Network, role: Role = Role.ADMIN, name: str = "asha") -> str:
    return network.operator(f"{name}@example.com", role).user_id


def profile(network: Network, operator_id: str, method: str, body: Any = None) -> Callable[[], Reply]:
    """What another super admin does with an operator."""
    super_admin = token_of(network, operator(network, Role.SUPER_ADMIN, "boss"))
    return lambda: request(app, method, f"/api/admin/profiles/{operator_id}", body, token=super_admin)


ACTIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "adds money": ("POST", "/api/admin/users/{user_id}/add-balance", {"amount": "50", "reason": "a jammed slot"}),
    "bans": ("PATCH", "/api/admin/users/{user_id}/status", {"status": "banned"}),
    "changes a station": ("PATCH", f"/api/admin/stations/{LABIM.sn}", {"landmark": "Gate 2"}),
    "sends a command": ("POST", f"/api/admin/stations/{LABIM.sn}/remote-command", {"command": "check"}),
    "adds a package": ("POST", "/api/admin/packages", PACKAGE_BODY),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("method", "body"), [("PATCH", {"is_active": False}), ("DELETE", None), ("PATCH", {"role": "support"})]
)
def test_an_operator_who_is_disabled_or_demoted_meanwhile_changes_nothing(
    network: Network, action: str, method: str, body: Any
) -> None:
    user, asha = network.customer(), operator(network)
    token, disable = token_of(network, asha), profile(network, asha, method, body)
    verb, path, content = ACTIONS[action]
    rows: list[dict[str, list[str]]] = []

    def disable_first() -> Reply:
        reply = disable()
        rows.append(all_rows())
        return reply

    with interleave(disable_first) as replies:
        reply = request(app, verb, path.format(user_id=user), content, token=token)
    assert replies[0].status == 200
    assert (reply.status, reply.code) == (401, "session_ended")
    assert all_rows() == rows[0]
    assert network.fake_world.cabinets.checks == []


@pytest.mark.parametrize("action", ["adds money", "bans"])
def test_a_customer_who_is_deleted_meanwhile_stays_deleted(network: Network, action: str) -> None:
    user = network.customer()
    token = token_of(network, operator(network))
    verb, path, content = ACTIONS[action]
    with interleave(lambda: delete_customer(network, user)):
        reply = request(app, verb, path.format(user_id=user), content, token=token)
    assert (reply.status, reply.code) == (409, "account_deleted")
    after = account(user)
    assert (after.deleted, after.wallet_paisa, after.points) == (True, 0, 0)
    assert network.books_balance()
