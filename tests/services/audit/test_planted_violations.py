"""Whatever the audit checks can be planted in the sandbox, and is found; what is put back is right again."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services import audit
from chalicelib.services.analytics import counting
from chalicelib.services.audit import whole_audit
from chalicelib.services.rewards import score_counting
from chalicelib.services.wallet import balance_additions
from infra.local.control.planted_violations import PlantedViolations
from infra.local.control.violation_changes import Item
from infra.local.control.violation_kinds import KINDS
from tests.scenarios.refund_scenario import RefundScenario
from tests.services.audit.invariants import INVARIANTS
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_for, token_of

PHONE = "+9779841999999"
RULE = re.compile(r'Violation\(\s*"([a-z_]+)"')


def rules_by_module() -> Mapping[str, frozenset[str]]:
    """The rules that each module of the audit names."""
    sources = {path.stem: path.read_text() for path in Path(str(audit.__file__)).parent.glob("*.py")}
    return {name: frozenset(rules) for name, source in sources.items() if (rules := RULE.findall(source))}


def test_of_every_invariant_and_of_every_part_of_the_audit_a_violation_can_be_planted() -> None:
    plantable = {kind.rule for kind in KINDS.values()}
    assert [number for number, rules in INVARIANTS.items() if not rules & plantable] == []
    assert [name for name, rules in rules_by_module().items() if not rules & plantable] == []
    assert rules_by_module()["balance_additions"] <= plantable
    assert plantable <= frozenset().union(*INVARIANTS.values())


def eventful_day(network: Network) -> dict[str, str]:
    """A day that has a row of every kind. Returns the subject of kinds that are not of the same customer."""
    scenario = RefundScenario(network)
    refund = scenario.request_refund(scenario.top_up())
    customer = network.customer()
    boss = network.operator("boss@example.com", Role.SUPER_ADMIN)
    balance_additions.add(network.world, boss.caller(network.world), customer, 500, "a jammed slot")
    coupon = {"code": "DESK10", "name": "Sorry", "points_value": 10}
    dates = {"valid_from": "2026-11-01", "valid_until": "2027-01-01"}
    made = request(app, "POST", "/api/admin/promotions/coupons", coupon | dates, token=token_for(network.world, boss))
    assert made.status == 201, made.text
    order, headers = {"station_sn": LABIM.sn, "package_id": "1-hour"}, {"Idempotency-Key": "a-key-of-this-test"}
    token = token_of(network, customer)
    request(app, "POST", "/api/promotions/apply-coupon", {"code": "DESK10"}, token=token)
    started = request(app, "POST", "/api/rentals/start", order, token=token, headers=headers)
    assert started.status == 202, started.text
    assert request(app, "POST", "/api/auth/get-otp", {"identifier": PHONE}).status == 200
    network.deliver_messages()
    counting.count_changed(network.world)
    score_counting.count_changed(network.world)
    of_refund = dict.fromkeys(("refund_decided_alone", "refund_forgotten", "open_item_lost"), refund.user_id)
    of_code = dict.fromkeys(("code_guessed_often", "row_damaged"), PHONE)
    of_station = dict.fromkeys(("cabinet_lost", "station_lost"), LABIM.sn) | {"binding_lost": LABIM.imei}
    of_powerbank = dict.fromkeys(("powerbank_given_away", "powerbank_lost"), "40818061")
    return {**of_refund, **of_code, **of_station, **of_powerbank, "": customer}


@pytest.mark.parametrize("name", KINDS)
def test_a_planted_violation_is_found_and_what_is_put_back_is_right(network: Network, name: str) -> None:
    subjects = network.remembered("an eventful day", lambda: eventful_day(network))
    planted = PlantedViolations()
    planted.plant(KINDS[name], subjects.get(name, subjects[""]))
    assert KINDS[name].rule in {violation.rule for violation in whole_audit.audit(network.world)}
    _after_a_restart(planted).undo()
    assert whole_audit.audit(network.world) == []


def _after_a_restart(planted: PlantedViolations) -> PlantedViolations:
    """As the file of a snapshot, or of the data directory, brings it back."""
    restored = PlantedViolations()
    restored.prepare(json.loads(json.dumps(planted.state())))()
    assert restored == planted
    return restored


def test_binary_values_of_a_row_come_back_from_a_snapshot() -> None:
    item: Item = {
        "a": {"B": b"\x00\xff"},
        "b": {"M": {"c": {"L": [{"B": b"1"}, {"S": "B"}, {"BS": [b"2"]}]}}},
        "d": {"NULL": True},
    }
    assert _after_a_restart(PlantedViolations([("users", item)])).rows_before == [("users", item)]


def test_a_restore_of_a_snapshot_without_violations_leaves_nothing_to_put_back() -> None:
    planted, before = PlantedViolations(), PlantedViolations().state()
    planted.rows_before.append(("users", {"user_id": {"S": "1"}}))
    planted.prepare(before)()
    assert planted.rows_before == []


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("subject_id", ["", "nobody"])
def test_nothing_is_planted_in_a_row_that_does_not_exist(subject_id: str) -> None:
    planted = PlantedViolations()
    with pytest.raises(LookupError):
        planted.plant(KINDS["wallet_raised"], subject_id)
    assert planted.rows_before == []
