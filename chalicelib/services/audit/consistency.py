"""The audit of everything in one go, for tests and the sandbox. It stores nothing."""

from collections.abc import Iterator
from typing import Any

from chalicelib.domain.audit import Violation
from chalicelib.services.audit.checks import OWNERS, ROW_CHECKS, Check
from chalicelib.services.audit.judging import judge, suspects_of
from chalicelib.services.audit.registers import Scanned
from chalicelib.tables import audit_scan
from chalicelib.tables.audit_scan import ScannedTable
from chalicelib.world import World

PAGE = 500


def audit(world: World) -> list[Violation]:
    """Every violation of all rows. For small tables: it does not end before it has gone through all of them."""
    violations: list[Violation] = []
    for check in ROW_CHECKS:
        for rows in _pages(check.table):
            for _, subject in suspects_of(world, check, rows):
                violations += judge(world, check, subject).violations
    accounts = {user_id for rows in _pages(audit_scan.ACCOUNTS) for _, user_id in rows}
    for check in OWNERS:
        violations += _violations_of_owners(world, check, accounts)
    return violations


def _violations_of_owners(world: World, check: Check, accounts: set[str]) -> Iterator[Violation]:
    """The violations of a table by user. A user whose account was read a moment ago needs no second read."""
    unknown = {user_id: None for rows in _pages(check.table) for _, user_id in rows if user_id not in accounts}
    for user_id in unknown:
        yield from judge(world, check, user_id).violations


def _pages(table: ScannedTable[Any]) -> Iterator[Scanned]:
    position: str | None = ""
    while position is not None:
        page = audit_scan.read_page(table, after=position, limit=PAGE)
        yield page.rows
        position = page.position
