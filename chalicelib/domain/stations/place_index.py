"""Finds places on the globe nearest first, at a cost that hardly depends on their number."""

import heapq
import struct
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from chalicelib.domain.stations.geo import distance_km
from chalicelib.domain.stations.place_cells import LEVELS, Box, cell_of, common_level, vector

MAX_LEAF = 12
"""A cube with more places is searched by its parts."""
MAX_MERGED = 3000
"""A cube with at most this many places merges those of all lists, so that its parts need not look into each list."""
CUBE, PLACE = 0, 1
"""Sorts a cube before a place at the same distance."""
LENGTH = struct.Struct("<I")
COORDINATES = struct.Struct("<ii")
"""Latitude and longitude in millionths of a degree, which are 11 cm."""
MILLION = 1_000_000

NearPlace = tuple[float, str, str, int]
"""A place that a search found: the distance in km, the serial number, the name of a list and a position in it."""
_Place = tuple[str, str, int, float, float]
"""Serial number, name of a list, position in it, latitude and longitude."""
Beyond = tuple[float, str]
"""Where an earlier search ended: the distance and the serial number of its last place."""
SEARCH_START: Beyond = (-1.0, "")
"""Before every place: the search begins at its centre."""


def pack_places(places: Sequence[tuple[float, float]]) -> bytes:
    """Latitudes and longitudes in degrees, to six digits, as a PlaceList reads them.

    The length of the compressed order, the order, and the coordinates by position. The order is all cells, sorted,
    and then the position of the place in each.
    """
    millionths = [(round(lat * MILLION), round(lng * MILLION)) for lat, lng in places]
    cells = sorted((cell_of(lat / MILLION, lng / MILLION), at) for at, (lat, lng) in enumerate(millionths))
    numbers = [*(cell for cell, _ in cells), *(position for _, position in cells)]
    order = zlib.compress(struct.pack(f"<{len(places)}Q{len(places)}I", *numbers))
    coordinates = (COORDINATES.pack(*place) for place in millionths)
    return b"".join((LENGTH.pack(len(order)), order, *coordinates))


class PlaceList:
    """The places of the stations of one listing. `sns` returns the serial numbers by position."""

    def __init__(self, packed: bytes, sns: Callable[[], Sequence[str]]) -> None:
        self._packed, self._sns = packed, sns
        self._order_end: int = LENGTH.size + LENGTH.unpack_from(packed)[0]

    def __len__(self) -> int:
        return (len(self._packed) - self._order_end) // COORDINATES.size

    @property
    def cells(self) -> Sequence[int]:
        """The cells of the places, in order."""
        return self._order[0]

    def coordinates(self, position: int) -> tuple[float, float]:
        """Latitude and longitude of a station."""
        lat, lng = COORDINATES.unpack_from(self._packed, self._order_end + COORDINATES.size * position)
        return lat / MILLION, lng / MILLION

    def place(self, index: int) -> tuple[str, int, float, float]:
        """Serial number, position, latitude and longitude of the station whose cell has this index."""
        position = self._order[1][index]
        return self._sns()[position], position, *self.coordinates(position)

    @cached_property
    def _order(self) -> tuple[Sequence[int], Sequence[int]]:
        """The cells, and the position of the place in each. Decoded at the first search."""
        order = memoryview(zlib.decompress(self._packed[LENGTH.size : self._order_end]))
        cells_end = 8 * len(self)
        return order[:cells_end].cast("Q"), order[cells_end:].cast("I")


class _NamedPlaces:
    """The places of one list, with its name."""

    def __init__(self, name: str, places: PlaceList) -> None:
        self._name, self._places = name, places
        self.cells = places.cells

    def place(self, index: int) -> _Place:
        sn, position, lat, lng = self._places.place(index)
        return sn, self._name, position, lat, lng


class _MergedPlaces:
    """The places of several spans, ordered by their cells."""

    def __init__(self, spans: "Sequence[_Span]") -> None:
        self._spans = spans
        self._merged = sorted(
            (cell, number, index)
            for number, (places, start, end) in enumerate(spans)
            for index, cell in enumerate(places.cells[start:end], start)
        )
        """Each place as its cell, the number of its span, and its index in the list of that span."""
        self.cells: Sequence[int] = [cell for cell, _, _ in self._merged]

    def place(self, index: int) -> _Place:
        _, number, index_in_list = self._merged[index]
        places, _, _ = self._spans[number]
        return places.place(index_in_list)


_Span = tuple[_NamedPlaces | _MergedPlaces, int, int]
"""The places whose cells have the indexes from the first number up to the second."""


class _Cube:
    """The smallest cube that holds some places. Its content is computed when a search first looks into it."""

    def __init__(self, spans: Sequence[_Span]) -> None:
        self._spans = spans
        first = min(places.cells[start] for places, start, _ in spans)
        last = max(places.cells[end - 1] for places, _, end in spans)
        self._level = common_level(first, last)
        self.box = Box.of(first, self._level)

    @cached_property
    def parts(self) -> "Sequence[_Cube]":
        """The cubes inside of it that hold places. None of a cube with few places, and of one of the smallest."""
        count, spans = sum(end - start for _, start, end in self._spans), self._spans
        if count <= MAX_LEAF or self._level == LEVELS:
            return ()
        if count <= MAX_MERGED and len(spans) > 1:
            spans = [(_MergedPlaces(spans), 0, count)]
        spans_of: dict[int, list[_Span]] = {}
        shift = 3 * (LEVELS - self._level - 1)
        for places, start, end in spans:
            cells, part_start = places.cells, start
            while part_start < end:
                prefix = cells[part_start] >> shift
                part_end = bisect_left(cells, (prefix + 1) << shift, part_start, end)
                spans_of.setdefault(prefix, []).append((places, part_start, part_end))
                part_start = part_end
        return [_Cube(spans) for spans in spans_of.values()]

    @cached_property
    def places(self) -> Sequence[_Place]:
        """The places of a cube without parts."""
        return [places.place(index) for places, start, end in self._spans for index in range(start, end)]


class PlaceIndex:
    """The places of several lists, by name. Searches share the cubes that they have looked into."""

    def __init__(self, lists: Mapping[str, PlaceList]) -> None:
        self._lists = lists

    @cached_property
    def _cubes(self) -> Sequence[_Cube]:
        """The cube that holds all places. None where there is no place."""
        lists = [(name, places) for name, places in self._lists.items() if len(places)]
        return [_Cube([(_NamedPlaces(*named), 0, len(named[1])) for named in lists])] if lists else []

    def nearest(
        self,
        lat: float,
        lng: float,
        radius_km: float,
        beyond: Beyond = SEARCH_START,
        admits: Callable[[str, int], bool] | None = None,
    ) -> Iterator[NearPlace]:
        """The places within `radius_km` and behind `beyond`, nearest first, then by serial number.

        `admits` takes the name of a list and a position, and says whether that place counts. A caller that stops
        early saves the rest of the search: the cubes around the centre are opened nearest first.
        """
        centre, made, is_first_page = vector(lat, lng), 0, beyond == SEARCH_START
        waiting: list[tuple[float, int, int | str, Any]] = [(0.0, CUBE, made, cube) for cube in self._cubes]
        while waiting:
            distance, kind, sn, item = heapq.heappop(waiting)
            if kind == PLACE:
                yield distance, str(sn), *item
            elif item.parts:
                for cube in item.parts:
                    at_least = cube.box.nearest_km(centre)
                    is_behind = is_first_page or cube.box.farthest_km(centre) >= beyond[0]
                    if at_least <= radius_km and is_behind:
                        made += 1
                        heapq.heappush(waiting, (at_least, CUBE, made, cube))
            else:
                for sn, name, position, place_lat, place_lng in item.places:
                    if admits is None or admits(name, position):
                        away_km = distance_km(lat, lng, place_lat, place_lng)
                        if away_km <= radius_km and (away_km, sn) > beyond:
                            heapq.heappush(waiting, (away_km, PLACE, sn, (name, position)))
