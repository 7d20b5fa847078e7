"""Tells the feed of every invocation of the service: requests, batches of messages, and runs of schedules."""

import json
import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from infra.local.aws.lambdas import Consumer, Handler, Schedule
from infra.local.feed.cabinet_words import frame_words
from infra.local.feed.event_feed import EventFeed
from infra.local.serving import App

RENTALS = re.compile(r"/rentals/([0-9A-Z]{26})(?:/|$)")
MAX_TEXT = 4000
SECRET_FIELDS = frozenset({"access_token", "refresh_token", "password", "verification_token"})
POLL_MNS = "poll_mns"
"""Runs all the time: only its failures are told."""


def watched_api(feed: EventFeed, app: App) -> App:
    """The WSGI app of the API, each of whose requests is told with its response."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun, answered = time.monotonic(), {"status": "", "request_id": ""}

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            named = {name.lower(): value for name, value in headers}
            answered.update(status=status.partition(" ")[0], request_id=named.get("x-request-id", ""))
            return start_response(status, headers, exc_info)

        body = b"".join(app(environ, start))
        milliseconds = round((time.monotonic() - begun) * 1000, 1)
        method, path, answer = environ["REQUEST_METHOD"], environ["PATH_INFO"], _json(body)
        feed.add(
            "api",
            f"{method} {path} -> {answered['status']}  {milliseconds:.0f} ms",
            rental_id=_rental_of(path, answer),
            method=method,
            path=path,
            query=environ["QUERY_STRING"],
            status=int(answered["status"]),
            milliseconds=milliseconds,
            request_id=answered["request_id"],
            answer=_shown(answer),
        )
        return [body]

    return call


def watched_consumer(feed: EventFeed, consumer: Consumer) -> Consumer:
    """The consumer, each of whose batches is told when it is handled."""

    def tell(event: Any, answer: Any, milliseconds: float) -> None:
        failed_ids = {item["itemIdentifier"] for item in (answer or {}).get("batchItemFailures", ())}
        by_rental: dict[str | None, list[tuple[Any, bool]]] = {}
        for record in event["Records"]:
            body = _json(record["body"].encode())
            told = body, record["messageId"] in failed_ids
            by_rental.setdefault(_rental_of_message(feed, body), []).append(told)
        for rental_id, messages in by_rental.items():
            failures = sum(is_failed for _, is_failed in messages)
            feed.add(
                "queue",
                f"{consumer.queue}: {len(messages)} taken" + (f", {failures} failed" if failures else ""),
                rental_id=rental_id,
                queue=consumer.queue,
                messages=[body for body, _ in messages],
                failed=failures,
                milliseconds=milliseconds,
            )

    failed = partial(_failed, feed, "queue", consumer.name)
    return replace(consumer, handler=_watched(consumer.handler, tell, failed))


def watched_schedule(feed: EventFeed, schedule: Schedule) -> Schedule:
    """The schedule, each of whose runs is told at its end."""

    def tell(_: Any, answer: Any, milliseconds: float) -> None:
        if schedule.name != POLL_MNS:
            feed.add("schedule", schedule.name, schedule=schedule.name, answer=answer, milliseconds=milliseconds)

    failed = partial(_failed, feed, "schedule", schedule.name)
    return replace(schedule, handler=_watched(schedule.handler, tell, failed))


def _watched(
    handler: Handler, tell: Callable[[Any, Any, float], None], failed: Callable[[Exception], None]
) -> Handler:
    def run(event: Any, context: Any) -> Any:
        begun = time.monotonic()
        try:
            answer = handler(event, context)
        except Exception as error:
            failed(error)
            raise
        tell(event, answer, round((time.monotonic() - begun) * 1000, 1))
        return answer

    return run


def _failed(feed: EventFeed, kind: str, name: str, error: Exception) -> None:
    feed.add(kind, f"{name}: {type(error).__name__}", function=name, error=str(error)[:MAX_TEXT])


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _rental_of_message(feed: EventFeed, body: Any) -> str | None:
    """The rental that a message names, or that its notification or the power bank of its frame belongs to."""
    if not isinstance(body, dict):
        return None
    if "rental_id" in body:
        return str(body["rental_id"])
    name = body.get("notification_id", "")
    with suppress(ValueError):  # a damaged message names no power bank
        frame = bytes.fromhex(str(body.get("frame", "")))
        name = name or frame_words(frame)["fields"].get("powerbank_sn", "")
    return feed.rental_of(str(name))


def _rental_of(path: str, answer: Any) -> str | None:
    """The rental that a request names in its path, or that its response holds."""
    if found := RENTALS.search(path):
        return found[1]
    data = answer.get("data") if isinstance(answer, dict) and path.startswith("/api/rentals") else None
    return str(data["id"]) if isinstance(data, dict) and "payment_status" in data and "id" in data else None


def _shown(answer: Any) -> Any:
    """The response without tokens and codes; the beginning of a long one."""
    text = json.dumps(_hidden(answer))
    return _hidden(answer) if len(text) <= MAX_TEXT else text[:MAX_TEXT]


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "..." if name in SECRET_FIELDS and item else _hidden(item) for name, item in value.items()}
    return [_hidden(item) for item in value] if isinstance(value, list) else value
