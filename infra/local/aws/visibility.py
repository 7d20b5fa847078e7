"""The waiting times of failed messages, at the sandbox's pace: 180 s of AWS are 18 s here."""

from collections.abc import Mapping
from typing import Any

from infra.queues import VISIBILITY_SECONDS

MAX_STORED = 10_000


class ScaledVisibility:
    """Shortens each waiting time that a function gives a message, and the queue's own time of the others."""

    def __init__(self, pace: float = 1.0) -> None:
        self._pace = pace
        self._chosen: dict[str, int] = {}

    def watch(self, session: Any) -> None:
        """Scale the times of the clients that the botocore session creates from now on."""
        events = session.get_component("event_emitter")
        events.register("before-parameter-build.sqs.ChangeMessageVisibilityBatch", self._scale)

    def seconds_of_queue(self) -> int:
        """The queue's visibility time-out at the sandbox's pace."""
        return self._scaled(VISIBILITY_SECONDS)

    def take(self, receipt: str) -> int | None:
        """The AWS seconds that a function gave this message, once. None for one that it left to the queue."""
        return self._chosen.pop(receipt, None)

    def _scale(self, params: Mapping[str, Any], **_: Any) -> None:
        for entry in params["Entries"]:
            if len(self._chosen) < MAX_STORED:
                self._chosen[entry["ReceiptHandle"]] = entry["VisibilityTimeout"]
            entry["VisibilityTimeout"] = self._scaled(entry["VisibilityTimeout"])

    def _scaled(self, seconds: int) -> int:
        return round(seconds * self._pace)
