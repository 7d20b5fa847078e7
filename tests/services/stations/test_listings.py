"""Station listings: nearby search, filters, detail, and their refresh."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.geo import distance_km
from chalicelib.domain.problems import Problem
from chalicelib.domain.station import StationStatus
from chalicelib.services.stations import listings
from chalicelib.services.stations.listings import ListedStation, Listing, StationFilter
from tests.builders import CIVIL, LABIM
from tests.network import Network

LAT = st.one_of(st.floats(-90, 90), st.sampled_from([0.0, 0.05, 27.65, 27.7, 89.999, -90.0, 90.0]))
LNG = st.one_of(st.floats(-180, 180), st.sampled_from([0.0, 85.3, 85.35, 179.99, -179.99, 180.0, -180.0]))


def listed(number: int, lat: float, lng: float, **changed: Any) -> ListedStation:
    fields: dict[str, Any] = {
        "status": StationStatus.ONLINE,
        "total_slots": 4,
        "available_powerbanks": 1,
        "free_slots": 1,
    } | changed
    return ListedStation(
        f"{number:04d}", f"S{number}", "a", "", lat, lng, opening_time="", closing_time="", images=(), **fields
    )


def listing(places: list[tuple[float, float]]) -> Listing:
    rows = [asdict(listed(number, lat, lng)) for number, (lat, lng) in enumerate(places)]
    return Listing([json.dumps(rows)])


@pytest.mark.long
@settings(max_examples=200)
@given(places=st.lists(st.tuples(LAT, LNG), max_size=30), lat=LAT, lng=LNG, radius=st.floats(0.01, 50))
def test_nearby_search_finds_the_same_stations_as_brute_force(
    places: list[tuple[float, float]], lat: float, lng: float, radius: float
) -> None:
    near = listing(places).near(lat, lng, radius)
    brute = {f"{number:04d}" for number, place in enumerate(places) if distance_km(lat, lng, *place) <= radius}
    assert {station.sn for _, station in near} == brute
    assert [distance for distance, _ in near] == sorted(distance for distance, _ in near)


@given(offset=st.floats(-0.2, 0.2), lat=st.floats(-89, 89), lng=LNG)
@settings(max_examples=100)
def test_a_station_across_a_cell_border_is_found(offset: float, lat: float, lng: float) -> None:
    other = (lng + offset + 180) % 360 - 180
    distance = distance_km(lat, lng, lat, other)
    if distance <= 50:
        assert [
            station.sn for _, station in listing([(lat, other)]).near(lat, lng, max(distance, 0.001) * 1.0001)
        ] == ["0000"]


@pytest.mark.parametrize("lng", [179.99999999999997, -180.0, 180.0, 85.34999999999998, 85.35, -1e-300])
def test_a_station_on_a_border_is_found_from_either_side(lng: float) -> None:
    for beside in (-0.001, -1e-13, 0.0, 1e-13, 0.001):
        assert [station.sn for _, station in listing([(27.7, lng)]).near(27.7, lng + beside, 1)] == ["0000"]


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (StationFilter(status=StationStatus.OFFLINE), ["0002"]),
        (StationFilter(has_powerbank=False), ["0003"]),
        (StationFilter(has_free_slot=False), ["0004"]),
        (StationFilter(search="s3"), ["0003"]),
        (StationFilter(), ["0001", "0002", "0003", "0004"]),
    ],
)
def test_each_filter_leaves_only_matching_stations(wanted: StationFilter, taken: list[str]) -> None:
    stations = [
        listed(1, 0, 0),
        listed(2, 0, 0, status=StationStatus.OFFLINE),
        listed(3, 0, 0, available_powerbanks=0),
        listed(4, 0, 0, free_slots=0),
    ]
    assert [station.sn for station in stations if wanted.matches(station)] == taken


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
    station = replace(
        listed(1, 0, 0), name="Civil Mall", address="चाँदनी चोक मल, काठमाडौं-१", landmark="Café\u00a0Sóma"
    )
    assert StationFilter(search=search).matches(station)
    assert not StationFilter(search=f"{search} x").matches(station)


def test_a_station_detail_shows_its_current_state(network: Network) -> None:
    detail = listings.detail(network.world, LABIM.sn)
    assert (detail.listed.status, detail.listed.available_powerbanks, detail.listed.free_slots) == ("online", 4, 3)
    network.fake_world.clock.advance(minutes=26)
    assert listings.detail(network.world, LABIM.sn).listed.status == "offline"
    with pytest.raises(Problem, match="not_found"):
        listings.detail(network.world, "99999999")


def test_a_rented_powerbank_is_missing_from_the_next_listing(network: Network) -> None:
    listings.refresh_listing_page(network.world, "0")
    before = {station.sn: station.available_powerbanks for station in listings.listing(network.world).all}
    network.rented(network.customer())
    listings.refresh(network.world)
    network.fake_world.clock.advance(seconds=5)
    after = {station.sn: station.available_powerbanks for station in listings.listing(network.world).all}
    assert (before[LABIM.sn] - after[LABIM.sn], before[CIVIL.sn]) == (1, after[CIVIL.sn])
