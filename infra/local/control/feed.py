"""Routes of the control API that read the feed, and repeat the companies' callbacks."""

import json
from collections.abc import Iterator, Mapping

from flask import Blueprint, Response, jsonify, request

from infra.local.connections import EVENT_STREAM
from infra.local.control.request_shapes import RequestShape, Schema, shaped
from infra.local.control.requests import BadRequest, carry_out
from infra.local.feed.event_feed import KINDS, EventFeed
from infra.local.simulation import Simulation

KEEP_ALIVE_SECONDS = 10.0
MAX_EVENTS = 500
EVENTS_QUERY: Mapping[str, Schema] = {
    "after": {"type": "integer", "minimum": 0},
    "tail": {"type": "integer", "minimum": 1},
    "kind": {"type": "string", "description": f"kinds with commas between them: {', '.join(KINDS)}"},
    "rental": {"type": "string", "description": "the code of a rental"},
}
AS_TAIL = "tail is a number of events, from 1"


def feed_blueprint(simulation: Simulation) -> Blueprint:
    """The routes /events and /callbacks."""
    blueprint = Blueprint("feed", __name__)

    @blueprint.get("/events")
    @shaped(RequestShape(EVENTS_QUERY))
    def events() -> Response:
        """Events `after` a number, or the newest `tail`, oldest first; as `text/event-stream` also those to come."""
        kinds = [kind for kind in request.args.get("kind", "").split(",") if kind]
        if unknown := sorted(set(kinds) - KINDS.keys()):
            raise BadRequest(422, f"unknown: {', '.join(unknown)}; there is {', '.join(KINDS)}")
        rental = request.args.get("rental") or None
        number = _first_number(simulation.feed, kinds, rental)
        if EVENT_STREAM in request.headers.get("Accept", ""):
            return Response(_stream(simulation.feed, number, kinds, rental), mimetype=EVENT_STREAM)
        found = simulation.feed.after(number, kinds=kinds, rental=rental, limit=MAX_EVENTS)
        return jsonify([event.listing() for event in found])

    @blueprint.get("/callbacks")
    def callbacks() -> Response:
        """What companies sent to the API, oldest first, with our answers."""
        return jsonify(simulation.callbacks.listing())

    @blueprint.post("/callbacks/<int:number>/again")
    def again(number: int) -> Response:
        """Send a callback again, byte for byte."""
        answer = carry_out(lambda: simulation.callbacks.again(number))
        return jsonify({"status": answer.status_code, "answer": answer.text})

    return blueprint


def _first_number(feed: EventFeed, kinds: list[str], rental: str | None) -> int:
    """The number after which the request asks for events. A browser that connects again names its last event."""
    number, tail = request.headers.get("Last-Event-ID") or request.args.get("after"), request.args.get("tail")
    if number is not None or tail is None:
        first = _whole(number or "0", "after is the number of an event")
        # a number that no event has yet is of another sandbox, which was here before
        return first if first <= feed.newest_number() else 0
    count = _whole(tail, AS_TAIL)
    if not count:
        raise BadRequest(422, AS_TAIL)
    return feed.number_before_newest(count, kinds=kinds, rental=rental)


def _whole(text: str, wrong: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(2**53)):
        raise BadRequest(422, wrong)
    return int(text)


def _stream(feed: EventFeed, number: int, kinds: list[str], rental: str | None) -> Iterator[str]:
    """Server-sent events, until the client leaves or the feed is closed. A comment keeps a quiet connection open."""
    yield ": the feed\n\n"
    while not feed.is_closed:
        newest = feed.newest_number()
        found = feed.after(number, kinds=kinds, rental=rental, limit=MAX_EVENTS)
        for event in found:
            yield f"id: {event.number}\nevent: {event.kind}\ndata: {json.dumps(event.listing(), default=str)}\n\n"
        last = found[-1].number if found else number
        number = last if len(found) == MAX_EVENTS else max(last, newest)
        if not feed.wait(number, KEEP_ALIVE_SECONDS):
            yield ": nothing new\n\n"
