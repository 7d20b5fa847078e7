"""The consistency audit on request: /api/admin/system/audit."""

from chalicelib.edge.models import ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.audit import consistency
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_AUDIT)


class ViolationResponse(ResponseModel):
    rule: str
    about: str
    detail: str


class AuditResponse(ResponseModel):
    ok: bool
    violations: list[ViolationResponse]


@routes.get("/api/admin/system/audit", permission="audit", response=AuditResponse)
def run_audit() -> Response:
    """Check the consistency of all money and power banks."""
    violations = consistency.audit(world())
    violation_responses = [
        ViolationResponse(rule=violation.rule, about=violation.row, detail=violation.detail)
        for violation in violations
    ]
    return ok(AuditResponse(ok=not violations, violations=violation_responses))
