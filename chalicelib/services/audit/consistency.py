"""The audit of everything in one go, for tests and the sandbox. It stores nothing."""

from chalicelib.domain.audit import Violation
from chalicelib.services.audit.checks import CHECKS
from chalicelib.services.audit.judging import judge, suspects_of
from chalicelib.tables import audit_scan
from chalicelib.world import World

PAGE = 500


def audit(world: World) -> list[Violation]:
    """Every violation of all rows. For small tables: it does not end before it has gone through all of them."""
    violations: list[Violation] = []
    for check in CHECKS:
        for segment in range(audit_scan.SEGMENTS):
            position: str | None = ""
            while position is not None:
                page = audit_scan.read_page(check.table, segment, after=position, limit=PAGE)
                for _, subject in suspects_of(world, check, page.rows):
                    violations += judge(world, check, subject).violations
                position = page.position
    return violations
