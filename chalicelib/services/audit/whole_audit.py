"""The audit of everything in one go, for tests and the sandbox. It stores nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.operations.audit import Violation
from chalicelib.services.audit import account_reads
from chalicelib.services.audit.account_part import AccountPart
from chalicelib.services.audit.checks import ACCOUNTS, OWNERS, ROW_CHECKS
from chalicelib.services.audit.judge_row import judge, suspects_of
from chalicelib.services.audit.named_rows import Scanned
from chalicelib.tables import audit_scan
from chalicelib.tables.audit_scan import ScannedPage, ScannedTable
from chalicelib.world import World

PAGE = 500


def audit(world: World) -> list[Violation]:
    """Every violation of all rows. For small tables: it does not end before it has gone through all of them.

    As in the running audit, what looks wrong after one read is judged; here that is so of accounts and owners too.
    """
    users_of = {
        noun: {user for page in _pages(table) for _, user in page.rows} for noun, table in audit_scan.OWNED.items()
    }
    accounts = _whole_table(audit_scan.ACCOUNTS)
    violations: list[Violation] = []
    for part in _suspect_accounts(world, accounts, users_of):
        violations += judge(world, ACCOUNTS, part).violations
    for check in ROW_CHECKS:
        for page in _pages(check.table):
            for _, subject in suspects_of(world, check, page):
                violations += judge(world, check, subject).violations
    known = {user_id for _, (user_id, _) in accounts.rows}
    for noun, check in zip(audit_scan.OWNED, OWNERS, strict=True):
        for user_id in sorted(users_of[noun] - known):
            violations += judge(world, check, user_id).violations
    return violations


def _suspect_accounts(world: World, accounts: ScannedPage[Any], users_of: Mapping[str, set[str]]) -> list[Any]:
    """Those of all accounts that look wrong after one read of them together, and of tables with rows of theirs."""

    def suspects(world: World, rows: Scanned) -> Scanned:
        parts = {AccountPart(user_id): position for position, (user_id, _) in rows}
        cases = {case.part: case for case in account_reads.load_all(world, [*parts], users_of)}
        return [(position, part) for part, position in parts.items() if any(ACCOUNTS.judge(world, cases.get(part)))]

    check = replace(ACCOUNTS, suspects=suspects, subject_of=lambda value: AccountPart(value[0]))
    return [subject for _, subject in suspects_of(world, check, accounts)]


def _pages(table: ScannedTable[Any]) -> Iterator[ScannedPage[Any]]:
    position: str | None = ""
    while position is not None:
        page = audit_scan.read_page(table, after=position, limit=PAGE)
        yield page
        position = page.position


def _whole_table(table: ScannedTable[Any]) -> ScannedPage[Any]:
    """All pages as one."""
    pages = [*_pages(table)]
    rows = [row for page in pages for row in page.rows]
    unreadable = [row for page in pages for row in page.unreadable]
    return ScannedPage(rows, "", None, unreadable, [position for page in pages for position in page.positions])
