"""Measures the list of stations and nearby searches at 20 and at 20,000 stations, side by side."""

import gc
import random
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from functools import cached_property
from io import StringIO
from statistics import median
from typing import Any

from bench.scenario import BenchScenario
from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.stations.listing_pages import LISTING_PAGES, listing_page_of
from chalicelib.domain.stations.station import Station
from chalicelib.services.stations import station_views
from chalicelib.services.stations.listing_in_memory import MAX_RECENT
from chalicelib.services.warm_cache import RecentResults
from chalicelib.tables import station_listings
from tests.scenarios.station_listings import CITY, stations, store_listing

COUNTS = (20, 20_000)
SEARCHES = 200
"""A process has answered so many nearby searches before its requests are measured."""


@dataclass(frozen=True)
class SideBySide:
    """Median CPU milliseconds of our process for a request at 20 and at 20,000 stations."""

    name: str
    few_ms: float
    many_ms: float

    @property
    def ratio(self) -> float:
        return self.many_ms / self.few_ms


class ListingScenario:
    """A network of `count` stations with a stored listing."""

    def __init__(self, scenario: BenchScenario, count: int) -> None:
        self.scenario = scenario
        self.pages: dict[str, list[Station]] = {page: [] for page in LISTING_PAGES}
        for station in stations(count):
            self.pages[listing_page_of(station.sn)].append(station)
        self.used_page = next(page for page in LISTING_PAGES if self.pages[page])
        self.is_first_online = False
        self.numbers, self.count = random.Random(count), count

    def store(self, pages: tuple[str, ...] = LISTING_PAGES) -> None:
        """Store the listings of some pages. A call changes each of them: a cabinet comes online or goes offline."""
        self.is_first_online = not self.is_first_online
        now, settings = self.scenario.world.now(), self.scenario.world.settings()
        tags = dict(station_listings.listing_tags().tags)
        for page in pages:
            listed = [
                station_views.to_listed(
                    station,
                    Cabinet(station.sn, station.imei, online=self.is_first_online or number > 0, last_seen_at=now),
                    frozenset(),
                    now,
                    settings,
                )
                for number, station in enumerate(self.pages[page])
            ]
            tags[page] = store_listing(page, listed, now)
        station_listings.save_tags(tags, now)

    def check_again(self) -> None:
        """Let the listing in memory grow too old, so that the next request reads the stored tags."""
        self.scenario.fake_world.clock.advance(seconds=5)

    def forget_responses(self) -> None:
        """Drop the responses that the process keeps of the current listing."""
        station_views.listing(self.scenario.world).recent = RecentResults(MAX_RECENT)

    def nearby(self, more: str = "") -> Any:
        """A nearby search from a random place, so that the process has no response to repeat."""
        lat, lng = (self.numbers.gauss(at, 0.03) for at in CITY)
        # Five results, since at 20 stations only nine lie within 15 km of the city.
        return self.get(f"/api/app/stations/nearby?lat={lat:.6f}&lng={lng:.6f}&radius=15&limit=5{more}")

    @cached_property
    def late_page(self) -> str:
        """The path of five results of NEARBY behind a quarter of all stations."""
        limit, cursor = min(100, self.count // 4), ""
        for _ in range(self.count // 4 // limit):
            cursor = self.get(f"{NEARBY}&limit={limit}{cursor}").body["data"]["next_cursor"]
            cursor = f"&cursor={cursor}"
        return f"{NEARBY}&limit=5{cursor}"

    def get(self, path: str) -> Any:
        return self.scenario.visit(path)


def nothing(_: ListingScenario) -> None:
    """The preparation of a request that needs none."""


def one_page_changed(at: ListingScenario) -> None:
    at.store((at.used_page,))
    at.check_again()


def all_pages_changed(at: ListingScenario) -> None:
    at.store()
    at.check_again()


def one_station_renamed(at: ListingScenario) -> None:
    """An operator renamed a station. The configuration of all stations on its page is stored again."""
    station = at.pages[at.used_page][0]
    at.pages[at.used_page][0] = replace(station, name=f"Renamed {at.numbers.random():.9f}")
    at.store((at.used_page,))
    at.check_again()


def late_page_is_known(at: ListingScenario) -> None:
    assert at.late_page
    at.forget_responses()


def new_process(_: ListingScenario) -> None:
    station_views.listing_cache.clear()


LIST, NEARBY = "/api/app/stations", f"/api/app/stations/nearby?lat={CITY[0]}&lng={CITY[1]}&radius=15"
REQUESTS: tuple[tuple[str, Callable[[ListingScenario], None], Callable[[ListingScenario], Any]], ...] = (
    ("list, repeated", nothing, lambda at: at.get(LIST)),
    ("list, first of its listing", ListingScenario.forget_responses, lambda at: at.get(LIST)),
    ("list, listing checked again", ListingScenario.check_again, lambda at: at.get(LIST)),
    ("list, one page changed", one_page_changed, lambda at: at.get(LIST)),
    ("list, all pages changed", all_pages_changed, lambda at: at.get(LIST)),
    ("list, search", ListingScenario.forget_responses, lambda at: at.get(f"{LIST}?search=road")),
    ("nearby 15 km, repeated", nothing, lambda at: at.get(f"{NEARBY}&limit=5")),
    ("nearby 15 km, another place", nothing, ListingScenario.nearby),
    ("nearby 15 km, a late page", late_page_is_known, lambda at: at.get(at.late_page)),
    ("nearby, only open stations", nothing, lambda at: at.nearby("&open_now=true")),
    ("nearby, search without a match", nothing, lambda at: at.nearby("&search=elsewhere")),
    ("list, search without a match", ListingScenario.forget_responses, lambda at: at.get(f"{LIST}?search=elsewhere")),
    (
        "list, filter without a match",
        ListingScenario.forget_responses,
        lambda at: at.get(f"{LIST}?has_powerbank=true"),
    ),
    ("nearby, one page changed", one_page_changed, ListingScenario.nearby),
    ("list, one station renamed", one_station_renamed, lambda at: at.get(LIST)),
    ("nearby, one station renamed", one_station_renamed, ListingScenario.nearby),
    ("nearby, new process", new_process, ListingScenario.nearby),
    ("list, new process", new_process, lambda at: at.get(LIST)),
)


def measure(scenario: BenchScenario, rounds: int) -> list[SideBySide]:
    """The CPU time of each request, the engine's not included. Replaces the listing of the scenario."""
    few, many = (_times(ListingScenario(scenario, count), rounds) for count in COUNTS)
    return [SideBySide(name, few[name], many[name]) for name in few]


def _times(at: ListingScenario, rounds: int) -> dict[str, float]:
    with redirect_stdout(StringIO()):
        at.store()
        # The stations of this scenario are no part of the process: the collector need not look at them.
        gc.collect()
        gc.freeze()
        station_views.listing_cache.clear()
        for _ in range(SEARCHES):
            at.nearby()
        return {name: median(_cpu_ms(at, *steps) for _ in range(rounds)) for name, *steps in REQUESTS}


def _cpu_ms(at: ListingScenario, prepare: Any, request: Any) -> float:
    prepare(at)
    began = time.process_time()
    request(at)
    return (time.process_time() - began) * 1000
