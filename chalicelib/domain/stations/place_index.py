"""Finds places on the globe nearest first, at a cost that hardly depends on their number."""

import heapq
import math
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count, product
from typing import Any

from chalicelib.domain.stations.geo import EARTH_KM, distance_km

LEVELS = 17
"""How often a cube is halved along its three axes. The smallest cubes have sides of 97 m."""
MAX_LEAF = 16
"""A cube with more places is searched by its eight parts."""
ROUNDING_KM = 1e-6
"""A cube may be nearer by so much than computed."""
CUBE, PLACE = 0, 1
"""Sorts a cube before a place at the same distance."""
INDEX_BITS, KEY_BITS = 20, 32
"""A key of a search is a cell, the number of a PlaceList in 12 bits, and the index of a place in that list in 20."""
MAX_INDEX = 2**INDEX_BITS - 1
NARROWER = 4
"""A search first looks at a circle this many times narrower, or narrower still, if that may hold enough places."""
ENOUGH = 64
"""A search of no more places looks at the whole circle at once."""
LENGTH = struct.Struct("<I")
COORDINATES = struct.Struct("<dd")
"""Latitude and longitude."""

Vector = tuple[float, float, float]
Cube = tuple[int, int, int, Vector]
"""The keys from the first up to the second number, the level of the cube that holds them, and its lowest corner."""


def pack_places(places: Sequence[tuple[float, float]]) -> bytes:
    """Latitudes and longitudes in degrees, as a PlaceList reads them.

    The length of the compressed order, the order, and the coordinates by position. The order is all cells, sorted,
    and then the position of the place in each.
    """
    cells = sorted((cell_of(*place), position) for position, place in enumerate(places))
    numbers = [*(cell for cell, _ in cells), *(position for _, position in cells)]
    order = zlib.compress(struct.pack(f"<{len(places)}Q{len(places)}I", *numbers))
    return b"".join((LENGTH.pack(len(order)), order, *(COORDINATES.pack(*place) for place in places)))


class PlaceList:
    """The places of the stations of one listing. `sns` names the stations by their position."""

    def __init__(self, packed: bytes, sns: Sequence[str]) -> None:
        self._packed, self._sns = packed, sns
        self._order_end = LENGTH.size + LENGTH.unpack_from(packed)[0]

    def __len__(self) -> int:
        return len(self._sns)

    @property
    def cells(self) -> tuple[int, ...]:
        """The cells of the places, in order."""
        return self._order[0]

    def coordinates(self, position: int) -> tuple[float, float]:
        """Latitude and longitude of a station."""
        lat, lng = COORDINATES.unpack_from(self._packed, self._order_end + COORDINATES.size * position)
        return lat, lng

    def place(self, index: int) -> tuple[int, str, float, float]:
        """Position, serial number, latitude and longitude of the station whose cell has this index."""
        position = self._order[1][index]
        return position, self._sns[position], *self.coordinates(position)

    @cached_property
    def _order(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The cells, and the position of the place in each. Decoded at the first search."""
        order, total = zlib.decompress(self._packed[LENGTH.size : self._order_end]), len(self._sns)
        numbers = struct.unpack(f"<{total}Q{total}I", order)
        return numbers[:total], numbers[total:]


class PlaceIndex:
    """The places of several lists, by name, each ordered by its cells.

    The places lie on a sphere in space, so that neither the poles nor the 180th meridian are special. A cube around
    the sphere is halved again and again. The cell of a place names the cubes that hold it, the largest first.
    """

    def __init__(self, lists: Mapping[str, PlaceList]) -> None:
        self._lists = list(lists.items())
        self._count = sum(map(len, lists.values()))

    def nearest(self, lat: float, lng: float, radius_km: float) -> Iterator[tuple[float, str, int]]:
        """The places within `radius_km`, nearest first, then by serial number.

        Each is a distance in km, the name of a list and a position in it. A caller that stops early saves the rest of
        the search: it looks at ever wider circles, and at the places of each only when the narrower ones are used up.
        """
        reached_km = -1.0
        for within_km in self._circles(radius_km):
            for place in self._within(lat, lng, within_km):
                if place[0] > reached_km:
                    yield place
            reached_km = within_km

    def _circles(self, radius_km: float) -> Sequence[float]:
        """The radii of the circles, the narrowest first."""
        radii, places_count = [radius_km], self._count
        while places_count > ENOUGH:
            radii.append(radii[-1] / NARROWER)
            places_count //= NARROWER**2
        return radii[::-1]

    def _within(self, lat: float, lng: float, radius_km: float) -> Iterator[tuple[float, str, int]]:
        centre, numbers = _vector(lat, lng), count()
        keys, cubes = self._around(centre, radius_km)
        waiting: list[tuple[float, int, int | str, Any]] = [(0.0, CUBE, next(numbers), cube) for cube in cubes]
        while waiting:
            distance, kind, _, item = heapq.heappop(waiting)
            if kind == PLACE:
                yield distance, *item
            elif item[1] - item[0] > MAX_LEAF and item[2] < LEVELS:
                for bound, cube in _parts(keys, item, centre):
                    if bound <= radius_km:
                        heapq.heappush(waiting, (bound, CUBE, next(numbers), cube))
            else:
                for key in keys[item[0] : item[1]]:
                    name, places = self._lists[key >> INDEX_BITS & (1 << KEY_BITS - INDEX_BITS) - 1]
                    position, sn, place_lat, place_lng = places.place(key & MAX_INDEX)
                    away_km = distance_km(lat, lng, place_lat, place_lng)
                    if away_km <= radius_km:
                        heapq.heappush(waiting, (away_km, PLACE, sn, (name, position)))

    def _around(self, centre: Vector, radius_km: float) -> tuple[list[int], list[Cube]]:
        """At most eight cubes that hold every place within `radius_km`, and the keys of their places in order.

        They are the smallest cubes with sides of twice as much.
        """
        reach = 2 * math.sin(min(radius_km / EARTH_KM / 2, math.pi / 2)) + 1e-9
        level = min(max(-math.frexp(reach)[1], 0), LEVELS)
        side, shift = 2.0 / 2**level, 3 * (LEVELS - level)
        steps = [sorted({_step(at - reach, level), _step(at + reach, level)}) for at in centre]
        keys: list[int] = []
        cubes: list[Cube] = []
        for x, y, z in product(*steps):
            prefix = _interleaved((x, y, z), level)
            part = sorted(self._keys_between(prefix << shift, (prefix + 1) << shift))
            if part:
                corner = (x * side - 1, y * side - 1, z * side - 1)
                cubes.append((len(keys), len(keys) + len(part), level, corner))
                keys += part
        return keys, cubes

    def _keys_between(self, first: int, end: int) -> Iterator[int]:
        """The keys of all places whose cells are from `first` up to `end`."""
        for number, (_, places) in enumerate(self._lists):
            cells, list_key = places.cells, number << INDEX_BITS
            start = bisect_left(cells, first)
            for index in range(start, bisect_left(cells, end, start)):
                yield cells[index] << KEY_BITS | list_key | index


def _parts(keys: Sequence[int], cube: Cube, centre: Vector) -> Iterator[tuple[float, Cube]]:
    """The parts of the cube that hold places, each with the least distance in km of its places from `centre`."""
    start, cube_end, level, (x, y, z) = cube
    level += 1
    side, shift, (at_x, at_y, at_z) = 2.0 / 2**level, KEY_BITS + 3 * (LEVELS - level), centre
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
