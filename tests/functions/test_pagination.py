"""Cursors: good where they were given, for whom and for the question they answered; nowhere else."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import app
from chalicelib.services.stations import listings
from infra.local.fleet import FLEET
from tests.asking import Asked, ask
from tests.doors import token_of
from tests.street import Street

STATIONS = "/api/app/stations"
NEARBY = "/api/app/stations/nearby?lat=27.7&lng=85.3&radius=50"
TRANSACTIONS = "/api/user/transactions"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."


@pytest.fixture
def listed(street: Street) -> Street:
    """The stations' listing is ready."""
    listings.refresh_board(street.world, "0")
    return street


def pages(url: str, limit: int, token: str | None = None) -> list[Asked]:
    """Every page, to the end."""
    joined = f"{url}{'&' if '?' in url else '?'}limit={limit}"
    found = [ask(app, "GET", joined, token=token)]
    while found[-1].data["next_cursor"]:
        found.append(ask(app, "GET", f"{joined}&cursor={found[-1].data['next_cursor']}", token=token))
        assert found[-1].status == 200
    return found


def refused(url: str, token: str | None = None) -> bool:
    answer = ask(app, "GET", url, token=token)
    return (answer.status, answer.code) == (422, "invalid_cursor")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_together_are_the_whole_each_once(limit: int, listed: Street) -> None:
    sns = [one["sn"] for page in pages(STATIONS, limit) for one in page.data["results"]]
    assert sns == sorted(station.sn for station in FLEET)


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_nearest_first_goes_on_over_the_pages(limit: int, listed: Street) -> None:
    away = [one["distance_km"] for page in pages(NEARBY, limit) for one in page.data["results"]]
    assert away == sorted(away)
    assert len(away) == len(pages(NEARBY, 100)[0].data["results"]) > 1


@pytest.mark.parametrize("limit", [1, 2, 20])
def test_a_wallets_history_goes_on_over_the_pages(limit: int, street: Street) -> None:
    user = street.customer()
    rental = street.rented(user)
    street.hear_return(FLEET[0], rental.powerbank_sn)
    street.rented(user, FLEET[1])
    token = token_of(street, user)
    ids = [one["id"] for page in pages(TRANSACTIONS, limit, token) for one in page.data["results"]]
    assert len(ids) == len(set(ids)) == 3
    assert ids == [one["id"] for one in pages(TRANSACTIONS, 100, token)[0].data["results"]]


def test_another_page_size_may_go_on_with_it(listed: Street) -> None:
    cursor = pages(STATIONS, 1)[0].data["next_cursor"]
    rest = ask(app, "GET", f"{STATIONS}?limit=50&cursor={cursor}")
    assert len(rest.data["results"]) == len(FLEET) - 1


def test_another_question_may_not(listed: Street) -> None:
    cursor = pages(STATIONS, 1)[0].data["next_cursor"]
    assert refused(f"{STATIONS}?status=online&cursor={cursor}")
    assert refused(f"{STATIONS}?lat=27.7&lng=85.3&cursor={cursor}")
    assert refused(f"{NEARBY}&cursor={cursor}")


def test_another_caller_may_not(street: Street) -> None:
    mine, theirs = street.customer(), street.customer()
    street.rented(mine)
    cursor = pages(TRANSACTIONS, 1, token_of(street, mine))[0].data["next_cursor"]
    assert cursor
    assert refused(f"{TRANSACTIONS}?cursor={cursor}", token_of(street, theirs))


def test_it_is_for_the_user_not_for_the_device(street: Street) -> None:
    user = street.customer()
    street.rented(user)
    cursor = pages(TRANSACTIONS, 1, token_of(street, user))[0].data["next_cursor"]
    assert cursor
    assert ask(app, "GET", f"{TRANSACTIONS}?cursor={cursor}", token=token_of(street, user)).status == 200


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(min_value=0), put=st.sampled_from(ALPHABET))
def test_one_character_changed_spoils_it(listed: Street, at: int, put: str) -> None:
    cursor = ask(app, "GET", f"{STATIONS}?limit=1").data["next_cursor"]
    at %= len(cursor)
    if cursor[at] != put:
        assert refused(f"{STATIONS}?cursor={cursor[:at]}{put}{cursor[at + 1 :]}")


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=ALPHABET + "=~", min_size=1, max_size=80))
def test_made_up_ones_are_refused(listed: Street, cursor: str) -> None:
    assert refused(f"{STATIONS}?cursor={cursor}")


def test_cut_or_lengthened_ones_are_refused(listed: Street) -> None:
    cursor = ask(app, "GET", f"{STATIONS}?limit=1").data["next_cursor"]
    for length in range(1, len(cursor)):
        assert refused(f"{STATIONS}?cursor={cursor[:length]}")
    for more in ("A", ".", "=", "AAAA", "%20", "%0A"):
        answer = ask(app, "GET", f"{STATIONS}?cursor={cursor}{more}")
        assert answer.status == (200 if more in ("%20", "%0A") else 422), more
