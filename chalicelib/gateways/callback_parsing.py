"""Parses callbacks and browser returns: their fields as text, and a digest that identifies a callback."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.text.nested_json import parse_json

METHOD = ":method"
"""A pseudo-header with the HTTP method. No client can send a header of this name, so only our edge sets it."""
MAX_FIELDS = 100
FORM = "application/x-www-form-urlencoded"


def is_browser_return(headers: Mapping[str, str]) -> bool:
    """Whether a browser returns: it sends a query instead of a body."""
    return headers.get(METHOD) == "GET"


def fields_of(headers: Mapping[str, str], raw: bytes) -> dict[str, str]:
    """The fields of a query, a form or a JSON object. Values that are no text are converted to text.

    Raises Problem: malformed_body, unsupported_media_type, invalid_input (a name twice).
    """
    if not raw.strip():
        return {}
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if is_browser_return(headers) or kind == FORM:
        return _form(raw)
    if kind in ("", "application/json"):
        return {name: str(value) for name, value in json_object(raw).items()}
    raise Problem("unsupported_media_type")


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`. Raises Problem("malformed_body") for any other content."""
    try:
        content = parse_json(raw)
    except ValueError as error:
        raise Problem("malformed_body") from error
    if not isinstance(content, dict):
        raise Problem("malformed_body", reason=Reason.NOT_AN_OBJECT)
    return content


def event_id(*parts: str) -> str:
    """An id of a callback whose sender gives none. The same parts give the same id."""
    text = "\x1f".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _form(raw: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Problem("malformed_body") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        text = twice[:100].encode("ascii", "replace").decode()
        raise Problem("invalid_input", errors={text: [validation_message("field_repeated")]})
    return fields
