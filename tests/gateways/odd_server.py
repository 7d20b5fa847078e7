"""A server that gives any response, also undocumented ones, and records its requests."""

import json
from collections.abc import Callable, Mapping
from threading import Event

from flask import Flask, Response, request

from infra.local.serving import Serving

ORDER_REF = "01M8-1"
WAIT_SECONDS = 30
ODD = {
    "html": "<html><body>Maintenance</body></html>",
    "a list": "[]",
    "null": "null",
    "nothing": "",
    "half": '{"status": "COMPL',
    "deep": '{"a":' * 50_000,
    "no status": "{}",
    "another status": json.dumps({"pidx": "pidx", "status": "Held", "transaction_uuid": ORDER_REF}),
    "an outage": json.dumps({"code": 0, "error_message": "Service is currently unavailable"}),
    "a status that is no text": json.dumps({"pidx": "pidx", "status": ["Completed"], "transaction_id": "1"}),
}
"""Response bodies without a usable status."""


class OddServer:
    """A server that gives one configured response, or none."""

    def __init__(self) -> None:
        self._received: list[tuple[str, str]] = []
        self._came, self._is_silent = Event(), False
        app = Flask("odd_server")
        app.add_url_rule("/<path:path>", "any", self._any, methods=["GET", "POST", "DELETE"])
        self._answer: Callable[[], Response] = Response
        self._released = Event()
        self._serving = Serving(app).start()
        self.url = f"{self._serving.url}/"

    @property
    def requests_received(self) -> list[tuple[str, str]]:
        """Method and path of each. Waits for the first one of a silent server: on a busy machine the client gives up
        before the server has read its request."""
        if self._is_silent and not self._came.wait(WAIT_SECONDS):
            raise TimeoutError("no request came")
        return self._received

    def answers_with(self, body: str | bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self._answer = lambda: Response(body, status, dict(headers or {}))

    def never_answers(self) -> None:
        released = self._released

        def silent() -> Response:
            released.wait()
            return Response("too late", 504)

        self._answer, self._is_silent = silent, True

    def redirects(self, status: int) -> None:
        """Redirect to `/elsewhere`, where a followed request would be recorded again."""
        self._answer = lambda: Response("", status, {"Location": "/elsewhere"})

    def reset(self) -> None:
        """Release waiting requests and forget the recorded ones."""
        self._released.set()
        self._released = Event()
        self._received, self._is_silent = [], False
        self._came.clear()

    def stop(self) -> None:
        self._released.set()
        self._serving.stop()

    def _any(self, path: str) -> Response:
        self._received.append((request.method, path))
        self._came.set()
        return self._answer()
