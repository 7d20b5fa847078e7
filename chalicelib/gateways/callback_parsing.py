"""What a callback or a returning browser says, as text by name, and the digest that tells one such piece of news."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from chalicelib.domain.field_notes import note
from chalicelib.domain.problems import Problem
from chalicelib.domain.reasons import Reason

METHOD = ":method"
"""A pseudo-header, as HTTP/2 has them: no caller can send one, so it is the edge's own word."""
MAX_FIELDS = 100
FORM = "application/x-www-form-urlencoded"


def is_browser_return(headers: Mapping[str, str]) -> bool:
    """Whether it is a browser that comes back, with a query in place of a body."""
    return headers.get(METHOD) == "GET"


def fields_of(headers: Mapping[str, str], raw: bytes) -> dict[str, str]:
    """The fields of a query, a form or a JSON object; what is no text is told as text.

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
    """Raises Problem("malformed_body") for anything else."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Problem("malformed_body") from error
    if not isinstance(content, dict):
        raise Problem("malformed_body", reason=Reason.NOT_AN_OBJECT)
    return content


def event_id(*parts: str) -> str:
    """Names a piece of news whose sender does not: the same parts are the same news."""
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
        raise Problem("invalid_input", errors={text: [note("field_repeated")]})
    return fields
