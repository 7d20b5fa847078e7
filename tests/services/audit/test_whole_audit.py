"""The audit names every kind of damage, each of which a test makes."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.services.audit import whole_audit
from chalicelib.services.audit.account_part import AccountPart
from chalicelib.services.audit.checks import ACCOUNTS
from chalicelib.services.audit.judge_row import judge
from chalicelib.tables import audit_scan
from tests.services.audit.damage import DAMAGE
from tests.services.audit.invariants import INVARIANTS
from tests.services.audit.people_damage import PEOPLE_DAMAGE
from tests.services.audit.reference_damage import REFERENCE_DAMAGE
from tests.services.audit.reward_damage import REWARD_DAMAGE
from tests.services.audit.station_damage import STATION_DAMAGE
from tests.world.builders import CIVIL, LABIM
from tests.world.network import Network

ALL_DAMAGE = [*DAMAGE, *PEOPLE_DAMAGE, *REFERENCE_DAMAGE, *REWARD_DAMAGE, *STATION_DAMAGE]


def test_every_invariant_is_damaged_and_every_damage_breaks_an_invariant() -> None:
    rules = {rule for _, rule in ALL_DAMAGE}
    assert [number for number, broken in INVARIANTS.items() if not broken & rules] == []
    assert set(INVARIANTS) == set(range(1, 17))
    assert rules <= frozenset().union(*INVARIANTS.values())


@pytest.mark.long
@pytest.mark.parametrize(
    ("damage", "rule"), ALL_DAMAGE, ids=[f"{n}-{rule}" for n, (_, rule) in enumerate(ALL_DAMAGE)]
)
def test_each_kind_of_damage_is_named_and_not_repaired(
    network: Network, damage: Callable[[Network], None], rule: str
) -> None:
    network.rented(network.customer())
    assert network.books_balance()
    damage(network)
    rules = {violation.rule for violation in whole_audit.audit(network.world)}
    assert rule in rules
    assert {violation.rule for violation in whole_audit.audit(network.world)} == rules
    assert accounts_judged(network, parts_count=3) == accounts_judged(network, parts_count=1)


def accounts_judged(network: Network, parts_count: int) -> set[tuple[str, str]]:
    """The broken rules of all accounts, with the rows that break them."""
    parts = [
        AccountPart(user_id, number, parts_count)
        for _, (user_id, _) in audit_scan.read_page(audit_scan.ACCOUNTS, after="", limit=500).rows
        for number in range(parts_count)
    ]
    return {
        (violation.rule, violation.row)
        for part in parts
        for violation in judge(network.world, ACCOUNTS, part).violations
    }


def test_a_whole_day_leaves_no_violation(network: Network) -> None:
    for wallet in (100_000, 2_000):
        rental = network.rented(network.customer(wallet_paisa=wallet))
        network.fake_world.clock.advance(hours=3)
        network.report_return(LABIM, rental.powerbank_sn, slot=2)
        network.fake_world.clock.advance(minutes=1)
        network.report_snapshot(LABIM)
    network.report_snapshot(CIVIL)
    network.start(network.customer(), CIVIL)
    network.fake_world.clock.advance(minutes=1)
    assert network.world.now() - timedelta(hours=1) > rental.requested_at
    assert network.books_balance()
