"""Body, query and path of a request, as the models that the route declared."""

from typing import Any, TypeVar
from urllib.parse import unquote, urlencode

from pydantic import BaseModel, ValidationError

from chalicelib.domain.problems import Problem
from chalicelib.edge.context import request_context
from chalicelib.edge.decoding import MAX_TEXT_BYTES, parse_body
from chalicelib.edge.routes import Routes

M = TypeVar("M", bound=BaseModel)


def body(routes: Routes, model: type[M]) -> M:
    """The request's body as `model`.

    Raises Problem: malformed_body, too_large, unsupported_media_type, invalid_input.
    """
    context = request_context.get()
    if context.route.body is not model:
        raise RuntimeError(f"{context.route.name} declares another body")
    fields = _content(routes)
    read = _read(model, fields)
    context.content = {name: str(value) for name, value in read.model_dump().items()}
    return read


def raw_request(routes: Routes) -> tuple[dict[str, str], bytes]:
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
    if len(raw) > MAX_TEXT_BYTES:
        raise Problem("too_large", limit_bytes=MAX_TEXT_BYTES)
    return headers, raw


def _query_bytes(params: Any) -> bytes:
    """The query again, as API Gateway has taken it apart; none is empty."""
    return urlencode([(name, value) for name in params or () for value in params.getlist(name)]).encode()


def query(routes: Routes, model: type[M]) -> M:
    """The query string as `model`; a parameter that comes twice is refused. Raises Problem("invalid_input")."""
    if request_context.get().route.query is not model:
        raise RuntimeError(f"{request_context.get().route.name} declares another query")
    return _read(model, query_params(routes))


def query_params(routes: Routes) -> dict[str, str]:
    """The query string's fields. Raises Problem("invalid_input") for one that comes twice."""
    params = routes.current_request.query_params
    fields: dict[str, str] = {}
    if params is None:
        return fields
    for name in params:
        values = params.getlist(name)
        if len(values) != 1:
            raise Problem("invalid_input", errors={str(name)[:100]: ["given more than once"]})
        fields[str(name)] = str(values[0])
    return fields


def path_param(part: str) -> str:
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
        return parse_body(raw.encode() if isinstance(raw, str) else raw, content_type)
    except UnicodeError as error:
        raise Problem("malformed_body") from error


def _read(model: type[M], fields: dict[str, Any]) -> M:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        errors: dict[str, list[str]] = {}
        for problem in error.errors(include_url=False, include_input=False, include_context=False):
            name = str(problem["loc"][0])[:100] if problem["loc"] else "body"
            errors.setdefault(name, []).append(problem["msg"].removeprefix("Value error, "))
        raise Problem("invalid_input", errors=errors) from error
