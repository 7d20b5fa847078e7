"""Alibaba's message service (MNS): the queue with the messages of the cabinets."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from chalicelib.domain.cabinets.cabinet_protocol.envelope import InboxMessage
from chalicelib.domain.operations.block_value import set_inside
from chalicelib.gateways.body_limit import LimitedResponse
from chalicelib.gateways.malformed_answers import MALFORMED
from chalicelib.world import Unavailable, UnreadableBatch
from chalicelib.world.hardware import MAX_RECEIVED

MAX_WAIT_SECONDS = 30
RECEIPT_GONE = frozenset({"ReceiptHandleError", "MessageNotExist"})


NETWORK = "NetWorkException"
DAMAGED = "RespDataDamaged"
"""The SDK's word for an answer that it can't parse."""
TIMED_OUT = "timed out"


class Run:
    """One run of a reader, with the connections that its threads keep."""

    def __init__(self) -> None:
        self.connections: list[Any] = []

    def close(self) -> None:
        for connection in self.connections:
            connection.close()


_run: ContextVar[Run | None] = ContextVar("mns_run", default=None)


class MnsInbox:
    """Each thread has a connection of its own, since threads can't share the SDK's connection.

    Inside `run` a thread keeps its connection. Outside it each call opens one: a Lambda that was frozen would wake
    with a dead one.
    """

    def __init__(
        self, url: str, *, queue: str, key_id: str, key_secret: str, read_timeout_seconds: float = 5
    ) -> None:
        """`url` begins with http:// or https://. Long polls add their wait to `read_timeout_seconds`."""
        self._url = url
        self._queue_name = queue
        self._key_id = key_id
        self._key_secret = key_secret
        self._read_timeout_seconds = read_timeout_seconds
        self._mine = threading.local()

    @contextmanager
    def run(self) -> Iterator[None]:
        run = Run()
        try:
            with set_inside(_run, run):
                yield
        finally:
            run.close()

    def receive(self, wait_seconds: int, at_most: int = MAX_RECEIVED) -> Sequence[InboxMessage]:
        from mns.mns_exception import MNSExceptionBase

        wait = min(max(wait_seconds, 0), MAX_WAIT_SECONDS)

        def receive_batch(queue: Any) -> Any:
            try:
                return queue.batch_receive_message(at_most, wait)
            except MALFORMED:
                # The SDK takes the first child of a field for its text.
                raise UnreadableBatch("mns") from None

        try:
            received = self._call(self._read_timeout_seconds + wait, receive_batch)
        except MNSExceptionBase as e:
            if e.type == "MessageNotExist":
                return []
            # The exception's text may hold message bodies, so only its type is passed on.
            raise (UnreadableBatch if e.type == DAMAGED else Unavailable)(f"mns {e.type}") from None
        return [InboxMessage(m.message_id, m.message_body, m.receipt_handle, m.dequeue_count) for m in received]

    def delete(self, messages: Sequence[InboxMessage]) -> None:
        """Raises Unavailable when the service did not delete all messages. It delivers the others again."""
        for first in range(0, len(messages), MAX_RECEIVED):
            self._delete_receipts([message.receipt for message in messages[first : first + MAX_RECEIVED]])

    def _delete_receipts(self, receipts: list[str]) -> None:
        from mns.mns_exception import MNSExceptionBase

        try:
            self._call(self._read_timeout_seconds, lambda queue: queue.batch_delete_message(receipts))
        except KeyError:
            # The SDK reads a response header in one spelling only.
            raise Unavailable("mns delete") from None
        except MNSExceptionBase as e:
            refused = {error["ErrorCode"] for error in getattr(e, "sub_errors", None) or ()} or {e.type}
            if not refused <= RECEIPT_GONE:
                raise Unavailable(f"mns {e.type}") from None

    def _call(self, read_timeout_seconds: float, call: Callable[[Any], Any]) -> Any:
        """The result of a call. A call on a kept connection that broke is made once more, on a new one.

        A repetition is harmless: MNS delivers messages of a lost answer again, and a deleted message stays deleted.
        """
        from mns.mns_exception import MNSExceptionBase

        queue = self._queue(read_timeout_seconds)
        is_kept = self._mine.account.get_client().http.conn.sock is not None
        try:
            return call(queue)
        except MNSExceptionBase as error:
            if not is_kept or error.type != NETWORK or TIMED_OUT in str(error):
                raise
        return call(self._queue(read_timeout_seconds))

    def _queue(self, read_timeout_seconds: float) -> Any:
        """This thread's queue with the given read time-out.

        The SDK has no time-out for https, and a fixed one for http, so it is set on the connection itself.
        """
        run = _run.get()
        if getattr(self._mine, "run", self) is not run:
            from mns.account import Account

            self._mine.run, self._mine.account = run, Account(self._url, self._key_id, self._key_secret)
            client = self._mine.account.get_client()
            client.set_keep_alive(run is not None)
            if run is not None:
                run.connections.append(client.http.conn)
        connection = self._mine.account.get_client().http.conn
        connection.timeout = connection.connection_timeout = read_timeout_seconds
        connection.response_class = LimitedResponse
        if connection.sock is not None:
            connection.sock.settimeout(read_timeout_seconds)
        queue = self._mine.account.get_queue(self._queue_name)
        # With the SDK's decoding, one body that is not base64 would fail its whole batch each time.
        queue.set_encoding(False)
        return queue
