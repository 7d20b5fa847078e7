"""Station listings: nearby search, filters, detail, and their refresh."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.cabinets import powerbank_service
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_suspicion import OtherPlace
from chalicelib.domain.cabinets.service_state import Service
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.stations.geo import distance_km
from chalicelib.domain.stations.place_index import SEARCH_START, PlaceIndex, PlaceList, pack_places
from chalicelib.domain.stations.station import StationStatus
from chalicelib.domain.stations.station_filter import StationFilter
from chalicelib.services.stations import listing_refresh, station_views
from chalicelib.tables import powerbanks
from chalicelib.tables.atomic import atomic
from tests.scenarios.station_listings import CITY, listed, listing_of, places
from tests.world.builders import CIVIL, LABIM
from tests.world.network import Network

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


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (StationFilter(status=StationStatus.OFFLINE), ["0002"]),
        (StationFilter(has_powerbank=False), ["0003"]),
        (StationFilter(has_free_slot=False), ["0004"]),
        (StationFilter(search="s3"), ["0003"]),
        (StationFilter(search="S"), ["0001", "0002", "0003", "0004"]),
        (StationFilter(search="s", has_powerbank=True), ["0001", "0002", "0004"]),
        (StationFilter(search="2 s3"), []),
        (StationFilter(search="0002\ns3"), []),
        (EVERY, ["0001", "0002", "0003", "0004"]),
    ],
)
def test_each_filter_leaves_only_matching_stations(wanted: StationFilter, taken: list[str]) -> None:
    listing = listing_of(
        [
            listed(1),
            listed(2, status=StationStatus.OFFLINE),
            listed(3, available_powerbanks=0),
            listed(4, free_slots=0),
        ]
    )
    assert [station.sn for station in listing.after("", wanted)] == taken
    assert [station.sn for _, station in listing.near(0, 0, 1, wanted)] == taken
    assert [station.sn for station in listing.after("0002", wanted)] == [sn for sn in taken if sn > "0002"]


@pytest.mark.parametrize(
    "search",
    [
        *(
            "चांदनी   चोक",
            "चाँदनी\u200d चोक",
            "मल, काठमाडौँ",
            "काठमाडौं-१",
            "काठमाडौं-1",
            "CIVIL  mall",
            "civil\u200b mall",
        ),
        *("cafe\u0301", "ＣＡＦÉ", "0001", "०००१", "\u200b", "  "),
    ],
    ids=ascii,
)
def test_a_search_finds_a_station_in_any_spelling(search: str) -> None:
    station = listed(1, name="Civil Mall")._replace(address="चाँदनी चोक मल, काठमाडौं-१", landmark="Café\u00a0Sóma")
    listing = listing_of([station])
    assert list(listing.after("", StationFilter(search=search))) == [station]
    assert list(listing.after("", StationFilter(search=f"{search} x"))) == []
    assert list(listing.near(0, 0, 1, StationFilter(search=f"{search} x"))) == []


def test_a_station_detail_shows_its_current_state(network: Network) -> None:
    detail = station_views.detail(network.world, LABIM.sn)
    assert (detail.listed.status, detail.listed.available_powerbanks, detail.listed.free_slots) == ("online", 4, 3)
    network.fake_world.clock.advance(minutes=26)
    assert station_views.detail(network.world, LABIM.sn).listed.status == "offline"
    with pytest.raises(Problem, match="not_found"):
        station_views.detail(network.world, "99999999")


def powerbanks_by_station(network: Network) -> dict[str, int]:
    return {
        station.sn: station.available_powerbanks for station in station_views.listing(network.world).after("", EVERY)
    }


def test_a_rented_powerbank_is_missing_from_the_next_listing(network: Network) -> None:
    before = powerbanks_by_station(network)
    network.rented(network.customer())
    listing_refresh.refresh(network.world)
    network.fake_world.clock.advance(seconds=5)
    after = powerbanks_by_station(network)
    assert (before[LABIM.sn] - after[LABIM.sn], before[CIVIL.sn]) == (1, after[CIVIL.sn])


def set_aside(powerbank: Powerbank) -> Powerbank:
    return powerbank_service.set_aside(powerbank)


def quarantined(powerbank: Powerbank) -> Powerbank:
    return powerbank.quarantined(LABIM.sn, powerbank.slot_number or 0, powerbank.moved_at)


def faulty(powerbank: Powerbank) -> Powerbank:
    return replace(powerbank, faults_count=1)


def unregistered(powerbank: Powerbank) -> Powerbank:
    return replace(quarantined(powerbank), service=Service.UNREGISTERED)


def in_two_places(powerbank: Powerbank) -> Powerbank:
    return replace(powerbank, other_place=OtherPlace(powerbank.moved_at, LABIM.sn, 8))


@pytest.mark.parametrize("change", [set_aside, quarantined, faulty, unregistered, in_two_places])
def test_a_powerbank_that_nobody_may_rent_is_not_available(
    network: Network, change: Callable[[Powerbank], Powerbank]
) -> None:
    before = powerbanks_by_station(network)[LABIM.sn]
    powerbank = network.bank("40818052")
    atomic(network.world, lambda ops: powerbanks.save_powerbank(ops, change(powerbank)))
    listing_refresh.refresh(network.world)
    network.fake_world.clock.advance(seconds=5)
    assert powerbanks_by_station(network)[LABIM.sn] == before - 1
    assert station_views.detail(network.world, LABIM.sn).listed.available_powerbanks == before - 1


def test_a_powerbank_that_a_customer_reported_is_not_available(network: Network) -> None:
    before = powerbanks_by_station(network)[LABIM.sn]
    rental = network.rented(network.customer())
    network.report_return(LABIM, rental.powerbank_sn, rental.station.slot_number)
    report = partial(powerbanks.count_fault, powerbank_sn=rental.powerbank_sn, rental_id=rental.rental_id)
    atomic(network.world, report)
    listing_refresh.refresh(network.world)
    network.fake_world.clock.advance(seconds=5)
    assert powerbanks_by_station(network)[LABIM.sn] == before - 1
