"""Reads control requests, and turns failures into responses for people."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import current_app, request

from infra.local.control.request_shapes import NumberSchema, is_of_control_api, shape_of

Fields = dict[str, Any]
Statuses = Mapping[type[Exception], int]
"""The HTTP status of each class of errors. The first class that an error belongs to counts."""
USUAL_STATUSES: Statuses = {LookupError: 404, ValueError: 409}
"""Something unknown, and something impossible at the moment."""
LONG_WORD = re.compile(r"(\S{200})[^\s,;]+")
MAX_REASON = 2_000


class BadRequest(Exception):
    """A control request that can't be carried out: HTTP status, a sentence that says why, and when to try again.

    The sentence repeats only the beginning of a long text of the request.
    """

    def __init__(self, status: int, reason: str, retry_after_seconds: int | None = None) -> None:
        short = LONG_WORD.sub(r"\1...", reason)
        self.status, self.why = status, short if len(short) <= MAX_REASON else f"{short[:MAX_REASON]}..."
        self.headers = {} if retry_after_seconds is None else {"Retry-After": str(retry_after_seconds)}
        super().__init__(reason)


def carry_out(do: Callable[[], Any], statuses: Statuses = USUAL_STATUSES) -> Any:
    """Run it. Raises BadRequest with the status of the error's class, and lets errors of other classes pass."""
    try:
        return do()
    except tuple(statuses) as error:
        status = next(status for kind, status in statuses.items() if isinstance(error, kind))
        raise BadRequest(status, _reason(error)) from error


def read_object() -> Fields:
    """The JSON object of the request, empty without a body. Raises BadRequest."""
    try:
        fields = request.get_json(silent=True) if request.get_data() else {}
    except RecursionError:  # Python's parser of nested JSON
        fields = None
    if not isinstance(fields, dict):
        raise BadRequest(400, "the body is to be a JSON object, sent with Content-Type: application/json")
    return fields


def read_fields(*allowed: str) -> Fields:
    """The JSON object of the request, with no fields but the allowed ones. Raises BadRequest."""
    fields = read_object()
    _must_be_known(fields, allowed)
    return fields


def refuse_unknown_parameters() -> None:
    """Run before each request. The control API takes no query parameters but those of the view. Raises BadRequest."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and is_of_control_api(view):
        _must_be_known(request.args, shape_of(view).query)


def read_number(fields: Fields, name: str, schema: NumberSchema, *, default: float | None = None) -> float:
    """The number of that name within the schema's bounds. Raises BadRequest."""
    value, minimum, maximum = fields.get(name, default), schema["minimum"], schema["maximum"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not minimum <= value <= maximum:
        raise BadRequest(422, f"{name} is a number from {minimum:g} to {maximum:g}")
    return float(value)


def _must_be_known(names: Iterable[str], allowed: Iterable[str]) -> None:
    if unknown := sorted({*names} - {*allowed}):
        raise BadRequest(422, f"unknown: {', '.join(unknown)}; there is {', '.join(allowed) or 'none'}")


def _reason(error: Exception) -> str:
    if isinstance(error, LookupError):
        return f"unknown: {error.args[0] if error.args else error}"
    if isinstance(error, OSError):
        return f"that failed: {error.strerror or error}"
    return str(error)
