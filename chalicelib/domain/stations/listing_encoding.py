"""Encodes listed stations for the rows of a listing, and computes the tag of a listing (`tag_of`).

What operators configure changes seldom, what cabinets report each minute: the two are apart, so that a process reads
again only what changed. `domain/stations/stored_listing.py` reads them, and decodes only what a request needs.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from chalicelib.domain.stations.listed_station import ListedStation
from chalicelib.domain.stations.place_index import pack_places
from chalicelib.domain.text.text_blocks import pack_blocks

MAX_CONTENT_BYTES = 300_000
"""DynamoDB refuses a row of more than 400 KB."""
NUMBERS = struct.Struct("<HHH")
"""Of the state of a station: its slots, the power banks to rent and the free slots."""
SEPARATOR = "\n"
"""Stands between the texts of two stations. No serial number, no time, no JSON and no folded text contains it."""


@dataclass(frozen=True)
class ConfiguredContent:
    """What operators configured of the stations of a listing. Every field is compressed."""

    sns: bytes
    """The serial numbers, in order."""
    places: bytes
    """The places of the stations, as a PlaceList reads them."""
    hours: bytes
    """The opening and closing time of each station, with a space between the two."""
    texts: bytes
    """The folded text of each station that a search reads."""
    details: bytes
    """A JSON list for each station, as TextBlocks read it: name, address, landmark, opening and closing time, images.
    """

    @property
    def tag(self) -> str:
        """Changes with the content."""
        return _tag(*(getattr(self, field.name) for field in fields(self)))

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(len(getattr(self, field.name)) for field in fields(self))


@dataclass(frozen=True)
class ListingContent:
    """Listed stations ordered by serial number.

    `states` holds, compressed, a byte with the flags of each state and then the NUMBERS of each.
    """

    configured: ConfiguredContent
    configured_tag: str
    states: bytes

    @property
    def tag(self) -> str:
        """Changes with the listed stations. Its first half is the tag of what operators configured."""
        return tag_of(self.configured_tag, self.states)


def tag_of(configured_tag: str, states: bytes) -> str:
    """The tag of a listing: names what operators configured, and the states."""
    return f"{configured_tag}-{_tag(states)}"


def configured_tag_of(tag: str) -> str:
    """The tag of what operators configured, from the tag of a listing."""
    return tag.partition("-")[0]


def encode(stations: Sequence[ListedStation]) -> list[ListingContent]:
    """The stations, in as many contents as keep each below MAX_CONTENT_BYTES; one for no station."""
    ordered = sorted(stations)
    configured = _configured(ordered)
    if configured.size <= MAX_CONTENT_BYTES or len(ordered) < 2:
        return [ListingContent(configured, configured.tag, _states(ordered))]
    middle = len(ordered) // 2
    return [*encode(ordered[:middle]), *encode(ordered[middle:])]


def _configured(stations: Sequence[ListedStation]) -> ConfiguredContent:
    return ConfiguredContent(
        _packed(station.sn for station in stations),
        pack_places([(station.latitude, station.longitude) for station in stations]),
        _packed(f"{station.opening_time} {station.closing_time}" for station in stations),
        _packed(station.search_text for station in stations),
        pack_blocks([_details(station) for station in stations]),
    )


def _details(station: ListedStation) -> str:
    """What of a station stands in no other field."""
    texts, hours = station[1:4], (station.opening_time, station.closing_time)
    return json.dumps([*texts, *hours, station.images], ensure_ascii=False, separators=(",", ":"))


def _states(stations: Sequence[ListedStation]) -> bytes:
    states = [station.state for station in stations]
    numbers = (NUMBERS.pack(state.total_slots, state.available_powerbanks, state.free_slots) for state in states)
    return zlib.compress(bytes(state.flags for state in states) + b"".join(numbers))


def _packed(texts: Iterable[str]) -> bytes:
    return zlib.compress(SEPARATOR.join(texts).encode())


def _tag(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.hexdigest()[:16]
