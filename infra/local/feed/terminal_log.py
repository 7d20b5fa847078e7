"""Log lines for people at a terminal: the time, what happened, and a request's status in colour."""

import io
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TextIO

from chalicelib.domain.rentals.rental import rental_code
from infra.local.feed.watched_functions import RENTALS

RESET, RED, YELLOW, GREEN, BOLD = "\033[0m", "\033[31m", "\033[33m", "\033[32m", "\033[1m"
LEFT_OUT = frozenset({"fact", "level", "_aws", "request_id"})


def wants_colours(environ: Mapping[str, str]) -> bool:
    """Whether NO_COLOR is absent or empty, as its convention says (no-color.org)."""
    return not environ.get("NO_COLOR")


class TerminalLog(io.TextIOBase):
    """Writes each JSON line of the log as a line for people. Any other text goes through as it is."""

    def __init__(self, stream: TextIO, now: Callable[[], datetime], *, coloured: bool) -> None:
        self._stream = stream
        self._now = now
        self._coloured = coloured

    def write(self, text: str) -> int:
        try:
            line = json.loads(text)
        except ValueError:
            line = None
        self._stream.write(self._words(line) + "\n" if isinstance(line, dict) and "fact" in line else text)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def _words(self, line: Mapping[str, Any]) -> str:
        at = self._now().astimezone().strftime("%H:%M:%S")
        if line["fact"] == "request":
            return f"{at} {self._request(line)}"
        name = self._paint(RED + BOLD, line["fact"]) if line.get("level") == "ALARM" else str(line["fact"])
        fields = [
            f"{field}={value}" for field, value in line.items() if field not in LEFT_OUT and field != line["fact"]
        ]
        return " ".join([at, name, *fields])

    def _request(self, line: Mapping[str, Any]) -> str:
        status, path = int(line["status"]), str(line["path"])
        colour = RED if status >= 500 else YELLOW if status >= 400 else GREEN
        rental = RENTALS.search(path)
        parts = [f"{line['method']:6}", path, self._paint(colour, str(status)), f"{line['milliseconds']:.0f} ms"]
        return " ".join([*parts, str(line.get("code") or ""), rental_code(rental[1]) if rental else ""]).rstrip()

    def _paint(self, colour: str, text: str) -> str:
        return f"{colour}{text}{RESET}" if self._coloured else text
