"""The audit of everything in one go, for tests and the sandbox. It stores nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.audit import Violation
from chalicelib.services.audit import account_case
from chalicelib.services.audit.checks import ACCOUNTS, OWNERS, ROW_CHECKS, Check
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
    accounts = [user_id for rows in _pages(audit_scan.ACCOUNTS) for _, user_id in rows]
    violations: list[Violation] = []
    for check in ROW_CHECKS:
        for rows in _pages(check.table):
            for _, subject in suspects_of(world, _screening(check, users_of), rows):
                violations += judge(world, check, subject).violations
    for noun, check in zip(audit_scan.OWNED, OWNERS, strict=True):
        for user_id in sorted(users_of[noun].difference(accounts)):
            violations += judge(world, check, user_id).violations
    return violations


def _screening(check: Check, users_of: Mapping[str, set[str]]) -> Check:
    """The check that reads a page of accounts at once, and only tables that hold rows of a user."""
    if check is not ACCOUNTS:
        return check

    def suspect_accounts(world: World, rows: Scanned) -> Scanned:
        cases = {
            case.account.user_id: case
            for case in account_case.load_all(world, [user_id for _, user_id in rows], users_of)
        }
        return [(position, user_id) for position, user_id in rows if any(check.judge(world, cases.get(user_id)))]

    return replace(check, suspects=suspect_accounts)


def _pages(table: ScannedTable[Any]) -> Iterator[Scanned]:
    position: str | None = ""
    while position is not None:
        page = audit_scan.read_page(table, after=position, limit=PAGE)
        yield page.rows
        position = page.position
