"""The search for stations nearby finds exactly those in the circle, the nearest first."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.stations.geo import distance_km
from chalicelib.domain.stations.place_index import SEARCH_START, PlaceIndex, PlaceList, pack_places
from chalicelib.domain.stations.station_filter import StationFilter
from tests.scenarios.station_listings import CITY, listed, listing_of, places

EVERY = StationFilter()
LAT = st.one_of(st.floats(-90, 90), st.sampled_from([0.0, 0.05, 27.65, 27.7, 89.999, -90.0, 90.0]))
LNG = st.one_of(st.floats(-180, 180), st.sampled_from([0.0, 85.3, 85.35, 179.99, -179.99, 180.0, -180.0]))
PLACES = st.lists(st.tuples(LAT, LNG).map(lambda place: (round(place[0], 6), round(place[1], 6))), max_size=60)


def near(at: list[tuple[float, float]], lat: float, lng: float, radius: float) -> list[tuple[float, str]]:
    """The distances and serial numbers of the stations in a circle."""
    listing = listing_of([listed(number, *place) for number, place in enumerate(at)])
    return [(distance, station.sn) for distance, station in listing.near(lat, lng, radius, EVERY)]


def place_list(at: list[tuple[float, float]], sns: list[str]) -> PlaceList:
    return PlaceList(pack_places(at), lambda: sns)


def brute_force(at: list[tuple[float, float]], lat: float, lng: float, radius: float) -> list[tuple[float, str]]:
    distances = [(distance_km(lat, lng, *place), f"{number:04d}") for number, place in enumerate(at)]
    return sorted(pair for pair in distances if pair[0] <= radius)


@pytest.mark.long
@settings(max_examples=200)
@given(at=PLACES, lat=LAT, lng=LNG, radius=st.floats(0.01, 50))
def test_nearby_search_finds_the_same_stations_as_brute_force(
    at: list[tuple[float, float]], lat: float, lng: float, radius: float
) -> None:
    assert near(at, lat, lng, radius) == brute_force(at, lat, lng, radius)


@pytest.mark.parametrize("count", [10, 10_000])
def test_nearby_search_is_exact_at_any_number_of_stations(count: int) -> None:
    at = places(count)
    listing = listing_of([listed(number, *place) for number, place in enumerate(at)])
    for centre in (CITY, (28.2096, 83.9556), (26.4, 80.1)):
        stations = [(distance, station.sn) for distance, station in listing.near(*centre, 50, EVERY)]
        assert stations == brute_force(at, *centre, 50), centre


@pytest.mark.long
def test_the_place_index_is_exact_at_100_000_places() -> None:
    """Without listings around the index: to encode these takes far longer than to search them."""
    at = places(100_000)
    index = PlaceIndex({"all": place_list(at, [f"{number:04d}" for number in range(len(at))])})
    for centre, radius in ((CITY, 5), ((28.2096, 83.9556), 50), ((26.4, 80.1), 50)):
        found = [(distance, sn) for distance, sn, _, _ in index.nearest(*centre, radius)]
        assert found == brute_force(at, *centre, radius), centre
        assert found


def test_nearby_search_stays_exact_while_listings_change() -> None:
    """Far more changes than there are stations."""
    at, numbers = places(60), random.Random(1)
    parts = [at[:20], at[20:40], at[40:]]
    lists: dict[str, PlaceList] = {}
    for change in range(200):
        changed = numbers.randrange(3)
        parts[changed] = numbers.sample(at, numbers.randrange(1, 20))
        for n, part in enumerate(parts):
            if n == changed or not change:
                lists[str(n)] = place_list(part, [f"{n}{i:02}" for i in range(len(part))])
        index = PlaceIndex(lists)
        listed_places = [(place, str(n), i) for n, part in enumerate(parts) for i, place in enumerate(part)]
        expected = sorted((distance_km(*CITY, *place), name, i) for place, name, i in listed_places)
        found = [(distance, name, i) for distance, _, name, i in index.nearest(*CITY, 50)]
        assert found == [item for item in expected if item[0] <= 50], change


@pytest.mark.parametrize("wanted", [EVERY, StationFilter(has_powerbank=True), StationFilter(search="1")], ids=repr)
@pytest.mark.parametrize("count", [300, 3_000])
def test_a_filtered_nearby_search_is_exact_from_any_station_on(wanted: StationFilter, count: int) -> None:
    """Few matching stations are measured one by one, many are searched by their places."""
    # Four stations at each place: many have the same distance.
    at = [place for place in places(count // 4) for _ in range(4)]
    stations = [listed(number, *place, available_powerbanks=number % 2) for number, place in enumerate(at)]
    matching = {station.sn for station in listing_of(stations).after("", wanted)}
    expected = [pair for pair in brute_force(at, *CITY, 50) if pair[1] in matching]
    listing = listing_of(stations)
    assert len(matching) in (count, count // 2) or wanted.search
    for start in (0, 1, 2, 41, len(expected) - 1):
        beyond = expected[start - 1] if start else SEARCH_START
        found = [(distance, station.sn) for distance, station in listing.near(*CITY, 50, wanted, beyond)]
        assert found == expected[start:], start


def test_stations_at_one_place_come_by_serial_number() -> None:
    assert [sn for _, sn in near([CITY] * 100, *CITY, 1)] == [f"{number:04d}" for number in range(100)]


@given(offset=st.floats(-0.2, 0.2), lat=st.floats(-89, 89), lng=LNG)
@settings(max_examples=100)
def test_a_station_just_within_the_radius_is_found(offset: float, lat: float, lng: float) -> None:
    place = round(lat, 6), round((lng + offset + 180) % 360 - 180, 6)
    distance = distance_km(lat, lng, *place)
    if distance <= 50:
        assert [sn for _, sn in near([place], lat, lng, max(distance, 0.001) * 1.0001)] == ["0000"]


@pytest.mark.parametrize("lng", [179.99999999999997, -180.0, 180.0, 85.34999999999998, 85.35, -1e-300])
def test_a_station_on_a_border_is_found_from_either_side(lng: float) -> None:
    for beside in (-0.001, -1e-13, 0.0, 1e-13, 0.001):
        assert [sn for _, sn in near([(27.7, lng)], 27.7, lng + beside, 1)] == ["0000"]
