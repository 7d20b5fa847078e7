"""Favourite stations, and where a station is shown as one."""

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.domain.stations.station import Station
from chalicelib.domain.users.user import MAX_FAVORITES
from chalicelib.services.stations import listing_refresh
from chalicelib.services.users import deletion, erasure
from chalicelib.services.users.profile import profile_keys
from chalicelib.tables import stations, users
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch_one
from tests.world.builders import CIVIL, LABIM, LAKESIDE
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import bad_tokens, token_of

LIST, FAVORITES = "/api/app/stations", "/api/stations/favorites"
NEARBY = f"/api/app/stations/nearby?lat={LABIM.latitude}&lng={LABIM.longitude}&radius=50"


class Reader:
    """A customer who looks at stations."""

    def __init__(self, network: Network) -> None:
        self.network, self.user_id = network, network.customer()
        self.token = token_of(network, self.user_id)

    def get(self, path: str) -> Any:
        return request(app, "GET", path, token=self.token).data

    def change(self, method: str, sn: str) -> Reply:
        return request(
            app, method, f"/api/stations/{sn}/favorite", {} if method == "POST" else None, token=self.token
        )

    def favorites(self) -> list[str]:
        return [station["sn"] for station in self.get(FAVORITES)["results"]]

    def count(self) -> int:
        return int(self.get("/api/user/analytics/usage-stats")["favorite_stations_count"])


@pytest.fixture
def reader(network: Network) -> Reader:
    return Reader(network)


def marked(page: Any) -> set[str]:
    """The serial numbers of the stations that a page shows as favourites."""
    return {station["sn"] for station in page["results"] if station["is_favorite"]}


def test_a_favourite_is_added_once_and_removed_once(reader: Reader) -> None:
    for sn in (LABIM.sn, CIVIL.sn, LABIM.sn):
        assert reader.change("POST", sn).data == {"sn": sn, "is_favorite": True}
    assert (reader.favorites(), reader.count()) == ([CIVIL.sn, LABIM.sn], 2)
    for _ in range(2):
        assert reader.change("DELETE", LABIM.sn).data == {"sn": LABIM.sn, "is_favorite": False}
    assert (reader.favorites(), reader.count()) == ([CIVIL.sn], 1)


def test_each_station_says_whether_it_is_a_favourite_of_the_caller(reader: Reader) -> None:
    reader.change("POST", LABIM.sn)
    assert (marked(reader.get(LIST)), marked(reader.get(NEARBY))) == ({LABIM.sn}, {LABIM.sn})
    assert reader.get(f"{LIST}/{LABIM.sn}")["is_favorite"]
    assert not reader.get(f"{LIST}/{CIVIL.sn}")["is_favorite"]
    other = token_of(reader.network, reader.network.customer())
    for token in (None, other):
        assert marked(request(app, "GET", LIST, token=token).data) == set()
        assert not request(app, "GET", f"{LIST}/{LABIM.sn}", token=token).data["is_favorite"]


def test_a_response_for_a_caller_is_kept_by_no_cache(reader: Reader) -> None:
    for path in (LIST, NEARBY, f"{LIST}/{LABIM.sn}"):
        own, everybody = request(app, "GET", path, token=reader.token), request(app, "GET", path)
        assert (own.headers["Cache-Control"], everybody.headers["Cache-Control"][:6]) == ("no-store", "public")
        assert "Authorization" in everybody.headers["Vary"]


def test_a_token_that_is_not_valid_counts_as_none(reader: Reader) -> None:
    reader.change("POST", LABIM.sn)
    session = reader.network.sessions[reader.user_id]
    for name, token in bad_tokens(reader.network.world, session).items():
        reply = request(app, "GET", LIST, token=token)
        assert (reply.status, marked(reply.data)) == (200, set()), name


def test_a_page_goes_on_after_the_token_expired(reader: Reader) -> None:
    cursor = reader.get(f"{LIST}?limit=2")["next_cursor"]
    assert len(request(app, "GET", f"{LIST}?limit=2&cursor={cursor}").data["results"]) == 2


def test_favourites_are_read_page_by_page(reader: Reader) -> None:
    for station in (LABIM, CIVIL, LAKESIDE):
        reader.change("POST", station.sn)
    first = reader.get(f"{FAVORITES}?limit=2")
    second = reader.get(f"{FAVORITES}?limit=2&cursor={first['next_cursor']}")
    assert [station["sn"] for station in (*first["results"], *second["results"])] == reader.favorites()
    assert (first["pagination"]["has_next"], second["next_cursor"]) == (True, None)


def test_the_101st_favourite_is_refused(reader: Reader) -> None:
    user = fetch_one(users.user_key(reader.user_id))
    assert user is not None
    full = replace(user, favorite_sns=tuple(f"{number}" for number in range(MAX_FAVORITES)))
    atomic(reader.network.world, lambda ops: users.save_user(ops, full))
    reply = reader.change("POST", LABIM.sn)
    assert (reply.status, reply.code, reader.count()) == (409, "favorites_full", MAX_FAVORITES)
    assert reader.change("POST", "99").status == 200
    assert reader.change("DELETE", "99").status == 200
    assert reader.change("DELETE", "99").status == 404
    assert reader.change("POST", LABIM.sn).status == 200


def test_a_deleted_account_leaves_no_favourite(reader: Reader) -> None:
    reader.change("POST", LABIM.sn)
    network = reader.network
    caller = network.sessions[reader.user_id].caller(network.world, *profile_keys(reader.user_id))
    deletion.delete(network.world, caller, forfeit_balance=True)
    erasure.erase(network.world, reader.user_id)
    assert fetch_one(users.user_key(reader.user_id)) is None
    assert reader.change("POST", LABIM.sn).status == 401


def test_an_operator_has_no_favourites(network: Network, tokens: dict[str, str]) -> None:
    assert request(app, "GET", FAVORITES, token=tokens["admin"]).data["results"] == []
    assert request(app, "POST", f"/api/stations/{LABIM.sn}/favorite", {}, token=tokens["admin"]).status == 404


def test_opening_hours_filter_the_list(reader: Reader) -> None:
    hours = {"41000001": ("08:00", "20:00"), "41000002": ("20:00", "08:00")}
    for sn, (opening_time, closing_time) in hours.items():
        station = Station(sn, sn, sn, "a", 27.7, 85.3, opening_time=opening_time, closing_time=closing_time)
        atomic(reader.network.world, lambda ops, station=station: stations.add(ops, station))  # type: ignore[misc]
    listing_refresh.refresh(reader.network.world)
    reader.network.fake_world.clock.advance(seconds=5)

    def shown(open_now: str) -> set[str]:
        page = request(app, "GET", f"{LIST}?open_now={open_now}&search=4100000").data
        return {station["sn"] for station in page["results"]}

    # The fake clock begins at 11:45 in Kathmandu.
    assert (shown("true"), shown("false")) == ({"41000001"}, {"41000002"})
    reader.network.fake_world.clock.advance(hours=12)
    assert (shown("true"), shown("false")) == ({"41000002"}, {"41000001"})


def test_nothing_can_be_rented_at_a_silent_station_and_a_return_still_can(reader: Reader) -> None:
    before = reader.get(f"{LIST}/{LABIM.sn}")
    reader.network.fake_world.clock.advance(minutes=26)
    silent = request(app, "GET", f"{LIST}/{LABIM.sn}").data
    assert (before["available_powerbanks"], silent["available_powerbanks"]) == (4, 0)
    assert before["free_slots"] == silent["free_slots"] == 3
