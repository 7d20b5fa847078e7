"""The feed: everything that happens in the sandbox, numbered in one order."""

import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import takewhile
from typing import Any

from chalicelib.domain.rentals.rental import rental_code
from chalicelib.domain.text.time_text import sortable_time_text

MAX_EVENTS = 10_000
MAX_KEPT_EVENTS = 2_000
"""How many events a snapshot holds, without those that only read."""
KINDS: Mapping[str, str] = {
    "api": "a request to the API and the status of its response",
    "call": "a call of the service to a company, with the answer",
    "callback": "a request of a company to the API, or the return of a browser from a pay page",
    "clock": "the clock was moved",
    "command": "a command that reached a cabinet",
    "frame": "a frame that a cabinet sent",
    "mail": "a mail that was sent",
    "posting": "a posting in the ledger",
    "push": "a push that was sent",
    "queue": "messages that a consumer took, with how many wait before and after it, and in the outbox",
    "schedule": "a run of a schedule",
    "snapshot": "a snapshot was taken or restored",
    "sms": "a text message that was sent",
}
"""Every kind of an event, and what it tells."""


@dataclass(frozen=True)
class FeedEvent:
    """Something that happened. `number` grows from 1 on; `text` is one line for people."""

    number: int
    at: datetime
    kind: str
    text: str
    rental_id: str | None
    content: Mapping[str, Any]

    def listing(self) -> dict[str, Any]:
        """The event as the control API shows it."""
        return {
            "number": self.number,
            "at": sortable_time_text(self.at),
            "kind": self.kind,
            "text": self.text,
            "rental_id": self.rental_id,
            "rental": None if self.rental_id is None else rental_code(self.rental_id),
            "content": self.content,
        }


class EventFeed:
    """Keeps the newest events. Any thread may add one, and any may wait for the next."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._events: deque[FeedEvent] = deque(maxlen=MAX_EVENTS)
        self._rentals: dict[str, str] = {}
        """Rentals by the serial number of a power bank, or by the id of a notification."""
        self._rental_ids: set[str] = set()
        self._added = threading.Condition()
        self._number = 0
        self._is_closed = False

    def add(self, kind: str, text: str, /, *, rental_id: str | None = None, **content: Any) -> None:
        """Add an event of one of KINDS, which happened now."""
        with self._added:
            self._number += 1
            self._events.append(FeedEvent(self._number, self._now(), kind, text, rental_id, content))
            self._added.notify_all()

    def after(
        self, number: int, *, kinds: Collection[str] = (), rental: str | None = None, limit: int = 500
    ) -> list[FeedEvent]:
        """The oldest `limit` events after a number, of these kinds (all if empty) and of that rental (code or id)."""
        return self._wanted(number, kinds, rental)[:limit]

    def number_before_newest(self, count: int, *, kinds: Collection[str] = (), rental: str | None = None) -> int:
        """The number after which the newest `count` of these events come. `count` is at least 1."""
        return next((event.number - 1 for event in self._wanted(0, kinds, rental)[-count:]), 0)

    def _wanted(self, number: int, kinds: Collection[str], rental: str | None) -> list[FeedEvent]:
        with self._added:
            # from the newest on: each of many followers asks after each event
            newer = [*takewhile(lambda event: event.number > number, reversed(self._events))]
        return [
            event
            for event in reversed(newer)
            if (not kinds or event.kind in kinds) and (rental is None or _is_of(event.rental_id, rental))
        ]

    def newest_number(self) -> int:
        """The number of the newest event; 0 before the first."""
        with self._added:
            return self._number

    def wait(self, number: int, seconds: float) -> bool:
        """Wait until there is an event after that number. False when none came in time, or the feed is closed."""
        with self._added:
            self._added.wait_for(lambda: self._is_closed or self._number > number, seconds)
            return not self._is_closed and self._number > number

    def close(self) -> None:
        """End every wait, now and later."""
        with self._added:
            self._is_closed = True
            self._added.notify_all()

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def state(self) -> dict[str, Any]:
        """The newest events that changed something, and which rental has which power bank."""
        with self._added:
            events = [event for event in self._events if not _is_reading(event)][-MAX_KEPT_EVENTS:]
            rows = [(e.number, e.at.isoformat(), e.kind, e.text, e.rental_id, e.content) for e in events]
            return {
                "number": self._number,
                "events": rows,
                "rentals": dict(self._rentals),
                "rental_ids": sorted(self._rental_ids),
            }

    def prepare(self, state: Any) -> Callable[[], None]:
        """Numbers never come again: a follower who knows a number gets what comes after it."""
        events = [
            FeedEvent(int(number), datetime.fromisoformat(at), kind, text, rental_id, dict(content))
            for number, at, kind, text, rental_id, content in state["events"]
        ]
        number, rentals, rental_ids = int(state["number"]), dict(state["rentals"]), set(state["rental_ids"])

        def apply() -> None:
            with self._added:
                if self._number < number:
                    # of an earlier run, whose last events may be lost: a follower knows higher numbers
                    self._number = number + MAX_EVENTS
                self._events.clear()
                self._events.extend(events)
                self._rentals, self._rental_ids = rentals, rental_ids

        return apply

    def tie(self, name: str, rental_id: str) -> None:
        """From now on, what is said of this power bank or this notification belongs to that rental."""
        self._rentals[name] = rental_id
        self._rental_ids.add(rental_id)

    def knows(self, rental_id: str) -> bool:
        """Whether the feed has seen this rental."""
        return rental_id in self._rental_ids

    def rental_of(self, name: str) -> str | None:
        """The newest rental of a power bank, or the rental of a notification, as far as the feed has seen one."""
        return self._rentals.get(name)


def _is_reading(event: FeedEvent) -> bool:
    """A request to the API that read something, or a call of the queue of cabinets' messages, which never end."""
    if event.kind == "api":
        return bool(event.content.get("method") == "GET" and event.content.get("status", 0) < HTTPStatus.BAD_REQUEST)
    return event.kind == "call" and event.content.get("service") == "mns"


def _is_of(rental_id: str | None, rental: str) -> bool:
    return rental_id is not None and rental in (rental_id, rental_code(rental_id))
