"""Finds places on the globe nearest first, at a cost that hardly depends on their number."""

import heapq
import math
from collections.abc import Iterator, Sequence
from itertools import count

from chalicelib.domain.geo import EARTH_KM, distance_km

MAX_LEAF = 8
"""A node with more places is split when a search first enters it."""
ROUNDING_KM = 1e-6
"""A box may be nearer by so much than computed."""
NODE = -1
"""Sorts a node before a place at the same distance."""

Vector = tuple[float, float, float]
Axes = tuple[Sequence[float], Sequence[float], Sequence[float]]
"""The coordinates of all places: one sequence for each axis of space."""


class PlaceTree:
    """Places by latitude and longitude in degrees, known by their index.

    The places lie on a sphere in space, so that neither the poles nor the 180th meridian are special. Boxes hold
    them, and each box is halved along its longest side.
    """

    def __init__(self, places: Sequence[tuple[float, float]]) -> None:
        self._places = places
        vectors = [_vector(lat, lng) for lat, lng in places]
        self._axes: Axes = ([x for x, _, _ in vectors], [y for _, y, _ in vectors], [z for _, _, z in vectors])
        self._root = _Node(range(len(places)), self._axes) if places else None

    def nearest(self, lat: float, lng: float, radius_km: float) -> Iterator[tuple[float, int]]:
        """The places within `radius_km`: distance in km and index, nearest first, then by index.

        A caller that stops early saves the rest of the search.
        """
        if self._root is None:
            return
        centre, numbers = _vector(lat, lng), count()
        waiting: list[tuple[float, int, int, _Node | None]] = [(0.0, NODE, next(numbers), self._root)]
        while waiting:
            distance, index, _, node = heapq.heappop(waiting)
            if node is None:
                yield distance, index
                continue
            for child in node.children(self._axes):
                bound = child.least_km(centre)
                if bound <= radius_km:
                    heapq.heappush(waiting, (bound, NODE, next(numbers), child))
            for place in node.leaf_places:
                away_km = distance_km(lat, lng, *self._places[place])
                if away_km <= radius_km:
                    heapq.heappush(waiting, (away_km, place, 0, None))


class _Node:
    """Some places and the box around them."""

    __slots__ = ("_box", "_children", "_indexes")

    def __init__(self, indexes: Sequence[int], axes: Axes) -> None:
        self._indexes = indexes
        coordinates = [[axis[index] for index in indexes] for axis in axes]
        self._box = [(min(along), max(along)) for along in coordinates]
        self._children: tuple[_Node, ...] | None = None if len(indexes) > MAX_LEAF else ()

    def children(self, axes: Axes) -> tuple["_Node", ...]:
        """The two halves of the node; none of a leaf."""
        if self._children is None:
            lengths = [high - low for low, high in self._box]
            ordered = sorted(self._indexes, key=axes[lengths.index(max(lengths))].__getitem__)
            middle = len(ordered) // 2
            self._children = _Node(ordered[:middle], axes), _Node(ordered[middle:], axes)
        return self._children

    @property
    def leaf_places(self) -> Sequence[int]:
        """The indexes of a leaf's places."""
        return () if self._children else self._indexes

    def least_km(self, centre: Vector) -> float:
        """No place of the node is nearer to `centre` than this."""
        square = 0.0
        for (low, high), at in zip(self._box, centre, strict=True):
            if at < low:
                square += (low - at) ** 2
            elif at > high:
                square += (at - high) ** 2
        return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(square) / 2)) - ROUNDING_KM


def _vector(lat: float, lng: float) -> Vector:
    """The point on the unit sphere."""
    lat_radians, lng_radians = math.radians(lat), math.radians(lng)
    ring = math.cos(lat_radians)
    return ring * math.cos(lng_radians), ring * math.sin(lng_radians), math.sin(lat_radians)
