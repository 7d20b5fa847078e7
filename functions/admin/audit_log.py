"""The audit log, which says what operators did: /api/admin/audit-log."""

from typing import Annotated, Any, NewType, TypeVar

from pydantic import Field

from chalicelib.domain.operators.admin_action import description_of, target_model_of
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, ok
from chalicelib.services.admin import audit_log_queries
from chalicelib.services.admin.audit_log_queries import LogFilter, LoggedAction
from chalicelib.wiring import world
from functions.admin.paging import AnyPage, AnyPageQuery, page_fields
from functions.admin.upper_case import CaseInsensitive, in_upper_case
from functions.params import FirstDay, Id, LastDay, span_of
from functions.routing import blueprint
from functions.tags import Tag

CHANGES = "`before` and `after`, null where there was or is nothing."
MAX_SHOWN = 300
"""Characters of one text."""
CUT = f"Texts over {MAX_SHOWN} characters are cut here. `GET /api/admin/audit-log/{{entry_id}}` returns them in full."

routes = blueprint(__name__, Tag.ADMIN_AUDIT_LOG)
EntryId = NewType("EntryId", str)


class AuditLogQuery(AnyPageQuery):
    admin_id: Annotated[Id, Field(description="Only what this operator did")] | None = None
    action_type: Annotated[Id, CaseInsensitive, Field(description="Only this action")] | None = None
    target_id: Annotated[
        str | None, Field(min_length=1, max_length=128, description="Only what was done to the thing of this id")
    ] = None
    start_date: FirstDay | None = None
    end_date: LastDay | None = None

    def to_filter(self) -> LogFilter:
        span = span_of(self.start_date, self.end_date)
        return LogFilter(span, self.admin_id, self.action_type, self.target_id)


class AdminAction(ResponseModel):
    id: str
    action_type: str
    target_model: str
    target_id: str
    changes: Annotated[dict[str, Any], Field(description=f"{CHANGES} {CUT}")]
    description: str
    route: Annotated[str, Field(description="Method and path of the call")]
    ip_address: str
    user_agent: str
    created_at: Time
    admin_id: str
    admin_username: str | None
    admin_email: Annotated[str | None, Field(description="Null for an operator who was removed")]


class WholeAction(AdminAction):
    """One entry, with its texts in full."""

    changes: Annotated[dict[str, Any], Field(description=CHANGES)]


Action = TypeVar("Action", bound=AdminAction)


class AuditLogResponse(AnyPage[AdminAction]):
    pass


@routes.get("/api/admin/audit-log", permission="audit_log", query=AuditLogQuery, response=AuditLogResponse)
def list_actions(query: AuditLogQuery, cursor: Cursor) -> Response:
    """What operators did, the newest first. A page with a filter may hold less than it could, and have a cursor."""
    page = audit_log_queries.page_of(world(), query.to_filter(), query.to_page(), before=cursor.text("before"))
    return ok(
        AuditLogResponse(
            results=[to_action(AdminAction, logged, _shortened(logged.entry.changes)) for logged in page.items],
            **page_fields(query, cursor, page.listed, before=page.following),
        )
    )


@routes.get("/api/admin/audit-log/{entry_id}", permission="audit_log", response=WholeAction, problems=("not_found",))
def read_action(entry_id: EntryId) -> Response:
    """One action of an operator, with `before` and `after` in full."""
    logged = audit_log_queries.read(entry_id)
    return ok(to_action(WholeAction, logged, logged.entry.changes))


def _shortened(value: Any) -> Any:
    """A page of 500 entries fits one response, though content is stored whole before and after."""
    if isinstance(value, str):
        return value if len(value) <= MAX_SHOWN else f"{value[:MAX_SHOWN]}..."
    if isinstance(value, dict):
        return {name: _shortened(item) for name, item in value.items()}
    return [_shortened(item) for item in value] if isinstance(value, list) else value


def to_action(model: type[Action], logged: LoggedAction, changes: dict[str, Any]) -> Action:
    entry, operator = logged.entry, logged.operator
    return model(
        id=entry.entry,
        action_type=in_upper_case(entry.action),
        target_model=target_model_of(entry.action),
        target_id=entry.target,
        changes=changes,
        description=description_of(entry.action),
        route=entry.route,
        ip_address=entry.address,
        user_agent=entry.user_agent,
        created_at=time_text(entry.at),
        admin_id=entry.admin_id,
        admin_username=operator.username if operator else None,
        admin_email=(operator.email or None) if operator else None,
    )
