"""HTTP clients of the API and of the sandbox's control API, for the scenario and the tests."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

TIMEOUT_SECONDS = 120
"""Some days of the clock take 20 s on a busy machine."""


class UnexpectedResponse(AssertionError):
    """A response that a step does not expect. The message quotes it."""


@dataclass
class ApiResponse:
    """A response: status, decoded body and headers."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> str:
        """The problem's code, empty for a success."""
        return str(self.body.get("error", {}).get("code", "")) if isinstance(self.body, dict) else ""


@dataclass
class Api:
    """The service, over HTTP; `token` signs every request once it is set."""

    url: str
    token: str | None = None
    session: requests.Session = field(default_factory=requests.Session)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        files: dict[str, Any] | None = None,
        fields: dict[str, str] | None = None,
    ) -> ApiResponse:
        """One request; multipart when there are `files`."""
        sent = dict(headers or {})
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        answer = self.session.request(
            method,
            self.url + path,
            json=body if files is None else None,
            data=fields,
            files=files,
            headers=sent,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        try:
            decoded = answer.json()
        except json.JSONDecodeError:
            decoded = answer.text
        return ApiResponse(answer.status_code, decoded, dict(answer.headers))

    def get(self, path: str, want: int = 200) -> Any:
        return self.call_expecting("GET", path, want=want).data

    def post(self, path: str, body: Any = None, want: int = 200, **more: Any) -> Any:
        return self.call_expecting("POST", path, body if body is not None else {}, want=want, **more).data

    def call_expecting(
        self, method: str, path: str, body: Any = None, *, want: int = 200, **more: Any
    ) -> ApiResponse:
        """One request whose status must be `want`. Raises UnexpectedResponse."""
        answer = self.call(method, path, body, **more)
        if answer.status != want:
            raise UnexpectedResponse(f"{method} {path}: {answer.status}, not {want}: {answer.body}")
        return answer


@dataclass
class Sandbox:
    """The sandbox's control API."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str) -> Any:
        return self._call("GET", path, None)

    def post(self, path: str, body: Any = None) -> Any:
        return self._call("POST", path, body or {})

    def delete(self, path: str) -> Any:
        return self._call("DELETE", path, None)

    def code(self, to: str) -> str:
        """The newest code sent to a number or an address. Drains the queues first."""
        outbox = "emails" if "@" in to else "sms"
        self.drain()
        for message in self.get(f"/{outbox}?to={quote(to)}"):
            digits = [word for word in message["text"].split() if word.isdigit() and len(word) == 6]
            if digits:
                return str(digits[0])
        raise UnexpectedResponse(f"no code was sent to {to}")

    def drain(self) -> Any:
        return self.post("/queues/drain")

    def advance(self, **length: int) -> Any:
        seconds = length.get("seconds", 0) + 60 * length.get("minutes", 0) + 3600 * length.get("hours", 0)
        return self.post("/clock/advance", {"seconds": seconds})

    def _call(self, method: str, path: str, body: Any) -> Any:
        answer = self.session.request(method, self.url + path, json=body, timeout=TIMEOUT_SECONDS)
        if answer.status_code >= 400:
            raise UnexpectedResponse(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()
