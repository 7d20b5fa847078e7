"""Who has a place on the leaderboard: nobody who is blocked or has left, and no operator."""

from dataclasses import replace

import pytest

from app import app
from chalicelib.domain.accounts.account import Status
from chalicelib.domain.accounts.score import Counts
from chalicelib.domain.operators.role import Role
from chalicelib.services.rewards import leaderboard_refresh, score_counting
from chalicelib.services.users import moderation
from chalicelib.tables import accounts
from chalicelib.tables.atomic import atomic
from chalicelib.tables.leaderboards import LeaderboardRow, ScoreRow
from tests.scenarios.deletion_scenario import delete_customer
from tests.scenarios.referral_scenario import ReferralScenario
from tests.services.rewards.test_leaderboard import board, earn_points, own
from tests.world.builders import account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of


@pytest.fixture
def scenario(network: Network) -> ReferralScenario:
    return ReferralScenario(network)


def test_a_blocked_customer_is_not_shown_until_unblocked(scenario: ReferralScenario) -> None:
    network, blocked, other = scenario.network, scenario.inviter, scenario.invitee
    earn_points(network, blocked, 100_000)
    admin = network.operator("all@example.com", Role.SUPER_ADMIN)
    assert own(network, other)["rank"] == 2
    for status, rank in ((Status.BANNED, 1), (Status.ACTIVE, 2)):
        caller = admin.caller(network.world)
        moderation.set_status(network.world, caller, blocked, status=status, reason=None)
        token = token_of(network, other)
        at_once = request(app, "GET", "/api/users/leaderboard", token=token).data["leaderboard"]
        assert len(at_once) == 1
        after = board(network, other)
        assert (len(after["leaderboard"]), after["me"]["rank"]) == (rank, rank)
    assert network.books_balance()


def test_a_deleted_customer_is_not_shown_and_leaves_no_row(scenario: ReferralScenario) -> None:
    network, leaving, other = scenario.network, scenario.inviter, scenario.invitee
    earn_points(network, leaving, 100_000)
    assert own(network, other)["rank"] == 2
    delete_customer(network, leaving)
    reply = request(app, "GET", "/api/users/leaderboard", token=token_of(network, other))
    assert [place["username"] for place in reply.data["leaderboard"]] == ["customer2"]
    assert own(network, other)["rank"] == 1
    assert [row.user_id for row in ScoreRow.scan()] == [other]
    assert network.books_balance()


def test_an_erasure_takes_a_customer_out_of_the_rankings(scenario: ReferralScenario) -> None:
    network, leaving = scenario.network, scenario.inviter
    board(network, leaving)
    delete_customer(network, leaving)
    score_counting.count(network.world, [leaving])
    assert [row.user_id for row in ScoreRow.scan()] == [scenario.invitee]
    assert own(network, scenario.invitee)["rank"] == 1


def test_an_operator_has_no_place(scenario: ReferralScenario) -> None:
    network = scenario.network
    operator = network.operator("all@example.com", Role.ADMIN)
    network.sessions[operator.user_id] = operator
    rich = account(operator.user_id).scored(Counts(points=9_000), network.world.now())
    atomic(network.world, lambda ops: accounts.save(ops, replace(rich, points_earned=9_000)))
    read = board(network, operator.user_id)
    assert (read["me"], [place["score"] for place in read["leaderboard"]]) == (None, [15, 15])
    assert own(network, scenario.invitee)["rank"] == 1


def test_operators_see_the_best_customers_with_their_number(scenario: ReferralScenario) -> None:
    network = scenario.network
    earn_points(network, scenario.invitee, 100_000)
    leaderboard_refresh.refresh(network.world)
    operator = network.operator("all@example.com", Role.SUPPORT)
    network.sessions[operator.user_id] = operator
    for path in ("/api/admin/leaderboard", "/api/admin/users/leaderboard"):
        data = request(
            app, "GET", f"{path}?category=POINTS&period=Monthly", token=token_of(network, operator.user_id)
        ).data
        assert (data["category"], data["period"], data["total_users"]) == ("POINTS", "MONTHLY", 2)
        assert [(place["rank"], place["total_points_earned"]) for place in data["leaderboard"]] == [
            (1, 250),
            (2, 150),
        ]
        assert data["leaderboard"][0]["profile_picture"] is None


def test_a_leaderboard_that_nobody_wrote_yet_is_empty(scenario: ReferralScenario) -> None:
    token = token_of(scenario.network, scenario.invitee)
    data = request(app, "GET", "/api/users/leaderboard?me=true", token=token).data
    assert (data["leaderboard"], data["me"]["rank"], data["me"]["score"]) == ([], 1, 15)
    assert LeaderboardRow.count() == 0
