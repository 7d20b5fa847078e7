"""Records frames, commands and calls in the event log, many entries in one write.

A consumer collects the entries of its batch and writes them at its end. Without a collection an entry is written at
once, and left out while DynamoDB is unavailable.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from chalicelib.domain.cabinets.cabinet_protocol.description import fields_of, name_of
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, DeviceEventKind
from chalicelib.domain.cabinets.cabinet_protocol.frame_parts import Frame
from chalicelib.domain.cabinets.event_log import ACCEPTED, CommandOutcome, EventKind, LogEntry
from chalicelib.domain.operations.block_value import set_inside
from chalicelib.domain.operations.message_errors import Poison
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.best_effort import best_effort
from chalicelib.tables import event_log
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World


@dataclass
class Collection:
    """Entries that wait to be written together."""

    entries: list[LogEntry] = field(default_factory=list)

    def write(self) -> None:
        """Write the entries, 25 in one call. They stay collected when that raises Problem("storage_unavailable").

        A message that was handled twice at the same moment has one entry: DynamoDB refuses two rows with one key.
        """
        by_key = {(entry.source, entry.entry_id): entry for entry in self.entries}
        event_log.write([*by_key.values()])
        self.entries.clear()


@dataclass
class MessageRecord:
    """What the handling of one message found out: its frame, its outcome, and the rentals that it is about."""

    frame: Frame | None = None
    outcome: str = "recorded"
    rental_ids: dict[str, None] = field(default_factory=dict)
    likely_rental_id: str | None = None
    """The rental of the power bank that the frame names. It counts when the handling read no rental."""


@dataclass(frozen=True)
class Call:
    """A call of the API that runs. `name` is its method and path."""

    name: str
    request_id: str
    is_operator: bool


_collection: ContextVar[Collection | None] = ContextVar("collection", default=None)
_message: ContextVar[MessageRecord | None] = ContextVar("message", default=None)
_call: ContextVar[Call | None] = ContextVar("call", default=None)


@contextmanager
def collect() -> Iterator[Collection]:
    """Collect the entries that are made inside the block. The caller writes them."""
    collection = Collection()
    with set_inside(_collection, collection):
        yield collection


@contextmanager
def message(world: World, event: DeviceEvent) -> Iterator[MessageRecord]:
    """Record one message of a cabinet with what the block makes of it. An error is its outcome too."""
    record = MessageRecord()
    with set_inside(_message, record):
        try:
            yield record
        except Exception as error:  # every error is recorded, and raised again
            record.outcome = _outcome_of(error)
            _add(_entries(world, event, record))
            raise
        _add(_entries(world, event, record))


@contextmanager
def call(name: str, request_id: str, *, is_operator: bool) -> Iterator[None]:
    """A call of the API runs inside the block. The verbs stage it with what they write."""
    with set_inside(_call, Call(name, request_id, is_operator)):
        yield


def stage_call(ops: Transaction, world: World, rental_id: str) -> None:
    """Stage the call that runs in the transaction of its effect on a rental. It costs no round trip.

    Outside of a call nothing is staged.
    """
    current = _call.get()
    if current is None:
        return
    now, fields = world.now(), {"by": "operator" if current.is_operator else "customer"}
    event_log.stage(
        ops,
        LogEntry(
            rental_id, EventKind.API, current.name, now, now, ACCEPTED, current.request_id, rental_id, fields=fields
        ),
    )


def stage_notification(ops: Transaction, world: World, rental_id: str, kind: str, notification_id: str) -> None:
    """Stage a notification about a rental in the transaction that stores the notification."""
    now = world.now()
    event_log.stage(
        ops, LogEntry(rental_id, EventKind.NOTIFICATION, kind, now, now, ACCEPTED, notification_id, rental_id)
    )


def concerns(rental_id: str) -> None:
    """The message that is being handled is about this rental."""
    record = _message.get()
    if record is not None:
        record.rental_ids[rental_id] = None


def record_command(
    world: World, imei: str, name: str, raw: bytes, outcome: CommandOutcome, rental_id: str | None = None
) -> None:
    """Record a command that the service sent to a cabinet, or failed to send."""
    now = world.now()
    record(LogEntry(imei, EventKind.COMMAND, name, now, now, outcome.value, world.new_id(), rental_id, raw))


def record(entry: LogEntry) -> None:
    """Record an entry, in place of one with the same id."""
    _add([entry])


def stage_command(ops: Transaction, entry: LogEntry) -> None:
    """Stage a command in the transaction that orders it, or that gives it up."""
    event_log.stage(ops, entry)


def _add(entries: list[LogEntry]) -> None:
    collection = _collection.get()
    if collection is not None:
        collection.entries += entries
    else:
        best_effort(lambda: event_log.write(entries), "event_log")


def _entries(world: World, event: DeviceEvent, record: MessageRecord) -> list[LogEntry]:
    """One entry for each rental that the message is about, or one without a rental. The first has the bytes."""
    is_frame = event.kind not in (DeviceEventKind.ONLINE, DeviceEventKind.OFFLINE)
    name = event.kind.value
    if event.kind is DeviceEventKind.FRAME:
        name = name_of(record.frame) if record.frame else "unreadable"
    first = LogEntry(
        event.imei,
        EventKind.FRAME if is_frame else EventKind.CONNECTION,
        name,
        event.at,
        world.now(),
        record.outcome,
        event.message_id,
        next(iter(record.rental_ids), record.likely_rental_id),
        event.frame,
        fields_of(record.frame) if record.frame else {},
    )
    others = [
        replace(first, message_id=f"{event.message_id}.{number}", rental_id=rental_id, raw=b"", fields={})
        for number, rental_id in enumerate(record.rental_ids)
        if number
    ]
    return [first, *others]


def _outcome_of(error: Exception) -> str:
    """What an error says, without data of the message."""
    if isinstance(error, Poison):
        return f"refused: {error}"
    return f"failed: {error.code}" if isinstance(error, Problem) else f"failed: {type(error).__name__}"
