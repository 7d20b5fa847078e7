"""An audit that an operator starts over the API finds a violation of each of the sixteen invariants."""

from collections.abc import Callable

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services.audit import segment_walks
from infra.local.aws.iam import running
from tests.services.audit.damage import DAMAGE
from tests.services.audit.invariants import INVARIANTS
from tests.services.audit.people_damage import PEOPLE_DAMAGE
from tests.services.audit.reference_damage import REFERENCE_DAMAGE
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_for

PATH = "/api/admin/system/audit"
ALL_DAMAGE = (*DAMAGE, *PEOPLE_DAMAGE, *REFERENCE_DAMAGE)
Damage = Callable[[Network], None]
PLANTED: dict[int, tuple[Damage, str]] = {
    number: next((damage, rule) for damage, rule in ALL_DAMAGE if rule in rules)
    for number, rules in INVARIANTS.items()
}
"""One violation of each invariant, and the rule that it breaks."""


def audited(network: Network) -> dict[str, object]:
    """The result of an audit that an operator starts, and that the schedule's function carries on."""
    token = token_for(network.world, network.operator("auditor@example.com", Role.FINANCE))
    started = request(app, "POST", PATH, {}, token=token)
    assert started.status == 202
    with running("AuditLedger"):
        while request(app, "GET", PATH, token=token).data["running"]:
            segment_walks.run(network.world, lambda: 120.0, workers=1)
    result: dict[str, object] = request(app, "GET", PATH, token=token).data
    assert result["audit_id"] == started.data["audit_id"]
    return result


def rules_of(result: dict[str, object]) -> set[str]:
    violations: object = result["violations"]
    assert isinstance(violations, list)
    return {str(violation["rule"]) for violation in violations}


@pytest.mark.long
@pytest.mark.parametrize("number", sorted(PLANTED))
def test_a_planted_violation_of_each_invariant_is_in_the_result(network: Network, number: int) -> None:
    damage, rule = PLANTED[number]
    network.rented(network.customer())
    damage(network)
    result = audited(network)
    assert result["ok"] is False
    assert rule in rules_of(result)


def test_an_audit_without_a_violation_is_ok(network: Network) -> None:
    network.rented(network.customer())
    result = audited(network)
    assert (result["ok"], result["violations"], result["violations_count"]) == (True, [], 0)


def test_each_of_the_sixteen_invariants_has_a_planted_violation() -> None:
    assert sorted(PLANTED) == list(range(1, 17))
