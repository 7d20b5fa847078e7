"""One queue as MNS keeps it: at least once, unordered, a message invisible while somebody holds it."""

import hashlib
import itertools
import random
import threading
import time
from dataclasses import dataclass
from typing import NamedTuple

MOST_BYTES = 65536


class ReceiptGone(Exception):
    """The receipt has expired or a newer one took its place."""


class Counts(NamedTuple):
    """How many messages can be received now, and how many somebody holds (or are delayed)."""

    visible: int
    invisible: int


@dataclass
class Kept:
    """A message in the queue; times ending in `_ms` are epoch milliseconds, `visible_from` is monotonic."""

    message_id: str
    body: str
    enqueued_ms: int
    visible_from: float
    first_dequeued_ms: int = 0
    dequeue_count: int = 0
    receipt: str = ""

    @property
    def md5(self) -> str:
        return hashlib.md5(self.body.encode(), usedforsecurity=False).hexdigest().upper()


@dataclass(frozen=True)
class Handed:
    """A message as one receiver got it."""

    message_id: str
    body: str
    md5: str
    receipt: str
    enqueued_ms: int
    first_dequeued_ms: int
    next_visible_ms: int
    dequeue_count: int


class MnsQueue:
    """Thread-safe. Visibility and waiting are in real seconds, for their users wait in real seconds too.

    Chaos on demand: `shuffled` hands messages out in any order, `deletes_to_lose` lets that many deletes
    succeed without effect, so that the messages come again.
    """

    def __init__(self, name: str = "aliyun-iot-bijuli", visibility_seconds: float = 30) -> None:
        self.name = name
        self.visibility_seconds = visibility_seconds
        self.shuffled = False
        self.deletes_to_lose = 0
        self._kept: dict[str, Kept] = {}
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()

    def enqueue(self, body: str, delay_seconds: float = 0) -> Handed:
        """Raises ValueError for an empty body and for one of more than 64 KB."""
        if not 0 < len(body.encode()) <= MOST_BYTES:
            raise ValueError("a body has 1 to 65536 bytes")
        with self._changed:
            number = next(self._numbers)
            kept = Kept(f"{number:016X}-1-{self.name[-8:]}", body, _now_ms(), time.monotonic() + delay_seconds)
            self._kept[kept.message_id] = kept
            self._changed.notify_all()
        return _handed(kept)

    def receive(self, most: int, wait_seconds: float) -> list[Handed]:
        """Up to `most` visible messages, now invisible to others; waits for the first at most that long."""
        until = time.monotonic() + wait_seconds
        with self._changed:
            while True:
                now = time.monotonic()
                found = self._visible(now)[:most]
                if found or now >= until:
                    return [self._take(kept, now) for kept in found]
                wake_at = min((kept.visible_from for kept in self._kept.values()), default=until)
                self._changed.wait(max(0.001, min(wake_at, until) - now))

    def peek(self, most: int) -> list[Handed]:
        with self._changed:
            return [_handed(kept) for kept in self._visible(time.monotonic())[:most]]

    def delete(self, receipt: str) -> None:
        """Raises ReceiptGone."""
        with self._changed:
            kept = self._held(receipt)
            if self.deletes_to_lose > 0:
                self.deletes_to_lose -= 1
                return
            del self._kept[kept.message_id]

    def change_visibility(self, receipt: str, seconds: int) -> Handed:
        """A new receipt in place of the old one. Raises ReceiptGone."""
        with self._changed:
            kept = self._held(receipt)
            kept.visible_from = time.monotonic() + seconds
            kept.receipt = self._new_receipt(kept)
            self._changed.notify_all()
            return _handed(kept)

    def counts(self) -> Counts:
        with self._changed:
            visible = len(self._visible(time.monotonic()))
            return Counts(visible, len(self._kept) - visible)

    def reappear(self) -> None:
        """Every message somebody holds becomes visible at once, as when its holder had died long ago."""
        with self._changed:
            for kept in self._kept.values():
                kept.visible_from = time.monotonic()
            self._changed.notify_all()

    def _visible(self, now: float) -> list[Kept]:
        found = [kept for kept in self._kept.values() if kept.visible_from <= now]
        if self.shuffled:
            random.shuffle(found)
        return found

    def _take(self, kept: Kept, now: float) -> Handed:
        kept.visible_from = now + self.visibility_seconds
        kept.dequeue_count += 1
        kept.first_dequeued_ms = kept.first_dequeued_ms or _now_ms()
        kept.receipt = self._new_receipt(kept)
        return _handed(kept)

    def _new_receipt(self, kept: Kept) -> str:
        # signs that a URL would have to escape are left out: the SDK puts receipts into URLs as they are
        return f"{next(self._numbers)}-{kept.message_id}"

    def _held(self, receipt: str) -> Kept:
        kept = self._kept.get(receipt.partition("-")[2])
        if kept is None or kept.receipt != receipt or kept.visible_from <= time.monotonic():
            raise ReceiptGone
        return kept


def _handed(kept: Kept) -> Handed:
    return Handed(
        message_id=kept.message_id,
        body=kept.body,
        md5=kept.md5,
        receipt=kept.receipt,
        enqueued_ms=kept.enqueued_ms,
        first_dequeued_ms=kept.first_dequeued_ms,
        next_visible_ms=_now_ms() + max(0, round((kept.visible_from - time.monotonic()) * 1000)),
        dequeue_count=kept.dequeue_count,
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
