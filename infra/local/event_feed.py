"""The feed: everything that happens in the sandbox, numbered in one order."""

import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.rental import rental_code

MAX_EVENTS = 10_000
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
    "queue": "messages that a consumer took, and how many of them failed",
    "schedule": "a run of a schedule",
    "sms": "a text message that was sent",
}
"""Every kind of an event, and what it tells."""


@dataclass(frozen=True)
class FeedEvent:
    """Something that happened. `number` counts from 1 and has no gaps; `text` is one line for people."""

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
            "at": self.at.isoformat().replace("+00:00", "Z"),
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
            events = [event for event in self._events if event.number > number]
        return [
            event
            for event in events
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


def _is_of(rental_id: str | None, rental: str) -> bool:
    return rental_id is not None and rental in (rental_id, rental_code(rental_id))
