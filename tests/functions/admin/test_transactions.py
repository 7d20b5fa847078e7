"""Transactions of all users, as operators list them."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from tests.engines.counting import counted
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_for


@pytest.fixture
def token(network: Network) -> str:
    return token_for(network.world, network.operator("desk@example.com", Role.FINANCE))


def listed(token: str, query: str = "") -> Any:
    return request(app, "GET", f"/api/admin/transactions{query}", token=token).data


def kinds(token: str, query: str) -> set[tuple[str, str]]:
    return {(item["user"]["id"], item["type"]) for item in listed(token, query)["results"]}


def test_the_transactions_of_all_users_are_listed_newest_first(network: Network, token: str) -> None:
    first, second = network.customer(wallet_paisa=50_000), network.customer(wallet_paisa=70_050)
    network.rented(first)
    items = listed(token, "?limit=100")["results"]
    assert [item["created_at"] for item in items] == sorted((item["created_at"] for item in items), reverse=True)
    topup = next(item for item in items if item["user"]["id"] == second and item["type"] == "TOPUP")
    assert (topup["source"], topup["amount"], topup["status"]) == ("KHALTI", 700.5, "SUCCESS")
    assert (topup["balance_before"], topup["balance_after"]) == (0.0, 700.5)
    rental = next(item for item in items if item["type"] == "RENTAL")
    assert (rental["user"]["id"], rental["source"], rental["status"]) == (first, "WALLET", "SUCCESS")
    page = listed(token, "?limit=2")
    ids = [item["id"] for item in page["results"]]
    while page["next_cursor"]:
        page = listed(token, f"?limit=2&cursor={page['next_cursor']}")
        ids += [item["id"] for item in page["results"]]
    assert ids == [item["id"] for item in items]


def test_filters_name_user_type_state_and_day(network: Network, token: str) -> None:
    first, second = network.customer(wallet_paisa=50_000), network.customer(wallet_paisa=60_000)
    network.start(first)
    assert kinds(token, "?type=TOPUP") == {(first, "TOPUP"), (second, "TOPUP")}
    assert kinds(token, "?status=pending") == {(first, "RENTAL")}
    assert kinds(token, f"?user_id={second}&type=topup") == {(second, "TOPUP")}
    assert {user_id for user_id, _ in kinds(token, f"?user_id={second}")} == {second}
    assert kinds(token, "?start_date=2026-11-24") == kinds(token, "?end_date=2026-11-22") == set()
    assert kinds(token, f"?user_id={first}&end_date=2026-11-22") == kinds(token, "?user_id=nobody") == set()
    whole_day = "start_date=2026-11-23&end_date=2026-11-23"
    assert kinds(token, f"?{whole_day}") == kinds(token, "")
    assert kinds(token, f"?{whole_day}&user_id={first}") == kinds(token, f"?user_id={first}")


def test_a_list_costs_the_same_however_many_transactions_there_are(network: Network, token: str) -> None:
    network.customer()
    listed(token)
    with counted() as few:
        listed(token)
    for _ in range(4):
        network.customer()
    with counted() as more:
        listed(token)
    assert more.round_trips == few.round_trips <= 8
