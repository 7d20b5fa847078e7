"""Stripe's protocol: bracketed forms, JSON, errors, idempotency keys, and pages of lists."""

import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask import Response, request

from infra.local.fault import Fault

PART = re.compile(r"\[([^\]]*)\]")
MAX_PAGE = 100
SESSION_FIELDS = frozenset(
    {
        "adaptive_pricing",
        "cancel_url",
        "client_reference_id",
        "expand",
        "expires_at",
        "line_items",
        "metadata",
        "mode",
        "payment_intent_data",
        "success_url",
    }
)
"""What a new Checkout Session may have."""
JsonObject = dict[str, Any]


class StripeError(Exception):
    """An error in Stripe's form. `executed`: the request was valid and failed while Stripe executed it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        executed: bool = False,
    ) -> None:
        self.executed = executed
        kind = "idempotency_error" if code == "idempotency_error" else "invalid_request_error"
        content = {"message": message, "type": kind, "code": code if kind != code else None, "param": param}
        self.status = status
        self.body = {"error": {name: value for name, value in content.items() if value is not None}}
        super().__init__(message)


def request_fields() -> dict[str, Any]:
    """The form or query of this request, its brackets undone: `a[b][0]=x` is {"a": {"b": ["x"]}}."""
    content: dict[str, Any] = {}
    for name, value in (request.args if request.method == "GET" else request.form).items(multi=True):
        parts = [name.partition("[")[0], *PART.findall(name)]
        inner = content
        for part in parts[:-1]:
            inner = inner.setdefault(part, {})
        if parts[-1] == "":
            inner[str(len(inner))] = value
        else:
            inner[parts[-1]] = value
    return {name: _listed(value) for name, value in content.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(item) for name, item in value.items()}
    return list(inner.values()) if inner and all(name.isdecimal() for name in inner) else inner


def answer(content: JsonObject, status: int = 200, *, replayed: bool = False) -> Response:
    headers = {"Request-Id": "req_sandbox"} | ({"Idempotent-Replayed": "true"} if replayed else {})
    return Response(json.dumps(content), status, headers, mimetype="application/json")


def whole(params: dict[str, Any], name: str) -> int:
    """The parameter as an integer. Raises StripeError."""
    try:
        return int(str(params.get(name)))
    except ValueError:
        raise StripeError(
            400, f"Invalid integer: {params.get(name)}", code="parameter_invalid_integer", param=name
        ) from None


def listed(rows: Sequence[JsonObject]) -> JsonObject:
    """A page, newest first, of the rows created within the requested times."""
    content = request_fields()
    created = content.get("created")
    bounds = created if isinstance(created, dict) else {}
    limit = whole(content, "limit") if "limit" in content else 10
    if not 1 <= limit <= MAX_PAGE:
        raise StripeError(400, "Limit is a number between 1 and 100", param="limit")
    matches = [row for row in reversed(rows) if all(_within(row["created"], how, at) for how, at in bounds.items())]
    after = content.get("starting_after")
    if after is not None:
        places = [number for number, row in enumerate(matches) if row["id"] == after]
        if not places:
            raise StripeError(400, f"No such object: '{after}'", code="resource_missing", param="starting_after")
        matches = matches[places[0] + 1 :]
    return {"object": "list", "data": matches[:limit], "has_more": len(matches) > limit, "url": _path()}


def _path() -> str:
    """The path as Stripe's clients see it, without our prefix."""
    return request.path[request.path.index("/v1/") :]


def _within(created: int, how: str, at: str) -> bool:
    bounds: dict[str, Callable[[int], bool]] = {
        "gte": lambda bound: created >= bound,
        "gt": lambda bound: created > bound,
        "lte": lambda bound: created <= bound,
        "lt": lambda bound: created < bound,
    }
    if how not in bounds:
        raise StripeError(
            400, f"Received unknown parameter: created[{how}]", code="parameter_unknown", param="created"
        )
    return bounds[how](int(at))


@dataclass
class StoredAnswer:
    """A request with a key, and its response. The response is None while the request runs."""

    request: str
    answer: JsonObject | None = None
    status: int = 200


class Keys:
    """Idempotency keys: every later request with a key gets the first one's response."""

    def __init__(self) -> None:
        self._stored: dict[str, StoredAnswer] = {}
        self._lock = threading.Lock()

    def replay_or_make(self, make: Callable[[], JsonObject]) -> Response:
        """The response of the key. Raises StripeError for another request under the key, or while the first runs.

        The first response is stored with its status if the request began to execute, an error too.
        """
        key = request.headers.get("Idempotency-Key")
        if not key:
            return answer(make())
        request_text = request.path + request.get_data(as_text=True)
        with self._lock:
            stored_answer = self._stored.get(key)
            if stored_answer is None:
                self._stored[key] = StoredAnswer(request_text)
        if stored_answer is None:
            return answer(self._made(key, make))
        if stored_answer.request != request_text:
            raise StripeError(400, "Keys for idempotent requests can only be used once.", code="idempotency_error")
        if stored_answer.answer is None:
            raise StripeError(409, "There is another request with this key.", code="idempotency_key_in_use")
        return answer(stored_answer.answer, stored_answer.status, replayed=True)

    def state(self) -> dict[str, Any]:
        with self._lock:
            return {key: asdict(stored) for key, stored in self._stored.items()}

    def prepare(self, state: Any) -> Callable[[], None]:
        stored = {str(key): StoredAnswer(**item) for key, item in state.items()}

        def apply() -> None:
            with self._lock:
                self._stored = stored

        return apply

    def keep_failure(self, status: int, content: JsonObject) -> None:
        """Store that this request, which was executed, failed: every repetition gets the same failure."""
        stored = self._stored.get(request.headers.get("Idempotency-Key", ""))
        if stored is not None:
            stored.answer, stored.status = content, status

    def _made(self, key: str, make: Callable[[], JsonObject]) -> JsonObject:
        try:
            content = make()
        except StripeError as error:
            with self._lock:
                if error.executed:
                    self._stored[key] = replace(self._stored[key], answer=error.body, status=error.status)
                else:
                    del self._stored[key]
            raise
        self._stored[key].answer = content
        return content


def failed_on_order(keys: Keys, fault: Fault) -> Response:
    """An error with the code. After an executed request with a key, the key keeps the error."""
    status, code = fault.status or 500, fault.code or "api_error"
    kinds = {"api_error", "card_error", "idempotency_error", "invalid_request_error", "rate_limit_error"}
    error = {"type": code} if code in kinds else {"type": "invalid_request_error", "code": code}
    body = {"error": {"message": "fault on order", **error}}
    if fault.effect:
        keys.keep_failure(status, body)
    response = answer(body, status)
    if fault.retry_after is not None:
        response.headers["Retry-After"] = f"{fault.retry_after:g}"
    return response
