"""Puts the lines of our log into CloudWatch Logs, as Lambda does, and keeps the newest of them."""

import contextlib
import io
import threading
from collections import deque
from datetime import datetime
from typing import Any, TextIO

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.aws.iam import LOG_GROUP, current_function
from infra.local.clock import Clock

FLUSH_SECONDS = 0.5
MAX_WAITING = 5_000
"""Lines that wait to be put. More than these replace the oldest."""
STREAM_LINES, STREAMS = 2_000, 5
"""A full stream is followed by a new one, and only the newest are kept: moto keeps them in memory."""
SANDBOX = "Sandbox"
"""The source of lines that no function wrote."""


class LogGroupStream(io.TextIOBase):
    """Writes to another stream too. `flush_lines` puts what waits, and so does a thread until `stop`."""

    def __init__(self, stream: TextIO, client: Any, clock: Clock) -> None:
        self._stream, self._client, self._clock = stream, client, clock
        self._waiting: deque[tuple[datetime, str, str]] = deque(maxlen=MAX_WAITING)
        self._streams: dict[str, deque[tuple[str, int]]] = {}
        self._number = 0
        self._stopped = threading.Event()
        client.create_log_group(logGroupName=LOG_GROUP)

    def start(self) -> "LogGroupStream":
        threading.Thread(target=self._work, daemon=True).start()
        return self

    def stop(self) -> None:
        self._stopped.set()

    def write(self, text: str) -> int:
        self._stream.write(text)
        self._waiting.append((self._clock.now(), current_function() or SANDBOX, text))
        return len(text)

    def flush_lines(self) -> None:
        by_source: dict[str, list[dict[str, Any]]] = {}
        while self._waiting:
            at, source, text = self._waiting.popleft()
            by_source.setdefault(source, []).append({"timestamp": int(at.timestamp() * 1000), "message": text})
        for source, events in by_source.items():
            # the clock may be moved back, and CloudWatch takes events in the order of their times only
            ordered = sorted(events, key=lambda event: int(event["timestamp"]))
            name = self._stream_of(source, ordered[0]["timestamp"], len(ordered))
            self._client.put_log_events(logGroupName=LOG_GROUP, logStreamName=name, logEvents=ordered)

    def _stream_of(self, source: str, at: int, count: int) -> str:
        streams = self._streams.setdefault(source, deque())
        if not streams or streams[-1][1] + count > STREAM_LINES:
            self._number += 1
            day = datetime.fromtimestamp(at / 1000, self._clock.now().tzinfo).strftime("%Y/%m/%d")
            streams.append((f"{day}/{source}[$LATEST]{self._number:08d}", 0))
            self._client.create_log_stream(logGroupName=LOG_GROUP, logStreamName=streams[-1][0])
        while len(streams) > STREAMS:
            self._client.delete_log_stream(logGroupName=LOG_GROUP, logStreamName=streams.popleft()[0])
        name, lines = streams[-1]
        streams[-1] = (name, lines + count)
        return name

    def _work(self) -> None:
        while not self._stopped.wait(FLUSH_SECONDS):
            with contextlib.suppress(BotoCoreError, ClientError):
                self.flush_lines()
