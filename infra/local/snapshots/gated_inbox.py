"""The queue of cabinets' messages. The service handles none after a restore that it received before."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from chalicelib.domain.cabinets.cabinet_protocol.envelope import InboxMessage
from chalicelib.world import Inbox
from chalicelib.world.hardware import MAX_RECEIVED
from infra.local.snapshots.activity_gate import ActivityGate

NAME = "poll_mns"


class GatedInbox:
    """World's Inbox. Its reader works from the messages that it receives until it has deleted them or asks again.

    While it waits for messages it does nothing, although the schedule that polls runs all the time.
    """

    def __init__(self, inbox: Inbox, activity: ActivityGate, make_visible: Callable[[], None]) -> None:
        """`make_visible` makes all received messages visible at once."""
        self._inbox = inbox
        self._activity = activity
        self._make_visible = make_visible
        self._lock = threading.Lock()
        self._background: dict[int, tuple[set[str], Callable[[], None]]] = {}
        """The messages that a thread has not deleted yet, and what ends its work, by the thread."""

    @contextmanager
    def run(self) -> Iterator[None]:
        with self._inbox.run():
            before = {*self._background}
            try:
                yield
            finally:
                for thread in {*self._background} - before:
                    self._end(thread)

    def receive(self, wait_seconds: int, at_most: int = MAX_RECEIVED) -> Sequence[InboxMessage]:
        self._end(threading.get_ident())
        epoch = self._activity.epoch
        messages = self._inbox.receive(wait_seconds, at_most)
        if not messages:
            return messages
        end = self._activity.begin_background_work(NAME)
        if self._activity.epoch != epoch:
            # received before the restore, or restored: these come again at once
            self._make_visible()
            end()
            return self.receive(0, at_most)
        with self._lock:
            self._background[threading.get_ident()] = {message.message_id for message in messages}, end
        return messages

    def delete(self, messages: Sequence[InboxMessage]) -> None:
        self._inbox.delete(messages)
        unfinished = self._background.get(threading.get_ident())
        if unfinished is not None:
            unfinished[0].difference_update(message.message_id for message in messages)
            if not unfinished[0]:
                self._end(threading.get_ident())

    def _end(self, thread: int) -> None:
        with self._lock:
            _, end = self._background.pop(thread, (set(), None))
        if end is not None:
            end()
