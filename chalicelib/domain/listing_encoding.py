"""How listed stations are written into the rows of a listing, and read from them.

What operators configure changes seldom, what cabinets report each minute: the two are apart, so that a process reads
again only what changed.
"""

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.listed_station import CONFIGURED_FIELDS, Configured, ListedStation
from chalicelib.domain.station import StationStatus

MAX_CONTENT_BYTES = 300_000
"""DynamoDB refuses a row of more than 400 KB."""
STATUSES = {status.value: status for status in StationStatus}


@dataclass(frozen=True)
class ListingContent:
    """Listed stations as compressed JSON, in two parts with the same order. Each tag changes with what it names."""

    tag: str
    configured_tag: str
    configured: bytes
    states: bytes


def encode(stations: Sequence[ListedStation]) -> list[ListingContent]:
    """The stations, in as many contents as keep each below MAX_CONTENT_BYTES; one for no station."""
    configured = _json([station[:CONFIGURED_FIELDS] for station in stations])
    states = _json([station[CONFIGURED_FIELDS:] for station in stations])
    packed = zlib.compress(configured), zlib.compress(states)
    if sum(map(len, packed)) <= MAX_CONTENT_BYTES or len(stations) < 2:
        return [ListingContent(_tag(configured + states), _tag(configured), *packed)]
    middle = len(stations) // 2
    return [*encode(stations[:middle]), *encode(stations[middle:])]


def decode_configured(configured: bytes) -> tuple[Configured, ...]:
    """Raises zlib.error, ValueError, TypeError or LookupError for bytes that `encode` did not make."""
    rows: list[list[Any]] = json.loads(zlib.decompress(configured))
    return tuple((*row[:-1], tuple(row[-1])) for row in rows)


def decode_states(states: bytes, configured: Sequence[Configured]) -> tuple[ListedStation, ...]:
    """The stations with their states. Raises like `decode_configured`, and for another number of stations."""
    rows: list[list[Any]] = json.loads(zlib.decompress(states))
    return tuple(
        ListedStation._make((*fixed, STATUSES[row[0]], *row[1:])) for fixed, row in zip(configured, rows, strict=True)
    )


def _json(rows: Sequence[Any]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def _tag(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()
