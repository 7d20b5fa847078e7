"""Finds places on the globe nearest first, at a cost that hardly depends on their number."""

import heapq
import math
import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, product
from typing import Any

from chalicelib.domain.geo import EARTH_KM, distance_km

LEVELS = 17
"""How often a cube is halved along its three axes. The smallest cubes have sides of 97 m."""
MAX_LEAF = 16
"""A cube with more places is searched by its eight parts."""
ROUNDING_KM = 1e-6
"""A cube may be nearer by so much than computed."""
CUBE, PLACE = 0, 1
"""Sorts a cube before a place at the same distance."""
MAX_INDEX, MAX_NUMBER = 2**20 - 1, 2**12 - 1
"""A key of a PlaceIndex is a cell, the number of a PlaceList, and the index of a place in that list, in 32 bits."""
INDEX_BITS, KEY_BITS = 20, 32
CELL = struct.Struct("<Q")
COORDINATES = struct.Struct("<Idd")
"""The position of a station in its listing, latitude and longitude."""

NO_LIST: tuple[str, None] = ("", None)

Vector = tuple[float, float, float]
Cube = tuple[int, int, int, Vector]
"""The keys from the first up to the second number, the level of the cube that holds them, and its lowest corner."""


def pack_places(places: Sequence[tuple[float, float]]) -> bytes:
    """Latitudes and longitudes in degrees as a PlaceList reads them: all cells, then all coordinates, by cell."""
    ordered = sorted((cell_of(*place), position, *place) for position, place in enumerate(places))
    cells, coordinates = (CELL.pack(cell) for cell, *_ in ordered), (COORDINATES.pack(*at) for _, *at in ordered)
    return b"".join((*cells, *coordinates))


class PlaceList:
    """The places of the stations of one listing. `sns` names the stations by their position."""

    def __init__(self, packed: bytes, sns: Sequence[str]) -> None:
        self._packed, self._sns = packed, sns

    def __len__(self) -> int:
        return len(self._sns)

    @property
    def cells(self) -> tuple[int, ...]:
        """The cells of the places, in order."""
        return struct.unpack_from(f"<{len(self._sns)}Q", self._packed)

    def place(self, index: int) -> tuple[int, str, float, float]:
        """Position, serial number, latitude and longitude of the station whose cell has this index."""
        offset = CELL.size * len(self._sns) + COORDINATES.size * index
        position, lat, lng = COORDINATES.unpack_from(self._packed, offset)
        return position, self._sns[position], lat, lng


class PlaceIndex:
    """The places of several lists, ordered by their cells.

    The places lie on a sphere in space, so that neither the poles nor the 180th meridian are special. A cube around
    the sphere is halved again and again. The cell of a place names the cubes that hold it, the largest first.
    """

    def __init__(self, lists: Mapping[str, PlaceList], before: "PlaceIndex | None" = None) -> None:
        """`lists` by name. The keys of lists that `before` has too come from there.

        Keys of lists that are gone stay, and a search skips them, until they are half of all.
        """
        self.lists = lists
        self._lists: dict[int, tuple[str, PlaceList]] = {}
        self._keys: list[int] = []
        self._numbers_count = 0
        if before is not None and before._has_room_for(lists):
            self._lists = {number: item for number, item in before._lists.items() if lists.get(item[0]) is item[1]}
            self._keys, self._numbers_count = [*before._keys], before._numbers_count
        for name in lists.keys() - {name for name, _ in self._lists.values()}:
            self._lists[self._numbers_count] = name, lists[name]
            first = self._numbers_count << INDEX_BITS
            self._keys += [cell << KEY_BITS | first + index for index, cell in enumerate(lists[name].cells)]
            self._numbers_count += 1
        self._keys.sort()

    def nearest(self, lat: float, lng: float, radius_km: float) -> Iterator[tuple[float, str, int]]:
        """The places within `radius_km`, nearest first, then by serial number.

        Each is a distance in km, the name of a list and a position in it. A caller that stops early saves the rest of
        the search.
        """
        centre, numbers = _vector(lat, lng), count()
        waiting: list[tuple[float, int, int | str, Any]] = [
            (0.0, CUBE, next(numbers), cube) for cube in self._cubes_around(centre, radius_km)
        ]
        while waiting:
            distance, kind, _, item = heapq.heappop(waiting)
            if kind == PLACE:
                yield distance, *item
            elif item[1] - item[0] > MAX_LEAF and item[2] < LEVELS:
                for bound, cube in self._parts(item, centre):
                    if bound <= radius_km:
                        heapq.heappush(waiting, (bound, CUBE, next(numbers), cube))
            else:
                for key in self._keys[item[0] : item[1]]:
                    name, places = self._lists.get(key >> INDEX_BITS & MAX_NUMBER, NO_LIST)
                    if places is None:
                        continue
                    position, sn, place_lat, place_lng = places.place(key & MAX_INDEX)
                    away_km = distance_km(lat, lng, place_lat, place_lng)
                    if away_km <= radius_km:
                        heapq.heappush(waiting, (away_km, PLACE, sn, (name, position)))

    def _has_room_for(self, lists: Mapping[str, PlaceList]) -> bool:
        """Whether at most half of the keys are of lists that are gone, and every list can get a number of its own."""
        is_clean = len(self._keys) <= 2 * sum(map(len, lists.values()))
        return is_clean and self._numbers_count + len(lists) <= MAX_NUMBER

    def _cubes_around(self, centre: Vector, radius_km: float) -> Iterator[Cube]:
        """At most eight cubes that hold every place within `radius_km`: the smallest with sides of twice as much."""
        reach = 2 * math.sin(min(radius_km / EARTH_KM / 2, math.pi / 2)) + 1e-9
        level = min(max(-math.frexp(reach)[1], 0), LEVELS)
        side, shift = 2.0 / 2**level, KEY_BITS + 3 * (LEVELS - level)
        steps = [{_step(at - reach, level), _step(at + reach, level)} for at in centre]
        for x, y, z in product(*steps):
            prefix = _interleaved((x, y, z), level)
            start = bisect_left(self._keys, prefix << shift)
            end = bisect_left(self._keys, (prefix + 1) << shift, start)
            if start < end:
                yield start, end, level, (x * side - 1, y * side - 1, z * side - 1)

    def _parts(self, cube: Cube, centre: Vector) -> Iterator[tuple[float, Cube]]:
        """The parts of the cube that hold places, each with the least distance in km of its places from `centre`."""
        start, cube_end, level, (x, y, z) = cube
        level += 1
        side, shift, keys, (at_x, at_y, at_z) = 2.0 / 2**level, KEY_BITS + 3 * (LEVELS - level), self._keys, centre
        while start < cube_end:
            prefix = keys[start] >> shift
            end = bisect_left(keys, (prefix + 1) << shift, start, cube_end)
            low_x, low_y, low_z = x + side * (prefix >> 2 & 1), y + side * (prefix >> 1 & 1), z + side * (prefix & 1)
            dx = low_x - at_x if at_x < low_x else max(0.0, at_x - low_x - side)
            dy = low_y - at_y if at_y < low_y else max(0.0, at_y - low_y - side)
            dz = low_z - at_z if at_z < low_z else max(0.0, at_z - low_z - side)
            chord = math.sqrt(dx * dx + dy * dy + dz * dz)
            bound = 2 * EARTH_KM * math.asin(min(1.0, chord / 2)) - ROUNDING_KM
            yield bound, (start, end, level, (low_x, low_y, low_z))
            start = end


def cell_of(lat: float, lng: float) -> int:
    """The cell of a place: three bits for each level, one for each axis."""
    x, y, z = _vector(lat, lng)
    return _interleaved((_step(x, LEVELS), _step(y, LEVELS), _step(z, LEVELS)), LEVELS)


def _step(at: float, level: int) -> int:
    """Which of the cubes of a level along one axis holds the coordinate."""
    return min(max(int((at + 1) * (1 << level) / 2), 0), (1 << level) - 1)


def _interleaved(steps: tuple[int, int, int], level: int) -> int:
    cell, (x, y, z) = 0, steps
    for bit in range(level - 1, -1, -1):
        cell = cell << 3 | (x >> bit & 1) << 2 | (y >> bit & 1) << 1 | z >> bit & 1
    return cell


def _vector(lat: float, lng: float) -> Vector:
    """The point on the unit sphere."""
    lat_radians, lng_radians = math.radians(lat), math.radians(lng)
    ring = math.cos(lat_radians)
    return ring * math.cos(lng_radians), ring * math.sin(lng_radians), math.sin(lat_radians)
