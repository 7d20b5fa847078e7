"""The stations that a process keeps in memory, with lists and searches."""

from collections.abc import Iterator, Mapping
from heapq import merge

from chalicelib.domain.stations.listed_station import ListedStation
from chalicelib.domain.stations.place_index import PlaceIndex
from chalicelib.domain.stations.station_filter import StationFilter
from chalicelib.domain.stations.stored_listing import ListingPart
from chalicelib.services.warm_cache import RecentResults

MAX_RECENT = 256
"""How many responses of one listing a process keeps."""


class Listing:
    """All stations, ordered by serial number.

    `recent` keeps what callers make of this listing.
    `read_tags` names the tag of each stored listing when it was last read, also of a damaged one.
    """

    def __init__(self, parts: Mapping[str, ListingPart], read_tags: Mapping[str, str]) -> None:
        self.parts, self.read_tags = parts, read_tags
        self.recent = RecentResults(MAX_RECENT)

    def __len__(self) -> int:
        return sum(map(len, self.parts.values()))

    def station(self, sn: str) -> ListedStation | None:
        for part in self.parts.values():
            position = part.position_of(sn)
            if position is not None:
                return part.listed_station(position)
        return None

    def after(self, sn: str, station_filter: StationFilter) -> Iterator[ListedStation]:
        """The stations behind the serial number `sn` that match, ordered by serial number."""
        needle = station_filter.folded_search
        last = sn
        for found_sn, name, position in merge(*(_after(name, part, sn, needle) for name, part in self.parts.items())):
            part = self.parts[name]
            if found_sn != last and part.matches(position, station_filter):
                yield part.listed_station(position)
            last = found_sn

    def near(
        self, lat: float, lng: float, radius_km: float, station_filter: StationFilter
    ) -> Iterator[tuple[float, ListedStation]]:
        """The stations within `radius_km` that match, each with its distance in km, nearest first."""
        needle = station_filter.folded_search
        places = PlaceIndex({name: part.configured.places for name, part in self.parts.items()})
        for distance, name, position in places.nearest(lat, lng, radius_km):
            part = self.parts[name]
            if part.matches(position, station_filter) and (
                not needle or part.configured.texts.contains(position, needle)
            ):
                yield distance, part.listed_station(position)


def _after(name: str, part: ListingPart, sn: str, needle: str) -> Iterator[tuple[str, str, int]]:
    for found_sn, position in part.after(sn, needle):
        yield found_sn, name, position
