"""Achievements are unlocked automatically and once, with their points."""

from typing import Any

import pytest

from app import app
from chalicelib.services.rewards import achievements as verbs
from chalicelib.services.rewards import messages
from chalicelib.tables import achievements
from chalicelib.tables.accounts import AccountRow
from tests.engines.counting import counted
from tests.engines.interleaving import interleave
from tests.scenarios.deletion_scenario import delete_customer
from tests.scenarios.referral_scenario import ReferralScenario
from tests.services.rewards.test_referrals import bodies
from tests.world.builders import account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of


@pytest.fixture
def scenario(network: Network) -> ReferralScenario:
    return ReferralScenario(network)


def listed(network: Network, user: str, language: str = "en") -> dict[str, Any]:
    headers = {"Accept-Language": language}
    reply = request(app, "GET", "/api/users/achievements", token=token_of(network, user), headers=headers)
    return {item["id"]: item for item in reply.data["results"]}


def test_the_first_rental_is_unlocked_once_with_its_points(scenario: ReferralScenario) -> None:
    network, user = scenario.network, scenario.invitee
    before = listed(network, user)["first-rental"]
    assert (before["current_progress"], before["is_unlocked"], before["unlocked_at"]) == (0, False, None)
    for _ in range(2):
        scenario.rent()
        network.complete_rentals()
    after = listed(network, user)
    assert (after["first-rental"]["is_unlocked"], after["first-rental"]["reward_points"]) == (True, 50)
    assert (after["rental-master"]["current_progress"], after["rental-master"]["is_unlocked"]) == (2, False)
    assert [item.achievement_id for item in achievements.of_user(user)] == ["first-rental"]
    assert network.books_balance()


def test_achievements_are_listed_in_nepali_with_one_read(scenario: ReferralScenario) -> None:
    token, headers = token_of(scenario.network, scenario.invitee), {"Accept-Language": "ne"}
    with counted() as counts:
        reply = request(app, "GET", "/api/users/achievements", token=token, headers=headers)
    names = [item["name"] for item in reply.data["results"]]
    assert names == ["पहिलो भाडा", "भाडा मास्टर", "समयनिष्ठ", "रेफरल च्याम्पियन"]
    assert counts.calls == ["BatchGetItem"]


def test_repeated_and_concurrent_messages_unlock_once(scenario: ReferralScenario) -> None:
    scenario.rent()
    scenario.network.award_rental_points()
    (body,) = bodies()
    world, points = scenario.network.world, account(scenario.invitee).points
    with interleave(lambda: messages.handle(world, body)):
        messages.handle(world, body)
    messages.handle(world, body)
    assert account(scenario.invitee).points == points + 50


def test_all_reached_achievements_are_unlocked_at_once(scenario: ReferralScenario) -> None:
    user = scenario.invitee
    row = achievements.UnlockedAchievementRow
    scenario.rent()
    (body,) = bodies()
    set_counts(user, rentals_count=10, on_time_count=5, referrals_count=3)
    messages.handle(scenario.network.world, body)
    assert sorted(item.achievement_id for item in row.query(user)) == [
        "first-rental",
        "punctual",
        "referral-champion",
        "rental-master",
    ]


def test_the_referral_of_a_friend_counts_for_the_referrer(scenario: ReferralScenario) -> None:
    set_counts(scenario.inviter, referrals_count=2)
    scenario.claim()
    scenario.rent()
    scenario.network.complete_rentals()
    assert listed(scenario.network, scenario.inviter)["referral-champion"]["is_unlocked"]


def test_a_deleted_account_unlocks_nothing_and_keeps_no_row(scenario: ReferralScenario) -> None:
    scenario.rent()
    scenario.network.complete_rentals()
    delete_customer(scenario.network, scenario.invitee)
    assert achievements.of_user(scenario.invitee) == []
    assert verbs.unlock(scenario.network.world, scenario.invitee) == []


def set_counts(user: str, **counts: int) -> None:
    AccountRow(user).update([getattr(AccountRow, name).set(count) for name, count in counts.items()])
