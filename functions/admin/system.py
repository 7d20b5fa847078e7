"""How the service is, and its logs, for operators: /api/admin/system."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from chalicelib.domain.problems.validation_messages import InvalidField
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.system import health as measurements
from chalicelib.services.system import logs as log_search
from chalicelib.services.system.health import Health, PartStatus
from chalicelib.services.system.logs import LogLevel, LogSearch
from chalicelib.wiring import world
from chalicelib.world.monitoring import LogLine
from functions.admin.paging import NumberedPageQuery, PageNumbers
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.schemas import time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_SYSTEM)
MAX_MESSAGE_CHARACTERS = 500
UTC_TIME = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
Status = Annotated[str, one_of_upper_case(PartStatus)]


def parse_time(text: Any) -> datetime:
    """A time in UTC, as the API writes times. Raises InvalidField for any other form."""
    if not isinstance(text, str) or not UTC_TIME.fullmatch(text):
        raise InvalidField("date_format")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise InvalidField("date_format") from error


UtcTime = Annotated[datetime, BeforeValidator(parse_time), Field(examples=["2026-11-29T06:00:00Z"])]


class LogsQuery(NumberedPageQuery):
    """By default the last hour. At most seven days."""

    level: Annotated[
        LogLevel | None, CaseInsensitive, Field(description="Facts, facts that a person must act on, or other lines")
    ] = None
    request_id: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9._:-]{1,128}$", description="`X-Request-Id` of a response")
    ] = None
    start_time: Annotated[UtcTime | None, Field(description="The earliest line, in UTC")] = None
    end_time: Annotated[UtcTime | None, Field(description="The latest line, in UTC")] = None


class LogEntry(ResponseModel):
    id: str
    level: Annotated[str, one_of_upper_case(LogLevel)]
    message: Annotated[str, Field(description="The name of the fact, or the beginning of another line")]
    source: Annotated[str, Field(description="The function that wrote the line")]
    timestamp: Time
    details: Annotated[dict[str, Any], Field(description="The other fields of the fact")]


class LogsResponse(ResponseModel):
    results: list[LogEntry]
    is_complete: Annotated[bool, Field(description="False when the time has more lines than were read")]
    pagination: PageNumbers


class QueueEntry(ResponseModel):
    name: str
    waiting: int
    dead_letters: int


class ScheduleEntry(ResponseModel):
    name: str
    last_run_at: Time
    milliseconds: float


class SystemHealthResponse(ResponseModel):
    """Measured at most 15 seconds ago. Requests and schedules are those of the last 15 minutes."""

    database_status: Status
    database_milliseconds: float
    queue_status: Annotated[
        str, one_of_upper_case(PartStatus), Field(description="DEGRADED with dead letters or late messages")
    ]
    storage_status: Annotated[str, one_of_upper_case(PartStatus), Field(description="The store of images")]
    logs_status: Status
    response_time_avg: Annotated[float | None, Field(description="Milliseconds. Null without a request")]
    response_time_p50: float | None
    response_time_p95: float | None
    response_time_p99: float | None
    requests_count: int
    requests_complete: Annotated[bool, Field(description="False when there were more requests than were read")]
    error_rate: Annotated[float, Field(description="Per cent of the requests that ended with a 5xx")]
    pending_tasks: Annotated[int, Field(description="Messages in all queues")]
    failed_tasks: Annotated[int, Field(description="Dead letters in all queues")]
    oldest_late_message_seconds: int | None
    queues: list[QueueEntry]
    schedules: list[ScheduleEntry]
    last_audit_at: Time | None
    last_updated: Time


@routes.get("/api/admin/system/health", permission="system", response=SystemHealthResponse)
def health() -> Response:
    """Measurements of the parts that the service needs, and how it answered lately."""
    return ok(to_health_response(measurements.measure(world())))


@routes.get("/api/admin/system/logs", permission="system", query=LogsQuery, response=LogsResponse, problems=("busy",))
def logs(query: LogsQuery) -> Response:
    """Lines of the logs of all functions, the newest first, at most 500."""
    search = LogSearch(query.level, query.request_id, query.start_time, query.end_time)
    found = log_search.search(world(), search)
    return ok(
        LogsResponse(
            results=[to_log_entry(line) for line in query.to_page().of(found.lines)],
            is_complete=found.complete,
            pagination=PageNumbers.of(query, len(found.lines)),
        )
    )


def to_log_entry(line: LogLine) -> LogEntry:
    hidden = ("fact", "level", "_aws", str(line.fields.get("fact")) if line.fields.get("level") else "")
    return LogEntry(
        id=line.line_id,
        level=in_upper_case(log_search.level_of(line)),
        message=str(line.fields.get("fact", line.text))[:MAX_MESSAGE_CHARACTERS],
        source=line.source,
        timestamp=time_text(line.at),
        details={name: value for name, value in line.fields.items() if name not in hidden},
    )


def to_health_response(measured: Health) -> SystemHealthResponse:
    latency = measured.latency
    return SystemHealthResponse(
        database_status=in_upper_case(measured.database),
        database_milliseconds=round(measured.database_milliseconds, 1),
        queue_status=in_upper_case(measured.queues_status),
        storage_status=in_upper_case(measured.media),
        logs_status=in_upper_case(measured.logs),
        response_time_avg=latency.average if latency else None,
        response_time_p50=latency.p50 if latency else None,
        response_time_p95=latency.p95 if latency else None,
        response_time_p99=latency.p99 if latency else None,
        requests_count=measured.requests_count,
        requests_complete=measured.requests_complete,
        error_rate=measured.error_rate,
        pending_tasks=measured.pending,
        failed_tasks=measured.dead,
        oldest_late_message_seconds=measured.oldest_late_message_seconds,
        queues=[
            QueueEntry(name=queue.name, waiting=queue.waiting, dead_letters=queue.dead_letters)
            for queue in measured.queues
        ],
        schedules=[
            ScheduleEntry(name=run.name, last_run_at=time_text(run.at), milliseconds=run.milliseconds)
            for run in measured.schedules
        ],
        last_audit_at=time_or_none(measured.last_audit_at),
        last_updated=time_text(measured.measured_at),
    )
