"""The response model of a rental's timeline, for customers and operators."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.cabinets.event_log import EventKind, LogEntry
from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.rentals.timeline import TimelineEntry
from chalicelib.domain.rentals.timeline_texts import text_of
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import ResponseModel


class TimelineEntryResponse(ResponseModel):
    at: Annotated[Time, Field(description="The sender's time")]
    kind: Literal["api", "posting", "command", "frame", "notification", "state"]
    text: str
    data: Annotated[dict[str, Any], Field(description="What is known of it, by kind")]


def to_timeline_entry(entry: TimelineEntry, language: str, *, with_raw: bool = False) -> TimelineEntryResponse:
    """`with_raw` adds bytes, decoded fields and the time of receipt, which operators read."""
    match entry.source:
        case Posting() as posting:
            data = _of_posting(posting)
        case LogEntry() as logged:
            data = _of_log(logged, with_raw=with_raw)
        case _:
            data = {"status": entry.name}
    return TimelineEntryResponse(
        at=time_text(entry.at), kind=entry.kind.value, text=text_of(entry, language), data=data
    )


def _of_posting(posting: Posting) -> dict[str, Any]:
    return {
        "transaction_id": posting.transaction_id,
        "type": posting.kind.value,
        "amount": money_text(posting.change_of("wallet")),
        "points": posting.change_of("points"),
        "balance": money_text(posting.wallet_after_paisa),
    }


def _of_log(logged: LogEntry, *, with_raw: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"name": logged.name, "outcome": logged.outcome}
    if logged.kind is EventKind.API:
        data |= {"request_id": logged.message_id, **logged.fields}
    elif with_raw:
        data |= {
            "cabinet": logged.source,
            "message_id": logged.message_id,
            "received_at": time_text(logged.recorded_at),
            "raw": logged.raw.hex(),
            "fields": dict(logged.fields),
        }
    return data
