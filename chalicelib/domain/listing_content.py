"""How listed stations are written into the rows of a listing, and read from them."""

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.listed_station import ListedStation
from chalicelib.domain.station import StationStatus

MAX_CONTENT_BYTES = 300_000
"""DynamoDB refuses a row of more than 400 KB."""
STATUSES = {status.value: status for status in StationStatus}


@dataclass(frozen=True)
class ListingContent:
    """Listed stations as compressed JSON. `tag` changes with them."""

    tag: str
    compressed: bytes


def encode(stations: Sequence[ListedStation]) -> list[ListingContent]:
    """The stations, in as many contents as keep each below MAX_CONTENT_BYTES; one for no station."""
    text = json.dumps(stations, ensure_ascii=False, separators=(",", ":")).encode()
    compressed = zlib.compress(text)
    if len(compressed) <= MAX_CONTENT_BYTES or len(stations) < 2:
        return [ListingContent(hashlib.blake2b(text, digest_size=8).hexdigest(), compressed)]
    middle = len(stations) // 2
    return [*encode(stations[:middle]), *encode(stations[middle:])]


def decode(compressed: bytes) -> tuple[ListedStation, ...]:
    """Raises zlib.error, ValueError, TypeError or LookupError for a content that `encode` did not make."""
    rows: list[list[Any]] = json.loads(zlib.decompress(compressed))
    return tuple(ListedStation._make((*row[:8], tuple(row[8]), STATUSES[row[9]], *row[10:])) for row in rows)
