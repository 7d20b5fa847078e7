"""Operators create, change and end achievements; customers unlock what stands in the list."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services.rewards import achievements as verbs
from chalicelib.tables import achievements
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.audit_log import AuditLogRow
from tests.engines.interleaving import interleave
from tests.world.builders import LABIM, account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_for, token_of

PATH = "/api/admin/achievements"
NEWCOMER = {
    "name": "Newcomer",
    "name_ne": "नयाँ साथी",
    "description": "Rent once",
    "criteria_type": "RENTAL_COUNT",
    "criteria_value": 1,
    "reward_value": 7,
}


@pytest.fixture
def token(network: Network) -> str:
    return token_for(network.world, network.operator("boss@example.com", Role.ADMIN))


def create(token: str, **changed: Any) -> Any:
    return request(app, "POST", PATH, NEWCOMER | changed, token=token)


def change(token: str, achievement_id: str, **body: Any) -> Any:
    return request(app, "PUT", f"{PATH}/{achievement_id}", body, token=token)


def renter(network: Network) -> str:
    """A customer with one completed rental, which counts as final, and of which no message is handled yet."""
    user_id = network.customer()
    rental = network.rented(user_id)
    network.fake_world.clock.advance(minutes=10)
    network.report_return(LABIM, rental.powerbank_sn)
    AccountRow(user_id).update([AccountRow.cancellable_returns.remove()])  # an hour later the token has ended
    return user_id


def unlocked(user_id: str) -> dict[str, int]:
    return {item.achievement_id: item.points for item in achievements.of_user(user_id)}


def test_a_new_achievement_is_listed_and_unlocked(network: Network, token: str) -> None:
    made = create(token).data
    assert (made["reward_type"], made["criteria_type"], made["total_unlocked"]) == ("POINTS", "RENTAL_COUNT", 0)
    assert len(request(app, "GET", PATH, token=token).data["results"]) == 5
    user_id = renter(network)
    assert set(verbs.unlock(network.world, user_id)) == {"first-rental", made["id"]}
    assert unlocked(user_id) == {"first-rental": 50, made["id"]: 7}
    headers = {"Accept-Language": "ne"}
    reply = request(app, "GET", "/api/users/achievements", token=token_of(network, user_id), headers=headers)
    assert "नयाँ साथी" in [item["name"] for item in reply.data["results"] if item["is_unlocked"]]
    network.complete_rentals()
    assert network.books_balance()


def test_an_ended_achievement_stays_with_those_who_have_it(network: Network, token: str) -> None:
    first, second = renter(network), network.newcomer()
    verbs.unlock(network.world, first)
    assert not change(token, "first-rental", is_active=False).data["is_active"]

    def shown(user_id: str) -> list[str]:
        reply = request(app, "GET", "/api/users/achievements", token=token_of(network, user_id))
        return [item["id"] for item in reply.data["results"]]

    assert "first-rental" in shown(first)
    assert "first-rental" not in shown(second)
    assert verbs.unlock(network.world, renter(network)) == []


def test_another_reward_is_for_those_who_unlock_later(network: Network, token: str) -> None:
    first = renter(network)
    verbs.unlock(network.world, first)
    change(token, "first-rental", reward_value=80)
    second = renter(network)
    verbs.unlock(network.world, second)
    assert (unlocked(first), unlocked(second)) == ({"first-rental": 50}, {"first-rental": 80})
    (entry,) = [row for row in AuditLogRow.scan() if row.action == "achievement_changed"]
    assert (entry.changes["before"]["reward_points"], entry.changes["after"]["reward_points"]) == (50, 80)


def test_many_reached_at_once_are_all_unlocked_once(network: Network, token: str) -> None:
    for number in range(4):
        assert create(token, name=f"Number {number}").status == 201
    user_id = renter(network)
    assert len(verbs.unlock(network.world, user_id)) == 5
    assert verbs.unlock(network.world, user_id) == []
    assert account(user_id).achievements_count == 5
    network.complete_rentals()
    assert network.books_balance()


def test_two_operators_at_once_lose_no_achievement(network: Network, token: str) -> None:
    with interleave(lambda: create(token, name="One")):
        assert create(token, name="Two").status == 201
    names = [item["name"] for item in request(app, "GET", PATH, token=token).data["results"]]
    assert {"One", "Two", "First Rental"} <= set(names)


def test_a_taken_name_and_an_unknown_id_change_nothing(token: str) -> None:
    assert create(token, name="first rental").code == "name_taken"
    assert change(token, "rental-master", name="Punctual").code == "name_taken"
    assert change(token, "nothing", is_active=False).code == "not_found"
