"""Requests of the simulated companies to the API, and the returns of browsers from their pay pages."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import requests

from infra.local.feed.event_feed import EventFeed
from infra.local.snapshots.activity_gate import ActivityGate

CALLBACK_SECONDS = 20
MAX_STORED = 500
MAX_ANSWER = 2000


@dataclass(frozen=True)
class Callback:
    """One request, and the response of the API to it. `number` counts from 1, `request_id` is the API's id of it."""

    number: int
    company: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    status: int
    answer: str
    milliseconds: float
    request_id: str = ""

    def listing(self) -> dict[str, Any]:
        return asdict(self)


class Callbacks:
    """Sends them, keeps the newest, and sends any of those again as it was."""

    def __init__(self, feed: EventFeed, activity: ActivityGate) -> None:
        self._feed = feed
        self._activity = activity
        self._sent: deque[Callback] = deque(maxlen=MAX_STORED)
        self._lock = threading.Lock()
        self._number = 0

    def send(
        self, company: str, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: str = ""
    ) -> requests.Response:
        """Send a request without following redirects. Raises requests.RequestException when no response comes."""
        begun = time.monotonic()
        response = requests.request(
            method,
            url,
            headers={**(headers or {}), **self._activity.internal_headers},
            data=body.encode() or None,
            timeout=CALLBACK_SECONDS,
            allow_redirects=False,
        )
        milliseconds = round((time.monotonic() - begun) * 1000, 1)
        with self._lock:
            self._number += 1
            callback = Callback(
                self._number,
                company,
                method,
                url,
                dict(headers or {}),
                body,
                response.status_code,
                response.text[:MAX_ANSWER],
                milliseconds,
                response.headers.get("X-Request-Id", ""),
            )
            self._sent.append(callback)
        path = "/" + url.split("/", 3)[-1].partition("?")[0]
        self._feed.add("callback", f"{company}: {method} {path} -> {response.status_code}", **callback.listing())
        return response

    def listing(self) -> list[dict[str, Any]]:
        """The newest requests, oldest first."""
        with self._lock:
            return [callback.listing() for callback in self._sent]

    def state(self) -> dict[str, Any]:
        with self._lock:
            return {"number": self._number, "sent": [callback.listing() for callback in self._sent]}

    def prepare(self, state: Any) -> Callable[[], None]:
        number, sent = int(state["number"]), [Callback(**callback) for callback in state["sent"]]

        def apply() -> None:
            with self._lock:
                self._number = number
                self._sent.clear()
                self._sent.extend(sent)

        return apply

    def again(self, number: int) -> requests.Response:
        """Send one of them again, byte for byte. Raises LookupError for one that is not kept."""
        with self._lock:
            found = next((callback for callback in self._sent if callback.number == number), None)
        if found is None:
            raise LookupError(f"callback {number}")
        return self.send(found.company, found.method, found.url, headers=found.headers, body=found.body)
