"""The work of a list or a nearby search does not grow with the number of stations, and is not done twice."""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from app import app
from chalicelib.domain.stations.listed_station import ListedStation
from chalicelib.domain.stations.listing_pages import LISTING_PAGES
from chalicelib.services.stations import station_views
from chalicelib.services.stations.listing_in_memory import MAX_RECENT
from chalicelib.tables import station_listings
from tests.scenarios.station_listings import CITY, listed, places, store_listing
from tests.world.http_client import request
from tests.world.network import Network

COUNTED = {
    "_lines": "decoded",
    "places": "decoded",
    "listed_station": "parsed",
    "distance_km": "measured",
    "search_text": "prepared for search",
    "to_station_response": "shown",
    "_envelope_text": "rendered",
}
NEARBY = f"/api/app/stations/nearby?lat={CITY[0]}&lng={CITY[1]}&radius=15"
STATION_MODULES = ("chalicelib.domain.stations", "chalicelib.services.stations.listing_in_memory")
LIST = "/api/app/stations"
PATHS = (LIST, NEARBY, "/api/app/stations?has_powerbank=true")


class Work(Counter[str]):
    """Counts calls of the functions in COUNTED while it is entered, and all calls within STATION_MODULES."""

    def __enter__(self) -> "Work":
        sys.setprofile(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _called(self, frame: Any, event: str, _: Any) -> None:
        name, module = frame.f_code.co_name, frame.f_globals.get("__name__", "")
        if event != "call" or not module.startswith(("chalicelib", "functions")):
            return
        if name in COUNTED:
            self[COUNTED[name]] += 1
        if module.startswith(STATION_MODULES):
            self["calls"] += 1


def store(network: Network, count: int) -> None:
    """Replace the stored listing of every page by one of `count` stations in total. The process has read none."""
    store_stations(network, [listed(number, *place) for number, place in enumerate(places(count))])
    station_views.listing_cache.clear()


def store_stations(network: Network, stations: Sequence[ListedStation]) -> None:
    tags = {}
    for number, name in enumerate(LISTING_PAGES):
        tags[name] = store_listing(name, stations[number :: len(LISTING_PAGES)], network.world.now())
    station_listings.save_tags(tags, network.world.now())


def work_of(path: str) -> Work:
    with Work() as work:
        assert request(app, "GET", path).status == 200
    return work


def warm_work(network: Network, count: int, path: str) -> Work:
    """The work of a request in a process that has answered another request."""
    store(network, count)
    for other in ("/api/app/stations?limit=100", NEARBY.replace("radius=15", "radius=14")):
        work_of(other)
    return work_of(path)


@pytest.mark.long
@pytest.mark.parametrize("path", PATHS)
def test_a_request_looks_at_as_many_stations_of_20_000_as_of_20(network: Network, path: str) -> None:
    small, large = warm_work(network, 20, path), warm_work(network, 20_000, path)
    assert (large["shown"], large["parsed"], large["decoded"], large["prepared for search"]) == (20, 21, 0, 0)
    assert large["calls"] <= max(2 * small["calls"], 1_000)
    assert large["measured"] <= 200


def test_a_filter_that_no_station_matches_looks_at_no_station(network: Network) -> None:
    store(network, 2_000)
    unmatched = ("has_powerbank=false", "open_now=false", "search=elsewhere", "search=s1&status=offline")
    for path in (f"{path}{joint}{query}" for query in unmatched for path, joint in ((LIST, "?"), (NEARBY, "&"))):
        work_of(f"{path}&limit=19")
        work = work_of(path)
        assert work["calls"] <= 20 * len(LISTING_PAGES), path
        assert (work["parsed"], work["measured"], work["decoded"]) == (0, 0, 0), path


def test_a_late_page_of_a_nearby_search_passes_over_the_stations_before_it(network: Network) -> None:
    store(network, 2_000)
    path = NEARBY.replace("radius=15", "radius=50&limit=100")
    seen, cursor = [], ""
    for _ in range(9):
        page = request(app, "GET", path + cursor).body["data"]
        seen += [station["sn"] for station in page["results"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert len(set(seen)) == 900
    work = work_of(path + cursor)
    assert work["parsed"] == 101
    assert work["measured"] <= 600


@pytest.mark.long
@pytest.mark.parametrize("path", PATHS)
def test_after_a_change_of_all_states_a_request_parses_only_what_it_shows(network: Network, path: str) -> None:
    warm_work(network, 2_000, path)
    store_stations(network, [listed(number, *at, free_slots=2) for number, at in enumerate(places(2_000))])
    network.fake_world.clock.advance(seconds=5)
    work = work_of(path)
    assert (work["shown"], work["parsed"], work["decoded"], work["prepared for search"]) == (20, 21, 0, 0)
    assert {station["free_slots"] for station in request(app, "GET", path).body["data"]["results"]} == {2}


def test_after_a_change_by_an_operator_only_the_listing_of_that_station_is_decoded(network: Network) -> None:
    warm_work(network, 2_000, NEARBY)
    renamed = [
        listed(number, *at, name="New" if number == 0 else f"S{number}") for number, at in enumerate(places(2_000))
    ]
    store_stations(network, renamed)
    network.fake_world.clock.advance(seconds=5)
    with Work() as work:
        body = request(app, "GET", "/api/app/stations?search=new").body
        request(app, "GET", NEARBY)
    assert [station["sn"] for station in body["data"]["results"]] == ["0000"]
    assert work["decoded"] <= 3


@pytest.mark.parametrize("path", PATHS)
def test_a_repeated_request_does_no_work(network: Network, path: str) -> None:
    first = request(app, "GET", path)
    with Work() as work:
        second = request(app, "GET", path)
    assert (second.text, second.headers["ETag"], dict(work)) == (first.text, first.headers["ETag"], {})


def test_each_language_and_each_query_has_its_own_response(network: Network) -> None:
    english = request(app, "GET", "/api/app/stations")
    nepali = request(app, "GET", "/api/app/stations", headers={"Accept-Language": "ne"})
    assert (english.body["message"], nepali.body["message"]) == ("Done", "भयो")
    shown = {path: request(app, "GET", path).text for path in (*PATHS, "/api/app/stations?limit=1")}
    assert len({shown["/api/app/stations"], shown[NEARBY], shown["/api/app/stations?limit=1"]}) == 3
    assert shown["/api/app/stations"] == request(app, "GET", "/api/app/stations").text


def test_an_unchanged_listing_is_not_parsed_again(network: Network) -> None:
    work_of("/api/app/stations")
    network.fake_world.clock.advance(seconds=5)
    assert dict(work_of("/api/app/stations")) == {}


def test_a_listing_keeps_a_bounded_number_of_responses(network: Network) -> None:
    kept = station_views.listing(network.world).recent
    for number in range(MAX_RECENT + 1):
        kept.get(number, lambda: "first")
    assert kept.get(0, lambda: "made again") == "made again"
    assert kept.get(MAX_RECENT, lambda: "made again") == "first"


def test_a_search_prepares_the_texts_of_a_listing_once(network: Network) -> None:
    store(network, 100)
    first, second = work_of("/api/app/stations?search=S7"), work_of("/api/app/stations?search=S8")
    assert (first["prepared for search"], second["prepared for search"]) == (1, 1)
