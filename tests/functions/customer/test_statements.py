"""Statements and transactions of the wallet: days, pages and filters."""

import pytest

from app import app
from tests.functions.customer.test_paying import owing, post
from tests.world.builders import LABIM
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_of


def statement(network: Network, user: str, query: str = "") -> Reply:
    return request(app, "GET", f"/api/user/statement{query}", token=token_of(network, user))


def test_a_statement_covers_this_month_by_default(network: Network) -> None:
    user = network.customer()
    rental = owing(network, user)
    post(network, user, f"/api/rentals/{rental.rental_id}/pay-due", {})
    answer = statement(network, user).data
    assert (answer["start_date"], answer["end_date"], answer["currency"]) == ("2026-11-01", "2026-11-23", "NPR")
    assert (answer["opening_balance"], answer["closing_balance"]) == ("0.00", "975.00")
    assert (answer["opening_points"], answer["closing_points"]) == (0, 0)
    assert (answer["total_in"], answer["total_out"]) == ("1000.00", "25.00")
    lines = [(item["type"], item["amount"], item["points"], item["balance_after"]) for item in answer["lines"]]
    assert lines == [
        ("points", "0.00", 50, "0.00"),
        ("topup", "1000.00", 0, "1000.00"),
        ("points", "0.00", 100, "1000.00"),
        ("due", "-25.00", -150, "975.00"),
    ]
    assert (answer["lines"][-1]["rental_id"], answer["lines"][-1]["intent_id"]) == (rental.rental_id, None)
    assert (answer["next_cursor"], answer["pagination"]) == (None, {"count": 4, "has_next": False})


def test_the_next_page_of_a_statement_keeps_its_days_past_midnight(network: Network) -> None:
    user = network.customer()
    network.fake_world.clock.at = network.world.now().replace(day=30, hour=18, minute=10)
    network.report_snapshot(LABIM)
    first = statement(network, user, "?limit=2").data
    assert first["pagination"] == {"count": 2, "has_next": True}
    network.fake_world.clock.advance(minutes=10)
    assert statement(network, user).data["start_date"] == "2026-12-01"
    owing(network, user)
    second = statement(network, user, f"?limit=2&cursor={first['next_cursor']}").data
    assert (second["start_date"], second["end_date"]) == ("2026-11-01", "2026-11-30")
    assert (second["opening_balance"], second["closing_balance"]) == ("1000.00", "1000.00")
    assert (second["opening_points"], second["closing_points"]) == (50, 150)
    assert second["next_cursor"] is None
    assert statement(network, user).data["opening_points"] == 150


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?start_date=2026-11-23&end_date=2026-11-23", 200),
        ("?start_date=2026-08-23&end_date=2026-11-23", 200),
        ("?start_date=2026-08-22&end_date=2026-11-23", 422),
        ("?start_date=2026-11-24&end_date=2026-11-23", 422),
        ("?start_date=2026-11-24", 422),
        ("?end_date=2999-12-31", 200),
        ("?end_date=1900-01-31", 200),
        ("?limit=0", 422),
        ("?limit=101", 422),
        ("?cursor=eyJhZnRlciI6MX0.AAAA", 422),
    ],
)
def test_a_statement_covers_at_most_93_days(network: Network, query: str, status: int) -> None:
    assert statement(network, network.customer(), query).status == status


def test_a_statement_cursor_is_for_one_caller_and_one_query(network: Network) -> None:
    user, stranger = network.customer(), network.customer()
    following = statement(network, user, "?limit=1").data["next_cursor"]
    assert statement(network, user, f"?limit=1&cursor={following}").status == 200
    assert statement(network, stranger, f"?limit=1&cursor={following}").code == "invalid_cursor"
    other = f"?limit=1&cursor={following}&start_date=2026-11-02"
    assert statement(network, user, other).code == "invalid_cursor"
    crossed = request(app, "GET", f"/api/user/transactions?cursor={following}", token=token_of(network, user))
    assert crossed.code == "invalid_cursor"


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("", ["due", "topup"]),
        ("?type=due", ["due"]),
        ("?type=due&status=success", []),
        ("?type=extension", []),
        ("?type=refund", []),
        ("?type=adjustment&status=refunded", []),
        ("?start_date=2026-11-23&end_date=2026-11-23", ["due", "topup"]),
        ("?start_date=2026-11-24", []),
        ("?end_date=2026-11-22", []),
    ],
)
def test_transactions_are_filtered(network: Network, query: str, types: list[str]) -> None:
    user = network.customer()
    owing(network, user)
    reply = request(app, "GET", f"/api/user/transactions{query}", token=token_of(network, user))
    assert [item["type"] for item in reply.data["results"]] == types
