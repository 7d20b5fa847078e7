"""The stations that a process keeps in memory, with lists and searches."""

from collections.abc import Callable, Iterator, Mapping
from heapq import merge
from itertools import islice

from chalicelib.domain.stations.geo import distance_km
from chalicelib.domain.stations.listed_station import ListedStation, StationState
from chalicelib.domain.stations.place_index import SEARCH_START, Beyond, NearPlace, PlaceIndex
from chalicelib.domain.stations.station_filter import StationFilter
from chalicelib.domain.stations.stored_listing import ListingPart
from chalicelib.services.warm_cache import RecentResults

MAX_RECENT = 256
"""How many responses of one listing a process keeps."""
MAX_MEASURED = 200
"""A nearby search with at most this many matching stations measures them all, instead of searching the index."""


class Listing:
    """All stations, ordered by serial number.

    `recent` keeps what callers make of this listing.
    `read_tags` names the tag of each stored listing when it was last read, also of a damaged one.
    `before` is the listing that this one follows. Its index of places goes on while no station moves.
    """

    def __init__(
        self, parts: Mapping[str, ListingPart], read_tags: Mapping[str, str], before: "Listing | None" = None
    ) -> None:
        self.parts, self.read_tags = parts, read_tags
        self.recent = RecentResults(MAX_RECENT)
        self._places: PlaceIndex
        if before is not None and _have_same_places(parts, before.parts):
            self._places = before._places
        else:
            self._places = PlaceIndex({name: part.configured.places for name, part in parts.items()})

    def __len__(self) -> int:
        return sum(map(len, self.parts.values()))

    def station(self, sn: str) -> ListedStation | None:
        for part in self.parts.values():
            position = part.position_of(sn)
            if position is not None:
                return part.listed_station(position)
        return None

    def states(self) -> Iterator[StationState]:
        """The states of all stations."""
        for part in self.parts.values():
            yield from map(part.state, range(len(part)))

    def after(self, sn: str, station_filter: StationFilter) -> Iterator[ListedStation]:
        """The stations behind the serial number `sn` that match, ordered by serial number."""
        last = sn
        behind = (_after(name, part, sn, station_filter) for name, part in self.parts.items())
        for found_sn, name, position in merge(*behind):
            if found_sn != last:
                yield self.parts[name].listed_station(position)
            last = found_sn

    def near(
        self, lat: float, lng: float, radius_km: float, station_filter: StationFilter, beyond: Beyond = SEARCH_START
    ) -> Iterator[tuple[float, ListedStation]]:
        """The stations within `radius_km` that match, each with its distance in km, nearest first.

        Only those behind `beyond`, the distance and the serial number of a station.
        """
        if station_filter.matches_all:
            places = self._places.nearest(lat, lng, radius_km, beyond)
        else:
            places = self._matching_near(lat, lng, radius_km, station_filter, beyond)
        for distance, _, name, position in places:
            yield distance, self.parts[name].listed_station(position)

    def _matching_near(
        self, lat: float, lng: float, radius_km: float, station_filter: StationFilter, beyond: Beyond
    ) -> Iterator[NearPlace]:
        masks = {name: part.mask(station_filter) for name, part in self.parts.items()}
        needle = station_filter.folded_search
        matching = ((name, at) for name, part in self.parts.items() for at in part.matching(masks[name], needle))
        few = list(islice(matching, MAX_MEASURED + 1))
        if len(few) > MAX_MEASURED:
            return self._places.nearest(lat, lng, radius_km, beyond, self._admits(masks, needle))
        measured = (self._measured(lat, lng, name, position) for name, position in few)
        return iter(sorted(place for place in measured if place[0] <= radius_km and place[:2] > beyond))

    def _measured(self, lat: float, lng: float, name: str, position: int) -> NearPlace:
        configured = self.parts[name].configured
        distance = distance_km(lat, lng, *configured.places.coordinates(position))
        return distance, configured.sns[position], name, position

    def _admits(self, masks: Mapping[str, bytes], needle: str) -> Callable[[str, int], bool]:
        """A test of the station at a position of a part: the mask admits it, and its text contains `needle`."""
        if not needle:
            return lambda name, position: masks[name][position] == 1
        texts = {name: part.configured.texts for name, part in self.parts.items()}
        return lambda name, position: masks[name][position] == 1 and texts[name].contains(position, needle)


def _have_same_places(parts: Mapping[str, ListingPart], before: Mapping[str, ListingPart]) -> bool:
    return parts.keys() == before.keys() and all(
        part.configured.has_places_of(before[name].configured) for name, part in parts.items()
    )


def _after(name: str, part: ListingPart, sn: str, station_filter: StationFilter) -> Iterator[tuple[str, str, int]]:
    for found_sn, position in part.after(sn, station_filter):
        yield found_sn, name, position
