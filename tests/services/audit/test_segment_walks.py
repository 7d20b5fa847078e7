"""An audit goes through all tables in as many bounded runs as it needs, from checkpoints."""

from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest

from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.audit import audit_runs, checks, segment_walks
from chalicelib.tables import audit_scan
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.audits import AuditViolationRow, AuditWalkRow
from chalicelib.tables.dynamodb import shared_connection
from chalicelib.tables.users import UserRow
from chalicelib.world import World
from infra.local.simulation import Simulation
from tests.engines.counting import counted
from tests.engines.interleaving import interleave
from tests.engines.storage_conflicts import conflicts
from tests.world.log_lines import alarms_count
from tests.world.network import Network
from tests.world.real_tables import all_rows


@dataclass
class Minutes:
    """Time of a run that suffices for this number of looks at it."""

    looks: int

    def __call__(self) -> float:
        self.looks -= 1
        return 120.0 if self.looks >= 0 else 0.0


def finish(world: World, looks: int = 1_000_000) -> int:
    """Run until the audit has finished. Returns the number of runs."""
    for runs in range(1, 2_000):
        segment_walks.run(world, Minutes(looks), workers=1)
        if audit_runs.latest().running is None:
            return runs
    raise AssertionError("the audit does not finish")


def customers(network: Network, count: int) -> list[str]:
    return [network.customer() for _ in range(count)]


@pytest.mark.long
def test_an_audit_in_many_short_runs_finds_what_one_long_run_finds(network: Network) -> None:
    users = customers(network, 6)
    for user_id in users[::2]:
        UserRow(user_id).delete()
    audit_runs.start_nightly(network.world)
    assert finish(network.world) == 1
    whole = audit_runs.latest()
    audit_runs.start_nightly(network.world)
    assert finish(network.world, looks=3) > 10
    parts = audit_runs.latest()
    assert parts.last is not None
    assert whole.last is not None
    assert {violation.rule for violation in whole.violations} >= {"user_gone", "identity_without_user"}
    assert parts.violations == whole.violations
    assert parts.last.rows_count == whole.last.rows_count
    assert parts.last.violations_count == whole.last.violations_count


def test_a_run_without_time_judges_nothing(network: Network) -> None:
    audit_runs.start_nightly(network.world)
    before = all_rows()
    assert segment_walks.run(network.world, lambda: segment_walks.RESERVE_SECONDS, workers=1) == 0
    assert all_rows() == before


def test_a_run_that_dies_in_a_page_is_made_up_for(network: Network, log_output: StringIO) -> None:
    """The run dies after it stored a violation and before its checkpoint: the violation is counted once."""
    UserRow(customers(network, 1)[0]).delete()
    audit_runs.start_nightly(network.world)

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), interleave(die):
        segment_walks.run(network.world, lambda: 120.0, workers=1)
    finish(network.world)
    result = audit_runs.latest()
    assert result.last is not None
    rules = [violation.rule for violation in result.violations]
    assert rules.count("user_gone") == 1
    assert alarms_count(log_output, Alarm.AUDIT_VIOLATION) >= len(rules)


def test_two_runs_at_once_count_every_row_once(network: Network) -> None:
    customers(network, 3)
    audit_runs.start_nightly(network.world)
    finish(network.world)
    alone = audit_runs.latest().last
    audit_runs.start_nightly(network.world)
    with interleave(lambda: segment_walks.run(network.world, lambda: 120.0, workers=1)):
        segment_walks.run(network.world, lambda: 120.0, workers=1)
    both = audit_runs.latest().last
    assert alone is not None
    assert both is not None
    assert (both.rows_count, both.violations_count) == (alone.rows_count, 0)


def test_only_one_audit_runs_at_once(network: Network) -> None:
    operator = network.operator("auditor@example.com", Role.ADMIN)
    first = audit_runs.start_nightly(network.world)
    assert audit_runs.start(network.world, operator.caller(network.world)).audit_id == first.audit_id
    with interleave(lambda: finish(network.world)):
        finish(network.world)
    second = audit_runs.start(network.world, operator.caller(network.world))
    assert second.audit_id != first.audit_id
    assert (second.started_by, audit_runs.latest().last) != (first.started_by, None)


def test_the_last_result_stays_while_a_new_audit_runs(network: Network) -> None:
    assert audit_runs.latest() == audit_runs.AuditResult(None, None)
    UserRow(customers(network, 1)[0]).delete()
    first = audit_runs.start_nightly(network.world)
    finish(network.world)
    before = audit_runs.latest()
    audit_runs.start_nightly(network.world)
    during = audit_runs.latest()
    assert during.running is not None
    assert during.last is not None
    assert (during.last.audit_id, during.violations) == (first.audit_id, before.violations)
    assert during.violations != ()


def test_an_audit_is_logged_as_started_once_though_its_transaction_meets_another(
    network: Network, storage_faults: Simulation, log_output: StringIO
) -> None:
    conflicts(storage_faults, 2, "TransactWriteItems")
    audit = audit_runs.start_nightly(network.world)
    started = [line for line in log_output.getvalue().splitlines() if '"audit_started"' in line]
    assert (len(started), audit.audit_id in started[0]) == (1, True)


def test_an_audit_that_does_not_finish_raises_an_alarm(network: Network, log_output: StringIO) -> None:
    audit_runs.start_nightly(network.world)
    network.fake_world.clock.advance(hours=24)
    audit_runs.start_nightly(network.world)
    assert alarms_count(log_output, Alarm.AUDIT_UNFINISHED) == 1


def test_an_unavailable_storage_ends_the_run_and_the_next_one_continues(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers(network, 2)
    audit_runs.start_nightly(network.world)
    monkeypatch.setattr(audit_scan, "read_page", unavailable)
    with pytest.raises(Problem, match="storage_unavailable"):
        segment_walks.run(network.world, lambda: 120.0, workers=1)
    monkeypatch.undo()
    assert finish(network.world) == 1


def unavailable(*_: object, **__: object) -> None:
    raise Problem("storage_unavailable", retry_after_seconds=2)


def test_a_row_that_the_scan_can_not_read_hides_no_row_behind_it(network: Network) -> None:
    """Wherever the damaged row lies in its segment, and whichever run dies before it."""
    users = customers(network, 4)
    for user_id in users:
        AccountRow(user_id).update([AccountRow.rentals_count.add(1)])
    client: Any = shared_connection().client
    table = AccountRow.Meta.table_name
    (item,) = (item for item in client.scan(TableName=table)["Items"] if item["user_id"]["S"] == users[1])
    client.put_item(TableName=table, Item=item | {"seq": {"S": "ten"}})
    audit_runs.start_nightly(network.world)
    finish(network.world, looks=9)
    violations = audit_runs.latest().violations
    assert {item.row for item in violations if item.rule == "usage_differs"} == {*users} - {users[1]}
    damaged = {item.row for item in violations if item.rule == "row_not_readable"}
    assert f'accounts {{"user_id": {{"S": "{users[1]}"}}}}' in damaged


def test_violations_beyond_the_limit_are_counted_and_not_stored(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_walks, "MAX_REPORTED", 1)
    for user_id in customers(network, 5):
        UserRow(user_id).delete()
    audit_runs.start_nightly(network.world)
    finish(network.world)
    result = audit_runs.latest()
    assert result.last is not None
    assert len(result.violations) < result.last.violations_count


@pytest.mark.long
def test_what_a_run_keeps_in_memory_does_not_grow_with_the_tables(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No read asks for more rows than a page has, and every row is read by its segment."""
    sizes: list[int] = []
    read_page = audit_scan.read_page

    def measured(*arguments: Any, **named: Any) -> Any:
        page: Any = read_page(*arguments, **named)
        sizes.append(len(page.rows))
        return page

    monkeypatch.setattr(audit_scan, "read_page", measured)
    customers(network, 30)
    audit_runs.start_nightly(network.world)
    finish(network.world)
    assert max(sizes) <= checks.ROWS_PAGE
    last = audit_runs.latest().last
    assert last is not None
    assert last.rows_count == sum(sizes)
    assert len([*AuditWalkRow.scan()]) == len(checks.CHECKS) * audit_scan.SEGMENTS
    assert [*AuditViolationRow.scan()] == []


@pytest.mark.long
@pytest.mark.parametrize("looks", [0, 1, 2, 5])
def test_every_account_is_judged_whatever_the_time(looks: int, network: Network) -> None:
    users = customers(network, 4)
    for user_id in users:
        AccountRow(user_id).update([AccountRow.token_epoch.add(1), AccountRow.rentals_count.add(1)])
    audit_runs.start_nightly(network.world)
    finish(network.world, looks=looks + 1)
    found = {violation.row for violation in audit_runs.latest().violations if violation.rule == "usage_differs"}
    assert found == set(users)


def test_a_minute_without_an_audit_takes_one_call(network: Network) -> None:
    with counted() as counts:
        assert segment_walks.run(network.world, lambda: 120.0) == 0
    assert counts.calls == ["BatchGetItem"]
