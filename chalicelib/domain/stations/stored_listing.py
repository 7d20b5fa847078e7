"""The stations of one stored listing. Each kind of content is decoded when a request first needs it."""

import json
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property

from chalicelib.domain.stations.listed_station import STATUS, STATUSES, ListedStation, StationState
from chalicelib.domain.stations.listing_encoding import (
    NUMBERS,
    SEPARATOR,
    ConfiguredContent,
    configured_tag_of,
    tag_of,
)
from chalicelib.domain.stations.place_index import PlaceList
from chalicelib.domain.stations.station import is_open
from chalicelib.domain.stations.station_filter import StationFilter
from chalicelib.domain.text.text_blocks import TextBlocks


class ConfiguredPart:
    """What operators configured of the stations of one stored listing. Stations are ordered by serial number."""

    def __init__(self, tag: str, content: ConfiguredContent) -> None:
        """Raises ValueError for a damaged content: its tag is another."""
        if content.tag != tag:
            raise ValueError("the content does not have its tag")
        self.tag, self._content = tag, content
        self._last_mask = ("", True), b""

    @cached_property
    def sns(self) -> list[str]:
        """The serial numbers, in order."""
        return _lines(self._content.sns)

    @cached_property
    def details(self) -> TextBlocks:
        """The JSON of each station."""
        return TextBlocks(self._content.details)

    @cached_property
    def texts(self) -> "StationTexts":
        return StationTexts(zlib.decompress(self._content.texts).decode())

    @cached_property
    def places(self) -> PlaceList:
        return PlaceList(self._content.places, lambda: self.sns)

    def has_places_of(self, other: "ConfiguredPart") -> bool:
        """Whether both hold the same stations at the same places."""
        ours, theirs = self._content, other._content
        return other is self or (ours.sns, ours.places) == (theirs.sns, theirs.places)

    def hours_mask(self, clock_time: str, *, open_then: bool) -> bytes:
        """A byte for each station: 1 where it is open (or closed) at a time of day, else 0. The last mask is kept."""
        asked, mask = self._last_mask
        if asked != (clock_time, open_then):
            in_mask = {hours: _is_open(hours, clock_time) == open_then for hours in set(self._hours)}
            mask = bytes(map(in_mask.__getitem__, self._hours))
            self._last_mask = (clock_time, open_then), mask
        return mask

    @cached_property
    def _hours(self) -> list[str]:
        """The opening and closing time of each station, with a space between the two."""
        return _lines(self._content.hours)


class ListingPart:
    """One stored listing: what operators configured, and the states of its stations."""

    def __init__(self, tag: str, configured: ConfiguredPart, states: bytes) -> None:
        """Raises ValueError for damaged states, and for states of stations that were configured otherwise."""
        if configured_tag_of(tag) != configured.tag or tag_of(configured.tag, states) != tag:
            raise ValueError("the listing does not have its tag")
        self.tag, self.configured, self._states = tag, configured, states

    def __len__(self) -> int:
        return len(self._columns) // (1 + NUMBERS.size)

    @cached_property
    def _columns(self) -> bytes:
        """The flags of all stations, then the numbers of all."""
        return zlib.decompress(self._states)

    def state(self, position: int) -> StationState:
        status = STATUSES[self._columns[position] & STATUS]
        return StationState(status, *NUMBERS.unpack_from(self._columns, len(self) + position * NUMBERS.size))

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

    def after(self, sn: str, station_filter: StationFilter) -> Iterator[tuple[str, int]]:
        """Serial number and position of the stations behind `sn` that match, in order."""
        sns = self.configured.sns
        mask, needle = self.mask(station_filter), station_filter.folded_search
        for position in self.matching(mask, needle, bisect_right(sns, sn)):
            yield sns[position], position

    def matching(self, mask: bytes, needle: str, start: int = 0) -> Iterator[int]:
        """The positions from `start` on that the mask admits and whose text contains `needle`, in order."""
        # The mask names the next admitted station, the texts the next one with `needle`, until both name the same.
        position = mask.find(1, start)
        while position >= 0:
            found = self.configured.texts.find(needle, position) if needle else position
            if found < 0:
                return
            if found == position:
                yield position
                found += 1
            position = mask.find(1, found)

    def mask(self, station_filter: StationFilter) -> bytes:
        """A byte for each station: 1 where it matches every field of the filter but `search`, else 0."""
        mask = self._columns[: len(self)].translate(station_filter.flags_table)
        if station_filter.open_now is None:
            return mask
        hours_mask = self.configured.hours_mask(station_filter.clock_time, open_then=station_filter.open_now)
        # An "and" of numbers takes a thousandth of the time of a loop.
        return (int.from_bytes(mask) & int.from_bytes(hours_mask)).to_bytes(len(mask))


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

    def find(self, needle: str, start: int) -> int:
        """The first position from `start` on whose text contains `needle`, a folded text. -1 where there is none."""
        at = self._joined.find(needle, self._starts[start])
        return bisect_right(self._starts, at) - 1 if at >= 0 else -1


def _is_open(hours: str, clock_time: str) -> bool:
    opening_time, _, closing_time = hours.partition(" ")
    return is_open(opening_time, closing_time, clock_time)


def _lines(packed: bytes) -> list[str]:
    text = zlib.decompress(packed).decode()
    return text.split(SEPARATOR) if text else []
