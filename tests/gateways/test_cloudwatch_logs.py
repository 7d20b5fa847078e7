"""CloudWatch Logs: lines that match, in a bounded number of calls, whatever the service answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.gateways.cloudwatch_logs import MAX_PAGES, CloudWatchLogs, filter_pattern
from chalicelib.world import Unavailable
from tests.gateways.aws_clients import aws_client
from tests.gateways.odd_server import OddServer

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
STREAM = "2026/11/23/bijuli-prod-SweepOutbox[$LATEST]0a1b2c"


class Client:
    """Answers with these pages, one after the other, and then with the last one again and again."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages, self.requests = list(pages), list[dict[str, Any]]()

    def filter_log_events(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        return self.pages[min(len(self.requests), len(self.pages)) - 1]


def event(number: int, message: str, at: datetime = NOW) -> dict[str, Any]:
    milliseconds = int(at.timestamp() * 1000)
    return {"eventId": str(number), "timestamp": milliseconds, "message": message, "logStreamName": STREAM}


def find(client: Any, **fields: str | None) -> Any:
    return CloudWatchLogs(client, "group").find(fields, since=NOW - timedelta(hours=1), until=NOW)


def test_lines_of_all_pages_are_found_in_the_order_of_their_times() -> None:
    later, earlier = event(1, '{"fact":"b"}\n'), event(2, "no fact", NOW - timedelta(minutes=1))
    client = Client({"events": [later], "nextToken": "t"}, {"events": [], "nextToken": "u"}, {"events": [earlier]})
    found = find(client)
    assert [(line.text, line.source, line.fields) for line in found.lines] == [
        ("no fact", "bijuli-prod-SweepOutbox", {}),
        ('{"fact":"b"}', "bijuli-prod-SweepOutbox", {"fact": "b"}),
    ]
    assert found.complete
    assert [request.get("nextToken") for request in client.requests] == [None, "t", "u"]


def test_a_search_ends_after_a_few_pages() -> None:
    client = Client({"events": [event(1, "line")], "nextToken": "again"})
    found = find(client)
    assert (len(client.requests), found.complete) == (MAX_PAGES, False)


def test_lines_that_an_engine_should_not_have_returned_are_left_out() -> None:
    lines = ['{"fact":"a","level":"ALARM"}', '{"fact":"a"}', "[1]", "{broken", "Task timed out"]
    client = Client({"events": [event(number, line) for number, line in enumerate(lines)]})
    assert [line.line_id for line in find(client, level="ALARM").lines] == ["0"]
    assert [line.line_id for line in find(client, level=None).lines] == ["1"]


def test_the_pattern_names_values_and_missing_fields() -> None:
    pattern = filter_pattern({"level": None, "request_id": 'a"b'})
    assert pattern == '{ ($.level NOT EXISTS) && ($.request_id = "a\\"b") }'


@pytest.mark.parametrize(("status", "body"), [(400, '{"__type":"ResourceNotFoundException"}'), (500, ""), (200, "<")])
def test_an_error_or_an_unreadable_answer_is_unavailable(odd_server: OddServer, status: int, body: str) -> None:
    odd_server.answers_with(body, status)
    with pytest.raises(Unavailable):
        find(aws_client("logs", odd_server.url))


def test_an_event_without_time_or_text_is_left_out() -> None:
    client = Client({"events": [{"message": "x"}, {"timestamp": 1}, {}]})
    assert find(client).lines == []
