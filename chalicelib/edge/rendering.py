"""How a Response or a Problem becomes text and headers."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalice.app import Response as ChaliceResponse
from pydantic import BaseModel

from chalicelib.domain.problems.problems import DEFAULT_PROBLEMS_URL, Problem
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.texts import Text
from chalicelib.edge.responses import CachedBody, Response

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
HTML_TYPE = "text/html; charset=utf-8"
CSV_TYPE = "text/csv; charset=utf-8"
NEXT_CURSOR = "X-Next-Cursor"
MESSAGES = {
    200: Text("Done", "भयो"),
    201: Text("Done", "भयो"),
    202: Text("We're working on it. Please wait.", "काम हुँदै छ। कृपया पर्खनुहोस्।"),
}


@dataclass(frozen=True)
class RenderedResponse:
    """A response as text and headers."""

    status: int
    body: str
    headers: dict[str, str]


def render(response: Response, language: str, if_none_match: str) -> RenderedResponse:
    """The response as text; 304 without a body when `if_none_match` names its ETag."""
    if response.location is not None:
        return RenderedResponse(response.status, "", {"Location": response.location, "Cache-Control": "no-store"})
    if response.html is not None:
        headers = {
            "Content-Type": HTML_TYPE,
            "Cache-Control": "no-store",
            "Content-Security-Policy": response.content_security_policy,
        }
        return RenderedResponse(response.status, response.html, headers | {"X-Content-Type-Options": "nosniff"})
    if response.csv_file is not None:
        disposition = f'attachment; filename="{response.csv_file.name}"'
        headers = {"Content-Type": CSV_TYPE, "Content-Disposition": disposition, "Cache-Control": "no-store"}
        if response.next_cursor is not None:
            headers |= {NEXT_CURSOR: response.next_cursor}
        return RenderedResponse(response.status, response.csv_file.text, headers)
    if response.cache_seconds is None:
        headers = {"Content-Type": JSON_TYPE, "Cache-Control": "no-store"}
        return RenderedResponse(response.status, _envelope_text(response, language), headers)
    body = _cached_body(response, language)
    caching = {
        "ETag": body.tag,
        "Cache-Control": "no-store" if response.personal else f"public, max-age={response.cache_seconds}",
        "Vary": "Accept-Language, Authorization" if response.varies_by_caller else "Accept-Language",
    }
    if {"*", body.tag} & {tag_text.strip().removeprefix("W/") for tag_text in if_none_match.split(",")}:
        return RenderedResponse(304, "", caching)
    return RenderedResponse(response.status, body.text, {"Content-Type": JSON_TYPE, **caching})


def _cached_body(response: Response, language: str) -> CachedBody:
    if language not in response.bodies:
        text = _envelope_text(response, language)
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
        response.bodies[language] = CachedBody(text, tag)
    return response.bodies[language]


def _envelope_text(response: Response, language: str) -> str:
    envelope = {
        "success": True,
        "message": MESSAGES[response.status].render(language),
        "data": to_json(response.data),
        **response.top_level,
    }
    return _json_text(envelope)


def render_problem(
    problem: Problem, language: str, request_id: str, problems_url: str = DEFAULT_PROBLEMS_URL
) -> RenderedResponse:
    """A problem as text: RFC 9457 and the envelope in one. Its `type` points into the page at `problems_url`."""
    text = problem.text(language)
    body: dict[str, Any] = {
        "success": False,
        "message": text,
        "error": {"code": problem.code, "message": text, "details": in_rupees(problem.details)},
        "type": f"{problems_url}#{problem.code}",
        "title": problem.kind.en,
        "status": problem.status,
        "detail": text,
        "request_id": request_id,
    }
    if problem.status == 422:
        body["errors"] = problem.validation_messages(language)
    headers = {"Content-Type": PROBLEM_TYPE, "Cache-Control": "no-store"}
    if problem.retry_after_seconds is not None:
        headers["Retry-After"] = str(problem.retry_after_seconds)
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="bijuli"'
    return RenderedResponse(
        problem.status, json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str), headers
    )


def without_fields(rendered: RenderedResponse, fields: Sequence[str]) -> str:
    """The body without the fields `fields` of its data. A null value stays."""
    if not fields:
        return rendered.body
    envelope = json.loads(rendered.body)
    data = {name: value for name, value in envelope["data"].items() if value is None or name not in fields}
    return _json_text(envelope | {"data": data})


def with_fields(stored_body: str, rendered: RenderedResponse) -> RenderedResponse:
    """The stored body, with the fields that `without_fields` removed taken from the fresh response."""
    envelope = json.loads(stored_body)
    return replace(
        rendered, body=_json_text(envelope | {"data": json.loads(rendered.body)["data"] | envelope["data"]})
    )


def _json_text(envelope: Mapping[str, Any]) -> str:
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))


def in_rupees(details: Mapping[str, Any]) -> dict[str, Any]:
    """Details for people: `shortfall_paisa` becomes `shortfall`, in rupees, also inside a list."""
    return {
        name.removesuffix("_paisa"): money_text(value)
        if name.endswith("_paisa") and isinstance(value, int)
        else _nested_in_rupees(value)
        for name, value in details.items()
    }


def _nested_in_rupees(value: Any) -> Any:
    if isinstance(value, list):
        return [_nested_in_rupees(item) for item in value]
    return in_rupees(value) if isinstance(value, Mapping) else value


def with_header(rendered: RenderedResponse, name: str, value: str) -> RenderedResponse:
    return replace(rendered, headers={**rendered.headers, name: value})


def to_json(data: Any) -> Any:
    """A model as JSON values. Other data is returned as it is."""
    return data.model_dump(mode="json") if isinstance(data, BaseModel) else data


def chalice_response(rendered: RenderedResponse) -> ChaliceResponse:
    return ChaliceResponse(rendered.body, headers=dict(rendered.headers), status_code=rendered.status)
