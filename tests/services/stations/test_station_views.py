"""Station listings: filters, detail, and their refresh."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.cabinets import powerbank_service
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_suspicion import OtherPlace
from chalicelib.domain.cabinets.service_state import Service
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.stations.station import StationStatus
from chalicelib.domain.stations.station_filter import StationFilter
from chalicelib.services.stations import listing_refresh, station_views
from chalicelib.tables import powerbanks
from chalicelib.tables.atomic import atomic
from tests.scenarios.station_listings import listed, listing_of
from tests.world.builders import CIVIL, LABIM
from tests.world.network import Network

EVERY = StationFilter()


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
