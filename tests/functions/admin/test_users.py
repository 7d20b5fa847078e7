"""Users as operators list, find and read them."""

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.tables import users
from chalicelib.tables.dynamodb import fetch_one
from tests.engines.counting import counted
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_for


@pytest.fixture
def token(network: Network) -> str:
    return token_for(network.world, network.operator("desk@example.com", Role.SUPPORT))


def listed(token: str, query: str = "") -> Reply:
    return request(app, "GET", f"/api/admin/users{query}", token=token)


def test_users_are_listed_newest_first_by_cursor_and_by_number(network: Network, token: str) -> None:
    ids = [network.newcomer() for _ in range(3)]
    first = listed(token, "?limit=2").data
    assert [user["id"] for user in first["results"]] == [ids[2], ids[1]]
    second = listed(token, f"?limit=2&cursor={first['next_cursor']}").data
    assert [user["id"] for user in second["results"]] == [ids[0]]
    assert second["next_cursor"] is None
    numbered = listed(token, "?page=2&page_size=2").data
    assert numbered["results"] == second["results"]
    assert numbered["pagination"]["total_count"] == 3


def test_a_user_has_the_fields_of_the_dashboard(network: Network, token: str) -> None:
    user_id = network.customer(wallet_paisa=12_345)
    user = fetch_one(users.user_key(user_id))
    assert user is not None
    (item,) = [item for item in listed(token).data["results"] if item["id"] == user_id]
    assert (item["username"], item["phone_number"]) == (user.username, user.phone)
    assert (item["status"], item["kyc_status"], item["is_active"]) == ("ACTIVE", "APPROVED", True)
    assert item["profile"]["is_profile_complete"]
    assert item["last_login"] is not None
    detail = request(app, "GET", f"/api/admin/users/{user_id}", token=token).data
    assert {name: detail[name] for name in item} == item
    assert (detail["balance"], detail["due"], detail["open_rental_id"]) == ("123.45", "0.00", None)


def test_a_user_is_found_by_each_identifier(network: Network, token: str) -> None:
    user_id = network.customer()
    user = fetch_one(users.user_key(user_id))
    assert user is not None
    local = str(user.phone).removeprefix("+977")
    for text in (user_id, user.username.upper(), f"%2B977{local}", local, f"%20{user.referral_code.lower()}"):
        assert [item["id"] for item in listed(token, f"?search={text}").data["results"]] == [user_id], text
    for text in ("nobody", "98", "%20x%20", "a@b", "%F0%9F%98%80"):
        assert listed(token, f"?search={text}").data["results"] == [], text


def test_a_filter_shows_only_what_it_names(network: Network, token: str) -> None:
    newcomer, customer = network.newcomer(), network.customer()
    assert [item["id"] for item in listed(token, "?kyc_status=APPROVED").data["results"]] == [customer]
    not_submitted = listed(token, "?kyc_status=not_submitted").data["results"]
    assert newcomer in [item["id"] for item in not_submitted]
    assert listed(token, "?status=banned").data["results"] == []


def test_a_list_costs_the_same_however_many_users_there_are(network: Network, token: str) -> None:
    network.newcomer()
    with counted() as few:
        listed(token)
    for _ in range(12):
        network.newcomer()
    with counted() as more:
        listed(token)
    assert more.round_trips == few.round_trips <= 7


def test_an_unknown_user_is_not_found(token: str) -> None:
    assert request(app, "GET", "/api/admin/users/nobody", token=token).code == "not_found"
