"""Days: YYYY-MM-DD in Kathmandu, within a plausible range."""

import json

import pytest

from app import app
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of

HISTORIES = ["/api/user/transactions", "/api/user/statement", "/api/rentals/history"]
NO_DAYS = [
    "0",
    "86400",
    "1e9",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "26-1-1",
    "2026-01-01T00:00:00Z",
    "२०२६-०२-३०",
]


@pytest.mark.parametrize("path", HISTORIES)
@pytest.mark.parametrize("name", ["start_date", "end_date"])
def test_an_invalid_day_is_refused(path: str, name: str, network: Network) -> None:
    token = token_of(network, network.customer())
    for day in NO_DAYS:
        reply = request(app, "GET", f"{path}?{name}={day}", token=token)
        assert (reply.status, list(reply.body.get("errors", {}))) == (422, [name]), day


@pytest.mark.parametrize("day", ["1899-12-31", "2026-11-24", "3000-01-01", 0, 86400, *NO_DAYS])
def test_an_impossible_date_of_birth_is_refused(day: object, network: Network) -> None:
    token = token_of(network, network.customer())
    for raw in (json.dumps({"date_of_birth": day}).encode(), f"date_of_birth={day}".encode()):
        kind = "application/json" if raw.startswith(b"{") else "application/x-www-form-urlencoded"
        reply = request(app, "PATCH", "/api/user/profile", token=token, raw=raw, headers={"Content-Type": kind})
        assert (reply.status, list(reply.body.get("errors", {}))) == (422, ["date_of_birth"])


@pytest.mark.parametrize("path", HISTORIES)
def test_a_day_in_nepali_digits_is_the_same_day(path: str, network: Network) -> None:
    token = token_of(network, network.customer())
    reply = request(app, "GET", f"{path}?start_date=२०२६-११-०१&end_date=２０２６-11-23", token=token)
    assert reply.status == 200


@pytest.mark.parametrize("day", ["2052-01-31", "२०५२-०१-३१", "1995-05-14"])
def test_a_date_of_birth_in_bikram_sambat_is_converted(day: str, network: Network) -> None:
    token = token_of(network, network.customer())
    reply = request(app, "PATCH", "/api/user/profile", {"date_of_birth": day}, token=token)
    assert (reply.status, reply.data["date_of_birth"]) == (200, "1995-05-14")
    reply = request(app, "PATCH", "/api/user/profile", {"date_of_birth": "2084-01-01"}, token=token)
    assert reply.body["errors"] == {"date_of_birth": ["Use the English date (AD), like 1995-05-15"]}


def test_a_day_is_a_day_in_kathmandu(network: Network) -> None:
    """The test clock starts at 06:00 UTC on the 23rd. From 18:15 UTC on it is the 24th in Kathmandu."""
    user = network.customer()
    network.fake_world.clock.advance(hours=12, minutes=10)
    network.report_snapshot(LABIM)
    network.rented(user)
    network.fake_world.clock.advance(minutes=10)
    token = token_of(network, user)

    def results_count(start: str, end: str) -> int:
        reply = request(app, "GET", f"/api/rentals/history?start_date={start}&end_date={end}", token=token)
        return len(reply.data["results"])

    assert results_count("2026-11-23", "2026-11-23") == 1
    assert results_count("2026-11-24", "2026-11-24") == 0
    assert results_count("2026-11-24", "2026-11-23") == 0
