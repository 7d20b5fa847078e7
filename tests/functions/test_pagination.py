"""Cursors: valid for one caller, one path and one query, and for nothing else."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import app
from chalicelib.domain.problems.problems import Problem
from chalicelib.edge.models import PageQuery
from chalicelib.edge.pagination import Cursor
from chalicelib.services.stations import listing_refresh
from infra.local.seeds.demo_stations import FLEET
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_of

STATIONS = "/api/app/stations"
NEARBY = "/api/app/stations/nearby?lat=27.7&lng=85.3&radius=50"
TRANSACTIONS = "/api/user/transactions"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."


@pytest.fixture
def listed(network: Network) -> Network:
    """The stations' listing is ready."""
    listing_refresh.refresh(network.world)
    return network


def pages(url: str, limit: int, token: str | None = None) -> list[Reply]:
    """Every page to the end."""
    joined = f"{url}{'&' if '?' in url else '?'}limit={limit}"
    replies = [request(app, "GET", joined, token=token)]
    while replies[-1].data["next_cursor"]:
        replies.append(request(app, "GET", f"{joined}&cursor={replies[-1].data['next_cursor']}", token=token))
        assert replies[-1].status == 200
    return replies


def refused(url: str, token: str | None = None) -> bool:
    reply = request(app, "GET", url, token=token)
    return (reply.status, reply.code) == (422, "invalid_cursor")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_all_pages_together_hold_each_item_once(limit: int, listed: Network) -> None:
    sns = [item["sn"] for page in pages(STATIONS, limit) for item in page.data["results"]]
    assert sns == sorted(station.sn for station in FLEET)


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_stations_nearby_stay_sorted_over_the_pages(limit: int, listed: Network) -> None:
    distances = [item["distance_km"] for page in pages(NEARBY, limit) for item in page.data["results"]]
    assert distances == sorted(distances)
    assert len(distances) == len(pages(NEARBY, 100)[0].data["results"]) > 1


@pytest.mark.parametrize("limit", [1, 2, 20])
def test_transactions_are_complete_over_the_pages(limit: int, network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    network.report_return(FLEET[0], rental.powerbank_sn)
    network.rented(user, FLEET[1])
    token = token_of(network, user)
    ids = [item["id"] for page in pages(TRANSACTIONS, limit, token) for item in page.data["results"]]
    assert len(ids) == len(set(ids)) == 3
    assert ids == [item["id"] for item in pages(TRANSACTIONS, 100, token)[0].data["results"]]


def test_a_cursor_is_valid_with_another_page_size(listed: Network) -> None:
    cursor = pages(STATIONS, 1)[0].data["next_cursor"]
    rest = request(app, "GET", f"{STATIONS}?limit=50&cursor={cursor}")
    assert len(rest.data["results"]) == len(FLEET) - 1


def test_a_cursor_is_invalid_for_another_query(listed: Network) -> None:
    cursor = pages(STATIONS, 1)[0].data["next_cursor"]
    assert refused(f"{STATIONS}?status=online&cursor={cursor}")
    assert refused(f"{STATIONS}?lat=27.7&lng=85.3&cursor={cursor}")
    assert refused(f"{NEARBY}&cursor={cursor}")


def test_a_cursor_is_invalid_for_another_caller(network: Network) -> None:
    mine, theirs = network.customer(), network.customer()
    network.rented(mine)
    cursor = pages(TRANSACTIONS, 1, token_of(network, mine))[0].data["next_cursor"]
    assert cursor
    assert refused(f"{TRANSACTIONS}?cursor={cursor}", token_of(network, theirs))


def test_a_cursor_is_valid_on_another_device_of_the_user(network: Network) -> None:
    user = network.customer()
    network.rented(user)
    cursor = pages(TRANSACTIONS, 1, token_of(network, user))[0].data["next_cursor"]
    assert cursor
    assert request(app, "GET", f"{TRANSACTIONS}?cursor={cursor}", token=token_of(network, user)).status == 200


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(min_value=0), put=st.sampled_from(ALPHABET))
def test_a_cursor_with_one_changed_character_is_invalid(listed: Network, at: int, put: str) -> None:
    cursor = request(app, "GET", f"{STATIONS}?limit=1").data["next_cursor"]
    at %= len(cursor)
    if cursor[at] != put:
        assert refused(f"{STATIONS}?cursor={cursor[:at]}{put}{cursor[at + 1 :]}")


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=ALPHABET + "=~", min_size=1, max_size=80))
def test_a_made_up_cursor_is_invalid(listed: Network, cursor: str) -> None:
    assert refused(f"{STATIONS}?cursor={cursor}")


def test_a_cut_or_lengthened_cursor_is_invalid(listed: Network) -> None:
    cursor = request(app, "GET", f"{STATIONS}?limit=1").data["next_cursor"]
    for length in range(1, len(cursor)):
        assert refused(f"{STATIONS}?cursor={cursor[:length]}")
    for more in ("A", ".", "=", "AAAA", "%20", "%0A"):
        reply = request(app, "GET", f"{STATIONS}?cursor={cursor}{more}")
        assert reply.status == (200 if more in ("%20", "%0A") else 422), more


@pytest.mark.parametrize("position", [{"at": "x"}, {"after": 3}, {"after": ["x"]}, {"after": None}, {"after": 2.5}])
def test_a_cursor_of_an_earlier_version_is_refused_where_its_position_has_another_form(position: Any) -> None:
    context: Any = None
    cursor = Cursor(context, {}, PageQuery(), position)
    with pytest.raises(Problem, match="invalid_cursor"):
        cursor.text("after")
    assert Cursor(context, {}, PageQuery(), {}).text("after") is None
