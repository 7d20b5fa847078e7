"""The stations of one stored listing. Each kind of content is decoded when a request first needs it."""

import json
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property

from chalicelib.domain.stations.listed_station import ListedStation, StationState
from chalicelib.domain.stations.listing_encoding import (
    SEPARATOR,
    STATE,
    STATUSES,
    ConfiguredContent,
    configured_tag_of,
    tag_of,
)
from chalicelib.domain.stations.place_index import PlaceList
from chalicelib.domain.stations.station_filter import StationFilter
from chalicelib.domain.text.text_blocks import TextBlocks


class ConfiguredPart:
    """What operators configured of the stations of one stored listing. Stations are ordered by serial number."""

    def __init__(self, tag: str, content: ConfiguredContent) -> None:
        """Raises ValueError for a damaged content: its tag is another."""
        if content.tag != tag:
            raise ValueError("the content does not have its tag")
        self.tag, self._content = tag, content

    @cached_property
    def sns(self) -> list[str]:
        """The serial numbers, in order."""
        return _lines(self._content.sns)

    @cached_property
    def details(self) -> TextBlocks:
        """The JSON of each station."""
        return TextBlocks(self._content.details)

    @cached_property
    def hours(self) -> list[str]:
        """The opening and closing time of each station, with a space between the two."""
        return _lines(self._content.hours)

    @cached_property
    def texts(self) -> "StationTexts":
        return StationTexts(zlib.decompress(self._content.texts).decode())

    @cached_property
    def places(self) -> PlaceList:
        return PlaceList(self._content.places, self.sns)


class ListingPart:
    """One stored listing: what operators configured, and the states of its stations."""

    def __init__(self, tag: str, configured: ConfiguredPart, states: bytes) -> None:
        """Raises ValueError for damaged states, and for states of stations that were configured otherwise."""
        if configured_tag_of(tag) != configured.tag or tag_of(configured.tag, states) != tag:
            raise ValueError("the listing does not have its tag")
        self.tag, self.configured, self._states = tag, configured, states

    def __len__(self) -> int:
        return len(self._states) // STATE.size

    def state(self, position: int) -> StationState:
        status, *numbers = STATE.unpack_from(self._states, position * STATE.size)
        return StationState(STATUSES[status], *numbers)

    def listed_station(self, position: int) -> ListedStation:
        configured = self.configured
        name, address, landmark, *hours, images = json.loads(configured.details[position])
        place = configured.places.coordinates(position)
        texts = (configured.sns[position], name, address, landmark)
        return ListedStation._make((*texts, *place, *hours, tuple(images), *self.state(position)))

    def position_of(self, sn: str) -> int | None:
        """The position of the station. None where there is none."""
        sns = self.configured.sns
        position = bisect_left(sns, sn)
        return position if position < len(sns) and sns[position] == sn else None

    def after(self, sn: str, needle: str) -> Iterator[tuple[str, int]]:
        """Serial number and position of the stations behind `sn` whose text contains `needle`, in order."""
        sns = self.configured.sns
        start = bisect_right(sns, sn)
        positions = self.configured.texts.containing(needle, start) if needle else range(start, len(sns))
        for position in positions:
            yield sns[position], position

    def matches(self, position: int, station_filter: StationFilter) -> bool:
        """Whether a station matches every field of the filter but `search`."""
        if not station_filter.matches_state(self.state(position)):
            return False
        if station_filter.open_now is None:
            return True
        opening_time, _, closing_time = self.configured.hours[position].partition(" ")
        return station_filter.matches_hours(opening_time, closing_time)


class StationTexts:
    """The texts of stations in one text, so that a search is one search of a long text."""

    def __init__(self, joined: str) -> None:
        self._joined = joined + SEPARATOR
        self._starts = [0]
        for text in joined.split(SEPARATOR):
            self._starts.append(self._starts[-1] + len(text) + len(SEPARATOR))

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


def _lines(packed: bytes) -> list[str]:
    text = zlib.decompress(packed).decode()
    return text.split(SEPARATOR) if text else []
