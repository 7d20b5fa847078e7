"""The consistency audit, started on request: /api/admin/system/audit."""

from typing import Annotated

from chalicelib.domain.operations.audit import Audit, AuditState
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import EmptyRequest, FormatQuery, ResponseModel
from chalicelib.edge.responses import Response, accepted, ok
from chalicelib.services.audit import audit_runs
from chalicelib.services.caller import Caller
from chalicelib.wiring import world
from functions.admin.upper_case import in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.schemas import time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_AUDIT)


class StartAudit(EmptyRequest):
    pass


class ViolationResponse(ResponseModel):
    rule: str
    about: str
    """The id of the row that breaks the rule."""
    detail: str


class RunningAuditResponse(ResponseModel):
    audit_id: str
    status: Annotated[str, one_of_upper_case(AuditState)]
    started_at: Time


class AuditResponse(ResponseModel):
    ok: bool | None
    """Whether the last finished audit found no violation. Null when none has finished yet."""
    audit_id: str | None
    started_at: Time | None
    finished_at: Time | None
    rows_count: int
    violations_count: int
    unsettled_count: int
    """How many rows changed at each look. The next audit judges them."""
    violations: list[ViolationResponse]
    """At most 500 of them."""
    running: RunningAuditResponse | None


@routes.get("/api/admin/system/audit", permission="audit", query=FormatQuery, response=AuditResponse)
def read_audit() -> Response:
    """The result of the last finished audit, and the audit that runs."""
    result = audit_runs.latest()
    last, violations = result.last, result.violations
    return ok(
        AuditResponse(
            ok=last.violations_count == 0 if last else None,
            audit_id=last.audit_id if last else None,
            started_at=time_or_none(last.started_at) if last else None,
            finished_at=time_or_none(last.finished_at) if last else None,
            rows_count=last.rows_count if last else 0,
            violations_count=last.violations_count if last else 0,
            unsettled_count=last.unsettled_count if last else 0,
            violations=[
                ViolationResponse(rule=violation.rule, about=violation.row, detail=violation.detail)
                for violation in violations
            ],
            running=to_running_response(result.running) if result.running else None,
        )
    )


@routes.post(
    "/api/admin/system/audit", permission="audit", body=StartAudit, response=RunningAuditResponse, status=202
)
def start_audit(caller: Caller) -> Response:
    """Start an audit of all money, power banks and accounts, unless one runs. It goes on for minutes or hours."""
    return accepted(to_running_response(audit_runs.start(world(), caller)))


def to_running_response(audit: Audit) -> RunningAuditResponse:
    return RunningAuditResponse(
        audit_id=audit.audit_id, status=in_upper_case(audit.state), started_at=time_text(audit.started_at)
    )
