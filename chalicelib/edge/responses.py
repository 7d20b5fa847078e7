"""What a door gives back: an Answer, and how it and a Problem become the bytes of the contract."""

import base64
import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import Any

from pydantic import BaseModel

from chalicelib.domain.problems import Problem, type_url

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
HTML_TYPE = "text/html; charset=utf-8"
CSV_TYPE = "text/csv; charset=utf-8"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would calculate rather than show."""
SAID = {
    200: {"en": "OK", "ne": "ठिक छ"},
    201: {"en": "Created", "ne": "सिर्जना भयो"},
    202: {"en": "Accepted", "ne": "स्वीकार भयो"},
}


@dataclass(frozen=True)
class Table:
    """A file of comma separated values to download; a door that gives one declares it as its answer."""

    name: str
    text: str


@dataclass(frozen=True)
class Answer:
    """A success. `beside` goes to the top level of the envelope; `cache_seconds` lets others keep it."""

    status: int = 200
    data: Any = None
    beside: Mapping[str, Any] = field(default_factory=dict)
    cache_seconds: int | None = None
    html: str | None = None
    policy: str = ""
    """What a page may load and run: its Content-Security-Policy."""
    table: Table | None = None
    location: str | None = None


@dataclass(frozen=True)
class Sent:
    """An answer as bytes on the wire."""

    status: int
    body: str
    headers: dict[str, str]


def ok(data: Any = None, *, beside: Mapping[str, Any] | None = None) -> Answer:
    return Answer(200, data, beside or {})


def created(data: Any) -> Answer:
    return Answer(201, data)


def accepted(data: Any) -> Answer:
    """Taken, and not decided yet."""
    return Answer(202, data)


def cached(data: Any, *, seconds: int) -> Answer:
    """The same for everybody: with an ETag, and good for `seconds`."""
    return Answer(200, data, cache_seconds=seconds)


def page(html: str, *, script: str) -> Answer:
    """A page of ours that runs this one script, loads nothing and is shown in nobody's frame.

    Where its form may lead is left open: gateways send browsers on to other hosts of theirs.
    """
    proof = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{proof}'; base-uri 'none'; frame-ancestors 'none'"
    return Answer(200, html=html, policy=policy)


def table(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Answer:
    """The file `name`.csv: RFC 4180 with its header; cells that a spreadsheet would take for formulas are quoted."""
    said = StringIO()
    writer = csv.writer(said, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row] for row in rows)
    return Answer(200, table=Table(f"{name}.csv", said.getvalue()))


def redirect(location: str) -> Answer:
    """303: whatever the method was, go there by GET."""
    return Answer(303, location=location)


def sent(answer: Answer, language: str, if_none_match: str) -> Sent:
    """The answer's bytes; 304 without any when the caller has them already."""
    if answer.location is not None:
        return Sent(answer.status, "", {"Location": answer.location, "Cache-Control": "no-store"})
    if answer.html is not None:
        headers = {"Content-Type": HTML_TYPE, "Cache-Control": "no-store", "Content-Security-Policy": answer.policy}
        return Sent(answer.status, answer.html, headers | {"X-Content-Type-Options": "nosniff"})
    if answer.table is not None:
        named = f'attachment; filename="{answer.table.name}"'
        headers = {"Content-Type": CSV_TYPE, "Content-Disposition": named, "Cache-Control": "no-store"}
        return Sent(answer.status, answer.table.text, headers)
    said = {"success": True, "message": SAID[answer.status][language], "data": plain(answer.data), **answer.beside}
    body = _text(said)
    if answer.cache_seconds is None:
        return Sent(answer.status, body, {"Content-Type": JSON_TYPE, "Cache-Control": "no-store"})
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    kept = {"ETag": tag, "Cache-Control": f"public, max-age={answer.cache_seconds}", "Vary": "Accept-Language"}
    if {"*", tag} & {known.strip().removeprefix("W/") for known in if_none_match.split(",")}:
        return Sent(304, "", kept)
    return Sent(answer.status, body, {"Content-Type": JSON_TYPE, **kept})


def told(problem: Problem, language: str, request_id: str) -> Sent:
    """A problem's bytes: RFC 9457 and the envelope in one."""
    text = problem.kind.ne if language == "ne" else problem.kind.en
    body: dict[str, Any] = {
        "success": False,
        "message": text,
        "error": {"code": problem.code, "message": text, "details": in_rupees(problem.details)},
        "type": f"{type_url}#{problem.code}",
        "title": problem.kind.en,
        "status": problem.status,
        "detail": text,
        "request_id": request_id,
    }
    if problem.status == 422:
        body["errors"] = problem.errors or {}
    headers = {"Content-Type": PROBLEM_TYPE, "Cache-Control": "no-store"}
    if problem.retry_after_seconds is not None:
        headers["Retry-After"] = str(problem.retry_after_seconds)
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="bijuli"'
    return Sent(problem.status, json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str), headers)


def without_words(one: Sent, words: Sequence[str]) -> str:
    """Its body, and of its data the fields `words` taken out that say anything."""
    if not words:
        return one.body
    said = json.loads(one.body)
    kept = {name: value for name, value in said["data"].items() if value is None or name not in words}
    return _text(said | {"data": kept})


def with_words(kept: str, fresh: Sent) -> Sent:
    """What `without_words` kept, and from the fresh answer what it took out."""
    said = json.loads(kept)
    return replace(fresh, body=_text(said | {"data": json.loads(fresh.body)["data"] | said["data"]}))


def _text(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def in_rupees(details: Mapping[str, Any]) -> dict[str, Any]:
    """Details as people read them: `shortfall_paisa` goes out as `shortfall`, in rupees, also within a list."""
    return {
        name.removesuffix("_paisa"): money_text(value) if name.endswith("_paisa") else _within(value)
        for name, value in details.items()
    }


def _within(value: Any) -> Any:
    if isinstance(value, list):
        return [_within(one) for one in value]
    return in_rupees(value) if isinstance(value, Mapping) else value


def money_text(paisa: int) -> str:
    """Rupees with two places: 12000 is `120.00`."""
    sign = "-" if paisa < 0 else ""
    return f"{sign}{abs(paisa) // 100}.{abs(paisa) % 100:02d}"


def with_header(one: Sent, name: str, value: str) -> Sent:
    return replace(one, headers={**one.headers, name: value})


def plain(data: Any) -> Any:
    """A model as JSON values; `distance_km` and the like that are not set are left out only where a model says so."""
    return data.model_dump(mode="json") if isinstance(data, BaseModel) else data
