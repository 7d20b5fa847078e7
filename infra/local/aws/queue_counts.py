"""How many messages lie in the sandbox's queues, in one query of their engine."""

import requests

QUEUE_COUNTS_PATH = "/queue-counts"
"""The path of the query at the engine."""
Counts = tuple[int, int, float | None]
"""Visible and invisible messages of a queue, and the age of the oldest in seconds."""
SECONDS = 10
ABSENT: Counts = (0, 0, None)


class QueueCounts:
    """Any thread may ask."""

    def __init__(self, engine_url: str) -> None:
        self._url = engine_url + QUEUE_COUNTS_PATH
        self._session = requests.Session()

    def read(self) -> dict[str, Counts]:
        """The counts of every queue. Raises requests.RequestException without an engine."""
        response = self._session.get(self._url, timeout=SECONDS)
        response.raise_for_status()
        return {name: (visible, hidden, oldest) for name, (visible, hidden, oldest) in response.json().items()}

    def count(self, *queues: str) -> int:
        """The number of messages in queues, visible or not. A queue that does not exist has none."""
        counts = self.read()
        return sum(sum(counts.get(queue, ABSENT)[:2]) for queue in queues)
