"""Parses the body, the query and the path of a request into what its route declares."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NewType
from urllib.parse import unquote, urlencode

from pydantic import BaseModel, TypeAdapter, ValidationError

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.edge.body_decoding import MAX_TEXT_BYTES, is_empty, is_form, parse_body
from chalicelib.edge.context import RouteSpec
from chalicelib.edge.field_errors import messages_of
from chalicelib.edge.text_conversion import FORM

MAX_PATH_PARAM = 128


@dataclass(frozen=True)
class RequestParts:
    """A parsed request. `path` is None when a path parameter has a value that no resource can have."""

    body: BaseModel | None
    query: BaseModel | None
    path: Mapping[str, Any] | None


@dataclass(frozen=True)
class RawRequest:
    """A gateway's callback, unparsed, so that its signature can be checked.

    `headers` have lower-case names, and the method under `:method`. `body` holds the very bytes of the body; of a GET
    it holds the query string, and `query` its fields. A HEAD is read as a GET.
    """

    headers: dict[str, str]
    body: bytes
    query: Mapping[str, str]


def parse(route: RouteSpec, path_types: Mapping[str, Any], request: Any, path: Mapping[str, str]) -> RequestParts:
    """The request's query, body and path parameters as typed values.

    Raises Problem: malformed_body, too_large, unsupported_media_type, invalid_input.
    """
    query = (
        _validated(route.query, _query_fields(request, names_of(route.query))) if route.query is not None else None
    )
    body = _body(request, route.body) if route.body is not None else None
    return RequestParts(body, query, _path_values(path_types, path))


def raw_request(request: Any) -> RawRequest:
    """The unparsed request. Raises Problem: too_large, malformed_body, invalid_input for a doubled parameter."""
    headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
    method = "GET" if request.method == "HEAD" else str(request.method)
    headers[":method"] = method
    query = _query_fields(request) if method == "GET" else {}
    try:
        raw = urlencode(query).encode() if method == "GET" else _raw_body(request)
    except ValueError as error:
        raise Problem("malformed_body") from error
    if len(raw) > MAX_TEXT_BYTES:
        raise Problem("too_large", limit_bytes=MAX_TEXT_BYTES)
    return RawRequest(headers, raw, query)


def client_address(request: Any) -> str:
    """The client's network address as API Gateway saw it."""
    identity = request.context.get("identity") or {}
    return str(identity.get("sourceIp") or "unknown")


@cache
def names_of(model: type[BaseModel]) -> frozenset[str]:
    """The names that the model's fields have in a request."""
    return frozenset(field.alias or name for name, field in model.model_fields.items())


def _query_fields(request: Any, known: Container[str] = ()) -> dict[str, str]:
    """The parameters of the query. One that `known` has, or that has no name, is absent if it is sent empty."""
    fields: dict[str, str] = {}
    for name in request.query_params or ():
        values = [str(value) for value in request.query_params.getlist(name)]
        if name in known or not name:
            values = [value for value in values if not is_empty(value)]
        if len(values) > 1:
            raise Problem("invalid_input", errors={str(name)[:100]: [validation_message("field_repeated")]})
        fields |= {str(name): value for value in values}
    return fields


def _body(request: Any, model: type[BaseModel]) -> BaseModel:
    others_ignored = model.model_config.get("extra") == "ignore"
    content_type = str(request.headers.get("content-type", "") or "")
    try:
        fields = parse_body(_raw_body(request), content_type, known=names_of(model), others_ignored=others_ignored)
    except ValueError as error:
        raise Problem("malformed_body") from error
    return _validated(model, fields, FORM if is_form(content_type) else None)


def _raw_body(request: Any) -> bytes:
    # Chalice leaves text that API Gateway did not encode as text. A lone surrogate in it can't be encoded, and bad
    # base64 can't be decoded: both are a ValueError.
    raw = request.raw_body
    return raw if isinstance(raw, bytes) else str(raw).encode()


def _validated(model: type[BaseModel], fields: dict[str, Any], context: str | None = None) -> BaseModel:
    """The fields as a model. Their `context` is FORM for those of a form."""
    try:
        return model.model_validate(fields, context=context)
    except ValidationError as error:
        raise Problem("invalid_input", errors=messages_of(error, model)) from error


def _path_values(path_types: Mapping[str, Any], path: Mapping[str, str]) -> dict[str, Any] | None:
    try:
        return {name: _path_value(kind, path[name]) for name, kind in path_types.items()}
    except ValueError:
        return None


def _path_value(kind: Any, part: str) -> Any:
    """A path parameter, percent-decoded. Raises ValueError for a value that no resource can have."""
    text = unquote(part, errors="replace")
    if not 0 < len(text) <= MAX_PATH_PARAM or not text.isprintable():
        raise ValueError(text)
    return text if kind is str or isinstance(kind, NewType) else _adapter(kind).validate_python(text)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made at the first request that needs it, to keep it out of the cold start."""
    return TypeAdapter(kind)
