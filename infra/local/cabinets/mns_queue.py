"""One MNS queue: it delivers at least once and in any order, and hides a received message for a time."""

import hashlib
import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

MAX_BYTES = 65536


class ReceiptGone(Exception):
    """The receipt has expired or a newer one took its place."""


class Counts(NamedTuple):
    """How many messages are visible, and how many are received or delayed."""

    visible: int
    invisible: int


@dataclass
class StoredMessage:
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
class DeliveredMessage:
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
    """A thread-safe queue. Visibility and waiting are in real seconds, because clients wait in real seconds.

    Faults on demand: `shuffled` delivers messages in any order, and `deletes_to_lose` makes that many deletes
    succeed without effect, so that the messages are delivered again.
    """

    def __init__(self, name: str = "aliyun-iot-bijuli", visibility_seconds: float = 30) -> None:
        self.name = name
        self.visibility_seconds = visibility_seconds
        self.shuffled = False
        self.deletes_to_lose = 0
        self._messages: dict[str, StoredMessage] = {}
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()

    def enqueue(self, body: str, delay_seconds: float = 0) -> DeliveredMessage:
        """Raises ValueError for an empty body and for one of more than 64 KB."""
        if not 0 < len(body.encode()) <= MAX_BYTES:
            raise ValueError("a body has 1 to 65536 bytes")
        with self._changed:
            number = next(self._numbers)
            message = StoredMessage(
                f"{number:016X}-1-{self.name[-8:]}", body, _now_ms(), time.monotonic() + delay_seconds
            )
            self._messages[message.message_id] = message
            self._changed.notify_all()
        return _delivered(message)

    def receive(self, max_messages: int, wait_seconds: float) -> list[DeliveredMessage]:
        """Receive up to `max_messages` visible messages. Waits at most that long for the first."""
        until = time.monotonic() + wait_seconds
        with self._changed:
            while True:
                now = time.monotonic()
                messages = self._visible(now)[:max_messages]
                if messages or now >= until:
                    return [self._take(message, now) for message in messages]
                wake_at = min((message.visible_from for message in self._messages.values()), default=until)
                self._changed.wait(max(0.001, min(wake_at, until) - now))

    def peek(self, max_messages: int) -> list[DeliveredMessage]:
        with self._changed:
            return [_delivered(message) for message in self._visible(time.monotonic())[:max_messages]]

    def delete(self, receipt: str) -> None:
        """Raises ReceiptGone."""
        with self._changed:
            message = self._held(receipt)
            if self.deletes_to_lose > 0:
                self.deletes_to_lose -= 1
                return
            del self._messages[message.message_id]

    def change_visibility(self, receipt: str, seconds: int) -> DeliveredMessage:
        """Replace the receipt by a new one. Raises ReceiptGone."""
        with self._changed:
            message = self._held(receipt)
            message.visible_from = time.monotonic() + seconds
            message.receipt = self._new_receipt(message)
            self._changed.notify_all()
            return _delivered(message)

    def counts(self) -> Counts:
        with self._changed:
            visible = len(self._visible(time.monotonic()))
            return Counts(visible, len(self._messages) - visible)

    def reappear(self) -> None:
        """Make every received message visible at once, as if its receiver had died."""
        with self._changed:
            for message in self._messages.values():
                if message.dequeue_count:
                    message.visible_from = time.monotonic()
            self._changed.notify_all()

    def state(self) -> dict[str, Any]:
        """The messages, with the seconds until those are visible that are delayed. A received one comes again."""
        with self._changed:
            now = time.monotonic()
            messages = [
                {
                    "message_id": message.message_id,
                    "body": message.body,
                    "enqueued_ms": message.enqueued_ms,
                    "first_dequeued_ms": message.first_dequeued_ms,
                    "dequeue_count": message.dequeue_count,
                    "delay": 0 if message.dequeue_count else max(0.0, message.visible_from - now),
                }
                for message in self._messages.values()
            ]
            return {"messages": messages, "number": next(self._numbers)}

    def prepare(self, state: Any) -> Callable[[], None]:
        now, number = time.monotonic(), int(state["number"])
        messages = [
            StoredMessage(visible_from=now + item["delay"], **{k: v for k, v in item.items() if k != "delay"})
            for item in state["messages"]
        ]

        def apply() -> None:
            with self._changed:
                self._messages = {message.message_id: message for message in messages}
                # ids and receipts never come again
                self._numbers = itertools.count(max(number, next(self._numbers)) + 1)
                self._changed.notify_all()

        return apply

    def _visible(self, now: float) -> list[StoredMessage]:
        messages = [message for message in self._messages.values() if message.visible_from <= now]
        if self.shuffled:
            random.shuffle(messages)
        return messages

    def _take(self, message: StoredMessage, now: float) -> DeliveredMessage:
        message.visible_from = now + self.visibility_seconds
        message.dequeue_count += 1
        message.first_dequeued_ms = message.first_dequeued_ms or _now_ms()
        message.receipt = self._new_receipt(message)
        return _delivered(message)

    def _new_receipt(self, message: StoredMessage) -> str:
        # characters that a URL must escape are left out: the SDK puts receipts into URLs unescaped
        return f"{next(self._numbers)}-{message.message_id}"

    def _held(self, receipt: str) -> StoredMessage:
        message = self._messages.get(receipt.partition("-")[2])
        if message is None or message.receipt != receipt or message.visible_from <= time.monotonic():
            raise ReceiptGone
        return message


def _delivered(message: StoredMessage) -> DeliveredMessage:
    return DeliveredMessage(
        message_id=message.message_id,
        body=message.body,
        md5=message.md5,
        receipt=message.receipt,
        enqueued_ms=message.enqueued_ms,
        first_dequeued_ms=message.first_dequeued_ms,
        next_visible_ms=_now_ms() + max(0, round((message.visible_from - time.monotonic()) * 1000)),
        dequeue_count=message.dequeue_count,
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
