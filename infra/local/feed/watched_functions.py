"""Tells the feed of every invocation of the service: requests, batches of messages, and runs of schedules."""

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from chalice.app import Chalice

from infra.local.aws import lambdas
from infra.local.aws.lambdas import Consumer, Handler, Schedule
from infra.local.aws.refused_addresses import HINT
from infra.local.connections import App
from infra.local.feed.backlog import Backlog
from infra.local.feed.cabinet_words import frame_words
from infra.local.feed.event_feed import EventFeed

RENTALS = re.compile(r"/rentals/([0-9A-Z]{26})(?:/|$)")
MAX_TEXT = 4000
SECRET_FIELDS = frozenset({"access_token", "refresh_token", "password", "verification_token"})
POLL_MNS = "poll_mns"
"""Runs all the time: a run that moved no message is not told."""
Tell = Callable[[Any, Any, Mapping[str, Any]], None]
"""Takes the event, the answer, and the facts of the invocation: its id and how long it took."""


def watched_functions(feed: EventFeed, app: Chalice, backlog: Backlog) -> tuple[list[Consumer], list[Schedule]]:
    """All consumers and schedules of the app, each of whose invocations is told."""
    consumers = [watched_consumer(feed, consumer, backlog) for consumer in lambdas.consumers(app)]
    return consumers, [watched_schedule(feed, schedule) for schedule in lambdas.schedules(app)]


def watched_api(feed: EventFeed, app: App) -> App:
    """The WSGI app of the API, each of whose requests is told with its response."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun, answered = time.monotonic(), {"status": "", "request_id": "", "hint": ""}

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            named = {name.lower(): value for name, value in headers}
            request_id, hint = named.get("x-request-id", ""), named.get(HINT.lower(), "")
            answered.update(status=status.partition(" ")[0], request_id=request_id, hint=hint)
            return start_response(status, headers, exc_info)

        body = b"".join(app(environ, start))
        milliseconds = round((time.monotonic() - begun) * 1000, 1)
        method, path, answer = environ["REQUEST_METHOD"], environ["PATH_INFO"], _json(body)
        feed.add(
            "api",
            f"{method} {path} -> {answered['status']}  {milliseconds:.0f} ms  {answered['hint']}".rstrip(),
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


def watched_consumer(feed: EventFeed, consumer: Consumer, backlog: Backlog) -> Consumer:
    """The consumer, each of whose batches is told when it is handled, a line for each rental."""

    def run(event: Any, context: Any) -> Any:
        outbox_before = backlog.outbox()
        return _watched(consumer.handler, lambda *told: tell(outbox_before, *told), failed)(event, context)

    def tell(outbox_before: int | None, event: Any, answer: Any, facts: Mapping[str, Any]) -> None:
        failed_ids = {item["itemIdentifier"] for item in (answer or {}).get("batchItemFailures", ())}
        by_rental: dict[str | None, list[tuple[Any, bool]]] = {}
        for record in event["Records"]:
            body = _json(record["body"].encode())
            told = body, record["messageId"] in failed_ids
            by_rental.setdefault(_rental_of_message(feed, body), []).append(told)
        waiting, outbox = backlog.queue(consumer.queue), (outbox_before, backlog.outbox())
        for rental_id, messages in by_rental.items():
            failures = sum(is_failed for _, is_failed in messages)
            # SQS counts a message until it is deleted, right after this
            before, waiting = waiting, None if waiting is None else max(0, waiting - len(messages) + failures)
            feed.add(
                "queue",
                _queue_text(consumer.queue, len(messages), failures, (before, waiting), outbox),
                rental_id=rental_id,
                queue=consumer.queue,
                messages=[body for body, _ in messages],
                failed=failures,
                waiting=waiting,
                outbox=outbox[1],
                **facts,
            )

    failed = _failed(feed, "queue", consumer.name)
    return replace(consumer, handler=run)


def watched_schedule(feed: EventFeed, schedule: Schedule) -> Schedule:
    """The schedule, each of whose runs is told at its end."""

    def tell(_: Any, answer: Any, facts: Mapping[str, Any]) -> None:
        if answer or schedule.name != POLL_MNS:
            feed.add("schedule", schedule.name, schedule=schedule.name, answer=answer, **facts)

    failed = _failed(feed, "schedule", schedule.name)
    return replace(schedule, handler=_watched(schedule.handler, tell, failed))


def _queue_text(
    queue: str,
    taken: int,
    failures: int,
    waiting: tuple[int | None, int | None],
    outbox: tuple[int | None, int | None],
) -> str:
    """As in `points 1 -> 0   outbox 1 -> 0`."""
    name = queue.removeprefix("bijuli-")
    parts = [f"{name} {waiting[0]} -> {waiting[1]}" if None not in waiting else f"{name}: {taken} taken"]
    parts += [f"{failures} failed"] if failures else []
    parts += [f"outbox {outbox[0]} -> {outbox[1]}"] if None not in outbox else []
    return "   ".join(parts)


def _watched(handler: Handler, tell: Tell, failed: Callable[[Exception, Mapping[str, Any]], None]) -> Handler:
    def run(event: Any, context: Any) -> Any:
        begun = time.monotonic()
        try:
            answer = handler(event, context)
        except Exception as error:
            failed(error, _facts(context, begun))
            raise
        tell(event, answer, _facts(context, begun))
        return answer

    return run


def _facts(context: Any, begun: float) -> dict[str, Any]:
    """The id of the invocation, which its calls carry too, and how long it took."""
    milliseconds = round((time.monotonic() - begun) * 1000, 1)
    return {"request_id": context.aws_request_id, "milliseconds": milliseconds}


def _failed(feed: EventFeed, kind: str, name: str) -> Callable[[Exception, Mapping[str, Any]], None]:
    def tell(error: Exception, facts: Mapping[str, Any]) -> None:
        text = f"{name}: {type(error).__name__}"
        feed.add(kind, text, function=name, error=str(error)[:MAX_TEXT], **facts)

    return tell


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
