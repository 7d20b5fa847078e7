"""Measures the parts that the service needs, and how it answered lately. A silent part hides no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain.analytics.report_period import share
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox as queue_names
from chalicelib.services.warm_cache import WarmCache
from chalicelib.tables import app_info, audits, outbox
from chalicelib.tables.dynamodb import fetch_one, is_available
from chalicelib.world import Unavailable, World
from chalicelib.world.monitoring import FoundLines, LogLine

MEASURED_FOR = timedelta(seconds=15)
"""Operators' pages may ask each second. A process measures again after this time."""
LOOK_BACK = timedelta(minutes=15)
MAX_MESSAGE_AGE = timedelta(minutes=15)
"""A message whose effect is later than this makes the queues degraded."""
MAX_LATE = 50
PROBE = "health-check"
"""The id of a file that nobody stores. The media store answers that there is none."""
UNKNOWN: FoundLines = FoundLines((), complete=False)


class PartStatus(StrEnum):
    """How a part is. Degraded: it answers, and something in it waits for a person or for too long."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class QueueHealth:
    name: str
    waiting: int
    dead_letters: int


@dataclass(frozen=True)
class ScheduleRun:
    """The last run of a schedule that the log of LOOK_BACK names."""

    name: str
    at: datetime
    milliseconds: float


@dataclass(frozen=True)
class Latency:
    """Of requests in LOOK_BACK, in milliseconds: the median, and the times that 95 and 99 of 100 stay below."""

    p50: float
    p95: float
    p99: float
    average: float


@dataclass(frozen=True)
class Health:
    """None stands for what could not be measured. Requests are those of LOOK_BACK."""

    measured_at: datetime
    database: PartStatus
    database_milliseconds: float
    queues_status: PartStatus
    queues: tuple[QueueHealth, ...]
    oldest_late_message_seconds: int | None
    media: PartStatus
    logs: PartStatus
    requests_complete: bool
    requests_count: int
    server_errors_count: int
    latency: Latency | None
    schedules: tuple[ScheduleRun, ...]
    last_audit_at: datetime | None

    @property
    def error_rate(self) -> float:
        """Per cent of the requests that ended with a 5xx."""
        return share(self.server_errors_count, self.requests_count)

    @property
    def pending(self) -> int:
        return sum(queue.waiting for queue in self.queues)

    @property
    def dead(self) -> int:
        return sum(queue.dead_letters for queue in self.queues)


measured_cache: WarmCache[Health] = WarmCache()


def measure(world: World) -> Health:
    """The health of the service, at most MEASURED_FOR old."""
    return measured_cache.get(world.now(), MEASURED_FOR, lambda: _measure(world))


def _measure(world: World) -> Health:
    now = world.now()
    is_up = is_available(app_info.release_key("any"))
    database_milliseconds = (world.now() - now).total_seconds() * 1000
    queues_status, queues = _queues(world)
    late = _oldest_late_seconds(now) if is_up else None
    if queues_status is PartStatus.HEALTHY and (
        any(queue.dead_letters for queue in queues) or (late or 0) > MAX_MESSAGE_AGE.total_seconds()
    ):
        queues_status = PartStatus.DEGRADED
    logs_status, requests = _logged(world, "request", now)
    _, runs = _logged(world, "schedule_ran", now)
    statuses = [int(str(line.fields.get("status", 0))) for line in requests.lines]
    return Health(
        now,
        PartStatus.HEALTHY if is_up else PartStatus.UNAVAILABLE,
        database_milliseconds,
        queues_status,
        tuple(queues),
        late,
        _media(world),
        logs_status,
        requests.complete,
        len(statuses),
        sum(status >= 500 for status in statuses),
        _latency([_milliseconds_of(line) for line in requests.lines]),
        tuple(_last_runs(runs.lines)),
        _last_audit_at() if is_up else None,
    )


def _queues(world: World) -> tuple[PartStatus, list[QueueHealth]]:
    """Every queue with its dead letters. The first that does not answer ends it, so that no request waits long."""
    queues: list[QueueHealth] = []
    try:
        for name in queue_names.CONSUMED:
            dead = queue_names.dead_letter_name(name)
            queues.append(QueueHealth(name, world.queues.waiting(name), world.queues.waiting(dead)))
        poison = world.queues.waiting(queue_names.POISON)
    except Unavailable:
        return PartStatus.UNAVAILABLE, queues
    return PartStatus.HEALTHY, [*queues, QueueHealth(queue_names.POISON, 0, poison)]


def _oldest_late_seconds(now: datetime) -> int | None:
    """For how long the message that is late the longest waits for its effect. 0 without any."""
    try:
        late = outbox.waiting(now, MAX_LATE)
    except Problem:
        return None
    return max((int((now - message.due_at).total_seconds()) for message in late), default=0)


def _media(world: World) -> PartStatus:
    try:
        world.media.fetch_file(PROBE, kind="image", private=False)
    except Unavailable:
        return PartStatus.UNAVAILABLE
    return PartStatus.HEALTHY


def _logged(world: World, fact: str, now: datetime) -> tuple[PartStatus, FoundLines]:
    try:
        return PartStatus.HEALTHY, world.logs.find({"fact": fact}, since=now - LOOK_BACK, until=now)
    except Unavailable:
        return PartStatus.UNAVAILABLE, UNKNOWN


def _last_runs(lines: Sequence[LogLine]) -> list[ScheduleRun]:
    last = {str(line.fields.get("about", "")): line for line in lines}
    return [ScheduleRun(name, line.at, _milliseconds_of(line)) for name, line in sorted(last.items())]


def _milliseconds_of(line: LogLine) -> float:
    value: Any = line.fields.get("milliseconds", 0)
    return float(value) if isinstance(value, int | float) else 0.0


def _latency(milliseconds: Sequence[float]) -> Latency | None:
    if not milliseconds:
        return None
    ordered = sorted(milliseconds)

    def percentile(percent: int) -> float:
        return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 1)

    return Latency(percentile(50), percentile(95), percentile(99), round(sum(ordered) / len(ordered), 1))


def _last_audit_at() -> datetime | None:
    audit = fetch_one(audits.current_key())
    return audit.started_at if audit else None
