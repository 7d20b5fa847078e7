"""The audit of everything in one go, for tests and the sandbox. It stores nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.operations.audit import Violation
from chalicelib.services.audit import account_case
from chalicelib.services.audit.account_part import AccountPart
from chalicelib.services.audit.checks import ACCOUNTS, OWNERS, ROW_CHECKS
from chalicelib.services.audit.judge_row import judge, suspects_of
from chalicelib.services.audit.named_rows import Scanned
from chalicelib.tables import audit_scan
from chalicelib.tables.audit_scan import ScannedTable
from chalicelib.world import World

PAGE = 500


def audit(world: World) -> list[Violation]:
    """Every violation of all rows. For small tables: it does not end before it has gone through all of them.

    As in the running audit, what looks wrong after one read is judged; here that is so of accounts and owners too.
    """
    users_of = {
        noun: {user for rows in _pages(table) for _, user in rows} for noun, table in audit_scan.OWNED.items()
    }
    accounts = [
        (position, AccountPart(user_id)) for rows in _pages(audit_scan.ACCOUNTS) for position, (user_id, _) in rows
    ]
    violations: list[Violation] = []
    for part in _suspect_accounts(world, accounts, users_of):
        violations += judge(world, ACCOUNTS, part).violations
    for check in ROW_CHECKS:
        for rows in _pages(check.table):
            for _, subject in suspects_of(world, check, rows):
                violations += judge(world, check, subject).violations
    for noun, check in zip(audit_scan.OWNED, OWNERS, strict=True):
        for user_id in sorted(users_of[noun].difference(part.user_id for _, part in accounts)):
            violations += judge(world, check, user_id).violations
    return violations


def _suspect_accounts(world: World, rows: Scanned, users_of: Mapping[str, set[str]]) -> list[AccountPart]:
    """Those of all accounts that look wrong after one read of them together, and of tables with rows of theirs."""

    def suspects(world: World, rows: Scanned) -> Scanned:
        cases = {case.part: case for case in account_case.load_all(world, [part for _, part in rows], users_of)}
        return [(position, part) for position, part in rows if any(ACCOUNTS.judge(world, cases.get(part)))]

    return [part for _, part in suspects_of(world, replace(ACCOUNTS, suspects=suspects), rows)]


def _pages(table: ScannedTable[Any]) -> Iterator[Scanned]:
    position: str | None = ""
    while position is not None:
        page = audit_scan.read_page(table, after=position, limit=PAGE)
        yield page.rows
        position = page.position
