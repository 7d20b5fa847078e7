"""The feed of the sandbox: numbered events, by kind and rental, as a list and as a stream."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread

import pytest
import requests
from flask import Flask

from infra.local.control.feed import feed_blueprint
from infra.local.control.requests import BadRequest
from infra.local.feed.event_feed import MAX_EVENTS, EventFeed
from infra.local.serving import Serving
from infra.local.simulation import Simulation

RENTAL = "01M8MKTNEAS5D9K1DBKNP80SS7"


@pytest.fixture
def feed() -> EventFeed:
    return EventFeed(lambda: datetime(2026, 11, 29, tzinfo=UTC))


@pytest.fixture
def served(simulation: Simulation) -> Iterator[str]:
    app = Flask("control")
    app.register_blueprint(feed_blueprint(simulation))
    app.register_error_handler(BadRequest, lambda error: ({"error": error.why}, error.status))
    serving = Serving(app).start()
    yield serving.url
    simulation.feed.close()
    serving.stop()


def test_events_are_numbered_without_gaps_and_listed_by_kind_and_rental(feed: EventFeed) -> None:
    feed.add("clock", "+1:00:00", seconds=3600)
    feed.add("command", "40000444 -> popup_sn 40818052", rental_id=RENTAL)
    feed.add("posting", "hold", rental_id=RENTAL)
    assert [event.number for event in feed.after(0)] == [1, 2, 3]
    assert [event.number for event in feed.after(0, kinds=["posting"])] == [3]
    for rental in (RENTAL, "R-KNP80SS7"):
        assert [event.number for event in feed.after(1, rental=rental)] == [2, 3]
    assert feed.after(0, rental="R-00000000") == []
    assert feed.after(0, limit=1)[0].listing() == {
        "number": 1,
        "at": "2026-11-29T00:00:00.000000Z",
        "kind": "clock",
        "text": "+1:00:00",
        "rental_id": None,
        "rental": None,
        "content": {"seconds": 3600},
    }


def test_the_feed_keeps_the_newest_events(feed: EventFeed) -> None:
    for _ in range(MAX_EVENTS + 5):
        feed.add("clock", "+1")
    assert feed.after(0)[0].number == 6
    assert feed.newest_number() == MAX_EVENTS + 5


def test_the_newest_events_are_counted_among_those_asked_for(simulation: Simulation, served: str) -> None:
    for number in range(4):
        simulation.feed.add("clock", f"+{number}")
        simulation.feed.add("sms", f"code {number}")
    for query, numbers in [("tail=3", [6, 7, 8]), ("tail=2&kind=clock", [5, 7]), ("tail=99", [*range(1, 9)])]:
        found = requests.get(f"{served}/events?{query}", timeout=60).json()
        assert [event["number"] for event in found] == numbers
    again = requests.get(f"{served}/events?tail=1", headers={"Last-Event-ID": "6"}, timeout=60).json()
    assert [event["number"] for event in again] == [7, 8]


def test_a_number_of_another_sandbox_begins_with_the_first_event(simulation: Simulation, served: str) -> None:
    simulation.feed.add("clock", "+1")
    for query, last in [("after=7", ""), ("tail=1", "7")]:
        found = requests.get(f"{served}/events?{query}", headers={"Last-Event-ID": last}, timeout=60).json()
        assert [event["number"] for event in found] == [1]
    assert requests.get(f"{served}/events?after=1", timeout=60).json() == []


def test_who_waits_gets_the_next_event_or_the_end(feed: EventFeed) -> None:
    Thread(target=lambda: feed.add("clock", "+1")).start()
    assert feed.wait(0, 30)
    Thread(target=feed.close).start()
    assert not feed.wait(1, 30)


def test_a_stream_brings_each_event_once_while_it_happens(simulation: Simulation, served: str) -> None:
    simulation.feed.add("clock", "+1")
    headers = {"Accept": "text/event-stream", "Last-Event-ID": "1"}
    with requests.get(f"{served}/events", headers=headers, stream=True, timeout=60) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        Thread(target=_add_codes, args=(simulation.feed,)).start()
        lines = (line.decode() for line in response.iter_lines(chunk_size=1))
        found = [json.loads(line[6:]) for _, line in zip(range(3), _data(lines), strict=False)]
    assert [(event["number"], event["text"]) for event in found] == [(2, "code 0"), (3, "code 1"), (4, "code 2")]


def _add_codes(feed: EventFeed) -> None:
    for number in range(3):
        feed.add("sms", f"code {number}")


def _data(lines: Iterator[str]) -> Iterator[str]:
    return (line for line in lines if line.startswith("data: "))


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=" + "9" * 30, "kind=rumour", "tail=0", "tail=x"])
def test_an_invalid_query_is_refused(served: str, query: str) -> None:
    assert requests.get(f"{served}/events?{query}", timeout=60).status_code == 422


def test_a_callback_is_sent_again_as_it_was(simulation: Simulation, served: str) -> None:
    app, received = Flask("api"), []

    @app.post("/api/payment/webhook/stripe")
    def webhook() -> str:
        from flask import request

        received.append((request.headers["Stripe-Signature"], request.get_data()))
        return "taken"

    api = Serving(app).start()
    simulation.callbacks.send(
        "stripe",
        "POST",
        f"{api.url}/api/payment/webhook/stripe",
        headers={"Stripe-Signature": "t=1"},
        body='{"a": 1}',
    )
    (kept,) = requests.get(f"{served}/callbacks", timeout=60).json()
    answer = requests.post(f"{served}/callbacks/{kept['number']}/again", timeout=60).json()
    unknown = requests.post(f"{served}/callbacks/9/again", timeout=60)
    api.stop()
    assert answer == {"status": 200, "answer": "taken"}
    assert received == [("t=1", b'{"a": 1}')] * 2
    assert unknown.status_code == 404
    assert [event.text for event in simulation.feed.after(0)] == [
        "stripe: POST /api/payment/webhook/stripe -> 200"
    ] * 2
