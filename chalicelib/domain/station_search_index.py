"""An index of stations by serial number, text and place, for lists and searches."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

from chalicelib.domain.listed_station import ListedStation
from chalicelib.domain.place_tree import PlaceTree
from chalicelib.domain.search_text import search_text

SEPARATOR = "\n"
"""Stands between the texts of two stations. No folded text contains it, so no search finds a text across it."""


class StationSearchIndex:
    """Stations ordered by serial number. What a search reads is prepared when the first search needs it."""

    def __init__(self, stations: Sequence[ListedStation]) -> None:
        self.sns = [station.sn for station in stations]
        self._places = [station.place for station in stations]

    @cached_property
    def tree(self) -> PlaceTree:
        return PlaceTree([(latitude, longitude) for *_, latitude, longitude in self._places])

    @cached_property
    def texts(self) -> "StationTexts":
        return StationTexts([_text(*place[:4]) for place in self._places])

    def position_of(self, sn: str) -> int | None:
        """The position of the station. None where there is none."""
        position = bisect_left(self.sns, sn)
        return position if position < len(self.sns) and self.sns[position] == sn else None

    def position_after(self, sn: str) -> int:
        """The position of the first station behind the serial number `sn`."""
        return bisect_right(self.sns, sn)


class StationTexts:
    """The texts of stations in one text, so that a search is one search of a long text."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._starts = [0]
        for text in texts:
            self._starts.append(self._starts[-1] + len(text) + len(SEPARATOR))
        self._joined = SEPARATOR.join([*texts, ""])

    def contains(self, position: int, needle: str) -> bool:
        """Whether the text of one station contains `needle`, a folded text."""
        return self._joined.find(needle, self._starts[position], self._starts[position + 1] - len(SEPARATOR)) >= 0

    def containing(self, needle: str, start: int) -> Iterator[int]:
        """The positions from `start` on whose text contains `needle`, a folded text, in order."""
        while start + 1 < len(self._starts):
            at = self._joined.find(needle, self._starts[start])
            if at < 0:
                return
            position = bisect_right(self._starts, at) - 1
            yield position
            start = position + 1


def _text(sn: str, name: str, address: str, landmark: str) -> str:
    return search_text(f"{name} {address} {landmark} {sn}")
