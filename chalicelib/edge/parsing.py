"""What a caller sent, as the model the door declared; what a door tells, as models too."""

import re
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import unquote, urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from chalicelib.domain.problems import Problem
from chalicelib.edge.answers import money_text
from chalicelib.edge.coercion import AsInteger
from chalicelib.edge.content import MOST_TEXT_BYTES, Upload, content_of
from chalicelib.edge.http import Routes
from chalicelib.edge.visit import current

__all__ = [
    "Asked",
    "Count",
    "Listed",
    "Money",
    "PageAsked",
    "Told",
    "Upload",
    "body",
    "money_text",
    "path_text",
    "query",
    "query_text",
    "raw_of",
]

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
MOST_PAISA = 10**12
NEXT = "`next_cursor` of the page before, with the same other parameters. Without it: the first page"
RUPEES = re.compile(r"^[0-9]{1,10}(?:\.[0-9]{1,2})?$", re.ASCII)


class Asked(BaseModel):
    """What comes in: no field that is not named, no wild length, no white space around."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_max_length=10_000, defer_build=True)


class Told(BaseModel):
    """What goes out: every field, also one that has its default."""

    model_config = ConfigDict(extra="forbid", defer_build=True, json_schema_serialization_defaults_required=True)


class PageAsked(Asked):
    """How much of a list, and from where."""

    limit: Annotated[int, Field(strict=True, ge=1, le=100, description="How many results at most"), AsInteger] = 20
    cursor: Annotated[str, Field(min_length=1, max_length=1024, description=NEXT)] | None = None


class Count(Told):
    """How many results this page holds, and whether another one follows."""

    count: int
    has_next: bool


class Listed(Told, Generic[T]):
    """A page of a list."""

    results: list[T]
    next_cursor: str | None
    pagination: Count

    @classmethod
    def of(cls, results: list[T], next_cursor: str | None) -> "Listed[T]":
        more = next_cursor is not None
        return cls(results=results, next_cursor=next_cursor, pagination=Count(count=len(results), has_next=more))


def paisa_of(said: Any) -> int:
    """Rupees as somebody wrote them, in paisa. Raises ValueError; no sign, no exponent, at most two decimals."""
    if isinstance(said, bool) or not isinstance(said, str | int | Decimal):
        raise ValueError("must be an amount like 120.00")  # noqa: TRY004  pydantic tells a ValueError
    text = str(said).strip()
    if not RUPEES.match(text):
        raise ValueError("must be an amount like 120.00")
    whole, _, part = text.partition(".")
    paisa = int(whole) * 100 + int((part + "00")[:2])
    if not 0 < paisa <= MOST_PAISA:
        raise ValueError("must be more than nothing, and not that much")
    return paisa


Money = Annotated[
    int,
    BeforeValidator(paisa_of),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": RUPEES.pattern}, {"type": "number", "exclusiveMinimum": 0}],
            "description": "Rupees, at most two decimals",
            "examples": ["500.00"],
        }
    ),
]
"""An amount in paisa inside, rupees outside."""


def body(routes: Routes, model: type[M]) -> M:
    """The request's body as `model`.

    Raises Problem: malformed_body, too_large, unsupported_media_type, invalid_input.
    """
    visit = current.get()
    if visit.door.asks is not model:
        raise RuntimeError(f"{visit.door.name} declares another body")
    fields = _content(routes)
    read = _read(model, fields)
    visit.content = {name: str(value) for name, value in read.model_dump().items()}
    return read


def raw_of(routes: Routes) -> tuple[dict[str, str], bytes]:
    """The headers, in lower case and with `:method` beside them, and the body's very bytes: for who signs them.

    A browser that comes by GET has its query in place of a body. Raises Problem: too_large, malformed_body.
    """
    request = routes.current_request
    headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
    headers[":method"] = str(request.method)
    try:
        if request.method == "GET":
            raw = _query_bytes(request.query_params)
        else:
            raw = request.raw_body if isinstance(request.raw_body, bytes) else request.raw_body.encode()
    except UnicodeError as error:
        raise Problem("malformed_body") from error
    if len(raw) > MOST_TEXT_BYTES:
        raise Problem("too_large", limit_bytes=MOST_TEXT_BYTES)
    return headers, raw


def _query_bytes(asked: Any) -> bytes:
    """The query again, as API Gateway has taken it apart; none is empty."""
    return urlencode([(name, one) for name in asked or () for one in asked.getlist(name)]).encode()


def query(routes: Routes, model: type[M]) -> M:
    """The query string as `model`; a parameter that comes twice is refused. Raises Problem("invalid_input")."""
    if current.get().door.query is not model:
        raise RuntimeError(f"{current.get().door.name} declares another query")
    return _read(model, query_text(routes))


def query_text(routes: Routes) -> dict[str, str]:
    """The query string's fields. Raises Problem("invalid_input") for one that comes twice."""
    asked = routes.current_request.query_params
    fields: dict[str, str] = {}
    if asked is None:
        return fields
    for name in asked:
        given = asked.getlist(name)
        if len(given) != 1:
            raise Problem("invalid_input", errors={str(name)[:100]: ["given more than once"]})
        fields[str(name)] = str(given[0])
    return fields


def path_text(part: str) -> str:
    """A path parameter, percent-decoded. Raises Problem("not_found") for what can name nothing."""
    text = unquote(part, errors="replace")
    if not 0 < len(text) <= 128 or not text.isprintable():
        raise Problem("not_found")
    return text


def _content(routes: Routes) -> dict[str, Any]:
    request = routes.current_request
    content_type = str(request.headers.get("content-type", "") or "")
    try:
        # Chalice encodes text only now, and half a character can't be.
        raw = request.raw_body
        return content_of(raw.encode() if isinstance(raw, str) else raw, content_type)
    except UnicodeError as error:
        raise Problem("malformed_body") from error


def _read(model: type[M], fields: dict[str, Any]) -> M:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        errors: dict[str, list[str]] = {}
        for one in error.errors(include_url=False, include_input=False, include_context=False):
            name = str(one["loc"][0])[:100] if one["loc"] else "body"
            errors.setdefault(name, []).append(one["msg"].removeprefix("Value error, "))
        raise Problem("invalid_input", errors=errors) from error
