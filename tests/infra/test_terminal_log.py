"""The log at a terminal: a line for people for each line of JSON."""

import io
import json
from datetime import UTC, datetime

from infra.local.feed.terminal_log import GREEN, RED, RESET, TerminalLog, wants_colours

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
RENTAL = "01M8MKTNEAS5D9K1DBKNP80SS7"
AT = NOON.astimezone().strftime("%H:%M:%S")


def shown(line: object, *, coloured: bool = False) -> str:
    stream = io.StringIO()
    TerminalLog(stream, lambda: NOON, coloured=coloured).write(
        line if isinstance(line, str) else json.dumps(line) + "\n"
    )
    return stream.getvalue()


def request(path: str, status: int, code: str = "") -> dict[str, object]:
    head = {"fact": "request", "request_id": "r", "method": "GET", "path": path}
    return {**head, "status": status, "code": code, "milliseconds": 11.6}


def test_a_request_is_its_method_path_status_time_and_rental() -> None:
    assert (
        shown(request(f"/api/rentals/{RENTAL}", 200)) == f"{AT} GET    /api/rentals/{RENTAL} 200 12 ms  R-KNP80SS7\n"
    )
    assert (
        shown(request("/api/user/wallet", 404, "not_found")) == f"{AT} GET    /api/user/wallet 404 12 ms not_found\n"
    )


def test_the_status_has_a_colour_where_colours_are_wanted() -> None:
    assert f"{GREEN}200{RESET}" in shown(request("/", 200), coloured=True)
    assert f"{RED}503{RESET}" in shown(request("/", 503), coloured=True)
    assert RESET not in shown(request("/", 503))


def test_no_color_takes_the_colours_away_unless_it_is_empty() -> None:
    assert [wants_colours(environ) for environ in ({}, {"NO_COLOR": ""}, {"NO_COLOR": "1"})] == [True, True, False]


def test_another_fact_is_its_name_and_its_fields() -> None:
    assert shown({"fact": "due_paid", "rental_id": RENTAL}) == f"{AT} due_paid rental_id={RENTAL}\n"
    alarm = {"fact": "cabinet_silent", "level": "ALARM", "_aws": {}, "cabinet_silent": 1, "sn": "40000444"}
    assert shown(alarm) == f"{AT} cabinet_silent sn=40000444\n"


def test_other_text_stays_as_it_is() -> None:
    for text in ("Traceback (most recent call last):\n", "12\n", "{}\n", "\n"):
        assert shown(text) == text
