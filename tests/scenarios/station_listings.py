"""Listings of many stations, for tests and for the benchmark."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain.stations.listed_station import ListedStation
from chalicelib.domain.stations.listing_encoding import encode
from chalicelib.domain.stations.station import Station, StationStatus
from chalicelib.domain.stations.stored_listing import ConfiguredPart, ListingPart
from chalicelib.services.stations.listing_in_memory import Listing
from chalicelib.tables import station_listings

CITY = (27.7, 85.32)
"""Kathmandu."""


def listed(number: int, lat: float = 0.0, lng: float = 0.0, **changed: Any) -> ListedStation:
    """A listed station with `number` as its serial number."""
    fields: dict[str, Any] = {
        "name": f"S{number}",
        "status": StationStatus.ONLINE,
        "total_slots": 4,
        "available_powerbanks": 1,
        "free_slots": 1,
    } | changed
    return ListedStation(
        f"{number:04d}",
        address="a",
        landmark="",
        latitude=lat,
        longitude=lng,
        opening_time="00:00",
        closing_time="23:59",
        images=(),
        **fields,
    )


def listing_of(stations: Sequence[ListedStation]) -> Listing:
    """A listing of as many parts as the stations need."""
    parts = {}
    for number, content in enumerate(encode(stations)):
        configured = ConfiguredPart(content.configured_tag, content.configured)
        parts[str(number)] = ListingPart(content.tag, configured, content.states)
    return Listing(parts, {})


def store_listing(name: str, stations: Sequence[ListedStation], now: datetime) -> str:
    """Store the stations as one listing. Returns its tag."""
    (content,) = encode(stations)
    station_listings.save_configured(name, content, now)
    station_listings.save_states(name, content, now)
    return content.tag


def places(count: int) -> list[tuple[float, float]]:
    """Places of which half lie in one city and half all over the country, to six digits. The same for each call."""
    numbers = random.Random(count)
    city = [(numbers.gauss(CITY[0], 0.05), numbers.gauss(CITY[1], 0.05)) for _ in range(count - count // 2)]
    country = [(numbers.uniform(26.4, 30.4), numbers.uniform(80.1, 88.2)) for _ in range(count // 2)]
    return [(round(lat, 6), round(lng, 6)) for lat, lng in (*city, *country)]


def stations(count: int) -> list[Station]:
    """Configured stations at `places(count)`, with names and addresses of an ordinary length."""
    return [
        Station(
            f"{41_000_000 + number}",
            f"{864_601_069_000_000 + number}",
            f"Station {number} at the shopping centre",
            f"Ward {number % 33}, road {number % 997}, Kathmandu",
            lat,
            lng,
            landmark=f"Opposite house {number % 89}",
            images=(f"https://res.cloudinary.com/bijuli/image/upload/v1/stations/{number * 7919:x}.jpg",),
        )
        for number, (lat, lng) in enumerate(places(count))
    ]
