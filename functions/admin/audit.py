"""The audit on request: /api/admin/system/audit."""

from chalicelib.edge.authentication import caller
from chalicelib.edge.models import Told
from chalicelib.edge.responses import Answer, ok
from chalicelib.services.audit import ledger as ledger_audit
from chalicelib.wiring import world
from functions.routing import doors
from functions.tags import Tag

routes = doors(__name__, Tag.ADMIN_AUDIT)


class ViolationView(Told):
    rule: str
    about: str
    detail: str


class AuditView(Told):
    ok: bool
    violations: list[ViolationView]


@routes.get("/api/admin/system/audit", right="audit", answer=AuditView)
def run_audit() -> Answer:
    """Check money and custody over everything there is."""
    caller(routes)
    found = ledger_audit.audit(world())
    views = [ViolationView(rule=one.rule, about=one.about, detail=one.detail) for one in found]
    return ok(AuditView(ok=not found, violations=views))
