"""What a customer sees of points: each change with its source, and the totals."""

from typing import Any, get_args

import pytest

from app import app
from chalicelib.domain.rewards.point_sources import PointSource
from functions.customer.points import SourceName
from tests.functions.test_budgets import calls
from tests.world.builders import LABIM, account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of


def read(network: Network, user_id: str, path: str, **headers: str) -> Any:
    reply = request(app, "GET", f"/api/points/{path}", token=token_of(network, user_id), headers=headers)
    assert reply.status == 200, reply.text
    return reply.data


@pytest.fixture
def user(network: Network) -> str:
    """A customer whose 150 points paid a part of a rental, which came back in time."""
    user_id = network.customer()
    network.deliver_messages()
    assert account(user_id).points == 150
    rental = network.rented(user_id)
    network.fake_world.clock.advance(minutes=30)
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    network.deliver_messages()
    return user_id


def test_spending_is_listed_beside_earning(network: Network, user: str) -> None:
    results = read(network, user, "history")["results"]
    changes = [(entry["type"], entry["source"], entry["points"]) for entry in results]
    assert changes == [
        ("earned", "on_time_return", 5),
        ("earned", "rental_completed", 5),
        ("spent", "rental", -150),
        ("earned", "topup", 100),
        ("earned", "signup", 50),
    ]
    rental_id = results[0]["rental_id"]
    assert rental_id is not None
    assert [entry["rental_id"] for entry in results] == [rental_id, rental_id, rental_id, None, None]
    assert results[2]["description"] == "Paid for a rental"
    assert read(network, user, "history", **{"Accept-Language": "ne"})["results"][2]["description"] != (
        "Paid for a rental"
    )


@pytest.mark.parametrize(
    ("query", "points"),
    [
        ("type=spent", [-150]),
        ("type=earned", [5, 5, 100, 50]),
        ("source=topup", [100]),
        ("type=spent&source=topup", []),
    ],
)
def test_the_history_is_filtered(network: Network, user: str, query: str, points: list[int]) -> None:
    assert [entry["points"] for entry in read(network, user, f"history?{query}")["results"]] == points


def test_the_history_is_read_page_by_page(network: Network, user: str) -> None:
    points, cursor = list[int](), ""
    while True:
        page = read(network, user, f"history?limit=1{cursor}")
        points += [entry["points"] for entry in page["results"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert points == [5, 5, -150, 100, 50]


def test_the_summary_adds_up(network: Network, user: str) -> None:
    assert read(network, user, "summary") == {
        "current_points": 10,
        "points_value": "1.00",
        "total_earned": 160,
        "total_spent": 150,
        "by_source": {"signup": 50, "topup": 100, "rental": -150, "rental_completed": 5, "on_time_return": 5},
    }
    assert network.books_balance()


def test_points_that_a_failed_rental_gives_back_are_not_spent(network: Network, user: str) -> None:
    network.unanswered_start(user)
    totals = read(network, user, "summary")
    assert (totals["current_points"], totals["total_spent"]) == (10, 150)
    newest = read(network, user, "history?limit=2")["results"]
    assert [(entry["type"], entry["points"]) for entry in newest] == [("spent", 10), ("spent", -10)]
    assert newest[0]["description"] == "Points given back"


def test_points_of_another_user_are_not_shown(network: Network, user: str) -> None:
    other = network.customer()
    assert {entry["rental_id"] for entry in read(network, other, "history")["results"]} == {None}
    assert read(network, other, "summary")["by_source"] == {"signup": 50, "topup": 100}


def test_the_summary_takes_one_call_and_the_history_two(network: Network, user: str) -> None:
    assert calls(network, "GET", "/api/points/summary", user=user).calls == ["BatchGetItem"]
    assert calls(network, "GET", "/api/points/history", user=user).calls == ["BatchGetItem", "Query"]


def test_every_source_can_be_asked_for() -> None:
    assert set(get_args(SourceName)) == set(PointSource)
