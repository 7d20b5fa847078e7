"""Days: written as YYYY-MM-DD, meant in Kathmandu, and never one that nobody can have lived."""

import json

import pytest

from app import app
from tests.asking import ask
from tests.builders import LABIM
from tests.doors import token_of
from tests.street import Street

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
    "२०२६-०१-०१",
]


@pytest.mark.parametrize("path", HISTORIES)
@pytest.mark.parametrize("name", ["start_date", "end_date"])
def test_what_is_no_day_is_refused(path: str, name: str, street: Street) -> None:
    token = token_of(street, street.customer())
    for day in NO_DAYS:
        answer = ask(app, "GET", f"{path}?{name}={day}", token=token)
        assert (answer.status, list(answer.body.get("errors", {}))) == (422, [name]), day


@pytest.mark.parametrize("day", ["1899-12-31", "2026-11-24", "3000-01-01", 0, 86400, *NO_DAYS])
def test_nobody_is_born_then(day: object, street: Street) -> None:
    token = token_of(street, street.customer())
    for raw in (json.dumps({"date_of_birth": day}).encode(), f"date_of_birth={day}".encode()):
        kind = "application/json" if raw.startswith(b"{") else "application/x-www-form-urlencoded"
        answer = ask(app, "PATCH", "/api/user/profile", token=token, raw=raw, headers={"Content-Type": kind})
        assert (answer.status, list(answer.body.get("errors", {}))) == (422, ["date_of_birth"])


def test_a_day_is_a_day_in_kathmandu(street: Street) -> None:
    """The street's clock stands at 06:00 UTC on the 23rd; after 18:15 UTC it is the 24th there."""
    user = street.customer()
    street.scene.clock.pass_(hours=12, minutes=10)
    street.hear_snapshot(LABIM)
    street.rented(user)
    street.scene.clock.pass_(minutes=10)
    token = token_of(street, user)

    def found(start: str, end: str) -> int:
        answer = ask(app, "GET", f"/api/rentals/history?start_date={start}&end_date={end}", token=token)
        return len(answer.data["results"])

    assert found("2026-11-23", "2026-11-23") == 1
    assert found("2026-11-24", "2026-11-24") == 0
    assert found("2026-11-24", "2026-11-23") == 0
