"""Cells of places on the globe: the places lie on a sphere in a cube that is halved again and again.

So neither the poles nor the 180th meridian are special. The number of a cell is its Morton code.
"""

import math
from typing import NamedTuple

from chalicelib.domain.stations.geo import EARTH_KM

LEVELS = 17
"""How often a cube is halved along its three axes. The smallest cubes have sides of 97 m."""
ROUNDING_KM = 1e-6
"""A cube may be nearer or farther by this much than computed."""

Vector = tuple[float, float, float]


def vector(lat: float, lng: float) -> Vector:
    """The point on the unit sphere."""
    lat_radians, lng_radians = math.radians(lat), math.radians(lng)
    ring = math.cos(lat_radians)
    return ring * math.cos(lng_radians), ring * math.sin(lng_radians), math.sin(lat_radians)


def cell_of(lat: float, lng: float) -> int:
    """The cell of a place: three bits for each level, one for each axis. It names all cubes that hold the place."""
    last = (1 << LEVELS) - 1
    x, y, z = (min(max(int((at + 1) * (1 << LEVELS) / 2), 0), last) for at in vector(lat, lng))
    cell = 0
    for bit in range(LEVELS - 1, -1, -1):
        cell = cell << 3 | (x >> bit & 1) << 2 | (y >> bit & 1) << 1 | z >> bit & 1
    return cell


def common_level(cell: int, other: int) -> int:
    """The level of the smallest cube that holds both cells, from 0 (the whole globe) to LEVELS."""
    differing_bits = (cell ^ other).bit_length()
    return LEVELS - math.ceil(differing_bits / 3)


class Box(NamedTuple):
    """A cube of a level: its lowest corner and the length of its sides, in radii of the globe."""

    low: Vector
    side: float

    @classmethod
    def of(cls, cell: int, level: int) -> "Box":
        """The cube of a level that holds a cell."""
        bits, side = f"{cell:0{3 * LEVELS}b}"[: 3 * level], 2.0 / 2**level
        x, y, z = int(bits[::3] or "0", 2), int(bits[1::3] or "0", 2), int(bits[2::3] or "0", 2)
        return cls((x * side - 1, y * side - 1, z * side - 1), side)

    def nearest_km(self, centre: Vector) -> float:
        """Every place of the cube is at least this far from `centre`, in km on the globe."""
        (x, y, z), side, (at_x, at_y, at_z) = self.low, self.side, centre
        dx = x - at_x if at_x < x else max(0.0, at_x - x - side)
        dy = y - at_y if at_y < y else max(0.0, at_y - y - side)
        dz = z - at_z if at_z < z else max(0.0, at_z - z - side)
        return _arc_km(dx, dy, dz) - ROUNDING_KM

    def farthest_km(self, centre: Vector) -> float:
        """Every place of the cube is at most this far from `centre`, in km on the globe."""
        (x, y, z), side, (at_x, at_y, at_z) = self.low, self.side, centre
        dx, dy, dz = max(at_x - x, x + side - at_x), max(at_y - y, y + side - at_y), max(at_z - z, z + side - at_z)
        return _arc_km(dx, dy, dz) + ROUNDING_KM


def _arc_km(dx: float, dy: float, dz: float) -> float:
    """The distance on the globe, in km, between the ends of a straight line through it, in radii of the globe."""
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(dx * dx + dy * dy + dz * dz) / 2))
