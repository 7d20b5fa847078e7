"""The leaderboard counts each fact once, whatever comes twice, late or half-way, and forgets who leaves."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from app import app
from chalicelib.domain.rewards.leaderboard import score_shard_of
from chalicelib.services import outbox
from chalicelib.services.rewards import leaderboard_refresh, messages, score_counting
from chalicelib.tables import accounts
from chalicelib.tables.leaderboards import ScoreRow, ShardRankingsRow
from chalicelib.tables.outbox import OutboxRow
from tests.engines.interleaving import interleave
from tests.scenarios.referral_scenario import ReferralScenario
from tests.world.builders import CIVIL, LABIM, account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of


@pytest.fixture
def scenario(network: Network) -> ReferralScenario:
    return ReferralScenario(network)


def board(network: Network, user: str, query: str = "") -> Any:
    leaderboard_refresh.refresh(network.world)
    reply = request(app, "GET", f"/api/users/leaderboard?me=true{query}", token=token_of(network, user))
    assert reply.status == 200, reply.text
    return reply.data


def own(network: Network, user: str, query: str = "") -> Any:
    return board(network, user, query)["me"]


def earn_points(network: Network, user: str, amount_paisa: int) -> None:
    network.pay_topup(user, network.open_topup(user, amount_paisa), amount_paisa)
    network.deliver_messages()


def test_a_rental_in_time_and_its_points_are_counted_once(scenario: ReferralScenario) -> None:
    network, user = scenario.network, scenario.invitee
    before = own(network, user)
    scenario.rent()
    network.award_rental_points()
    for _ in range(2):
        network.complete_rentals()
        after = own(network, user)
    assert (before["total_rentals"], before["points"], before["score"]) == (0, 150, 15)
    assert (after["total_rentals"], after["timely_returns"], after["points"]) == (1, 1, 150 + 10 + 50)
    assert (after["score"], after["achievements_count"]) == (10 + 5 + 21, 1)
    assert [place["rank"] for place in board(network, user)["leaderboard"]] == [1, 2]
    assert network.books_balance()


def test_a_late_return_lowers_the_score(scenario: ReferralScenario) -> None:
    network, user = scenario.network, scenario.invitee
    rental = network.rented(user)
    network.fake_world.clock.advance(hours=3)
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    mine = own(network, user)
    assert (mine["total_rentals"], mine["timely_returns"], mine["score"]) == (1, 0, 10 - 5 + 15)


@pytest.mark.long
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_messages_gives_the_same_score(scenario: ReferralScenario, order: tuple[int, ...]) -> None:
    network, user = scenario.network, scenario.invitee
    scenario.claim()
    scenario.rent()
    network.pay_topup(user, network.open_topup(user, 100_000), 100_000)
    found = [row.body for row in OutboxRow.scan() if row.queue == outbox.POINTS]
    assert len(found) >= 2
    for number in (*order, *order):
        messages.handle(network.world, found[number % len(found)])
        leaderboard_refresh.refresh(network.world)
    inviter, invitee = own(network, scenario.inviter), own(network, user)
    assert (inviter["referrals"], inviter["score"]) == (1, 20 + 25)
    assert (invitee["total_rentals"], invitee["points"], invitee["score"]) == (1, 360, 15 + 36)
    assert network.books_balance()


def test_a_cancelled_rental_is_not_counted(scenario: ReferralScenario) -> None:
    network, user = scenario.network, scenario.invitee
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=2)
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    network.award_rental_points()
    assert own(network, user)["total_rentals"] == 1
    path = f"/api/rentals/{rental.rental_id}/cancel"
    assert request(app, "POST", path, {}, token=token_of(network, user)).status == 200
    for query in ("", "&period=weekly"):
        mine = own(network, user, query)
        assert (mine["total_rentals"], mine["timely_returns"], mine["points"]) == (0, 0, 150)
    assert network.books_balance()


def test_a_return_that_proved_wrong_is_not_counted(scenario: ReferralScenario) -> None:
    network, user = scenario.network, scenario.invitee
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=10)
    network.report_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    assert own(network, user, "&category=rentals")["score"] == 1
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(CIVIL)
    for query in ("&category=rentals", "&category=timely_returns&period=weekly"):
        assert own(network, user, query)["score"] == 0
    assert network.books_balance()


def test_a_run_that_died_half_way_counts_nothing_twice(scenario: ReferralScenario) -> None:
    network, user = scenario.network, scenario.invitee
    score_counting.count(network.world, [user])  # the accounts stay on the index, as after a crash
    assert accounts.with_changed_score(score_shard_of(user), 10, 0) == [user]
    rows = ScoreRow.count() + ShardRankingsRow.count()
    assert own(network, user)["score"] == 15
    assert accounts.with_changed_score(score_shard_of(user), 10, 0) == []
    assert (rows, ScoreRow.get(score_shard_of(user), user).version) == (1 + 3, 1)


def test_two_runs_at_once_count_once(scenario: ReferralScenario) -> None:
    network = scenario.network
    with interleave(lambda: leaderboard_refresh.refresh(network.world)):
        leaderboard_refresh.refresh(network.world)
    before = all_rows()
    assert leaderboard_refresh.refresh(network.world) == 0
    assert all_rows() == before
    assert [place["score"] for place in board(network, scenario.inviter)["leaderboard"]] == [15, 15]
    assert network.books_balance()


def test_a_fact_during_a_run_is_counted_by_the_next(scenario: ReferralScenario) -> None:
    network, user = scenario.network, scenario.invitee
    with interleave(lambda: earn_points(network, user, 200_000)):
        leaderboard_refresh.refresh(network.world)
    assert own(network, user)["points"] == 150 + 200
    assert account(user).score_changed_at is None
    assert network.books_balance()


def test_a_late_run_counts_a_fact_in_the_week_in_which_it_happened(scenario: ReferralScenario) -> None:
    network, user = scenario.network, scenario.invitee
    scenario.rent()
    network.fake_world.clock.advance(days=8)
    assert own(network, user, "&category=rentals&period=weekly") == {
        **own(network, user, "&category=rentals"),
        "rank": 1,
        "score": 0,
        "total_rentals": 0,
        "timely_returns": 0,
        "points": 0,
    }
    assert own(network, user, "&category=rentals")["score"] == 1


def test_a_new_week_begins_empty_without_any_work(scenario: ReferralScenario) -> None:
    network, user = scenario.network, scenario.invitee
    assert len(board(network, user, "&period=weekly")["leaderboard"]) == 2
    network.fake_world.clock.advance(days=7)
    path = "/api/users/leaderboard?me=true&period=weekly"
    at_once = request(app, "GET", path, token=token_of(network, user)).data
    assert (at_once["leaderboard"], at_once["me"]["rank"]) == ([], 1)
    before = all_rows()
    assert leaderboard_refresh.refresh(network.world) == 0
    assert {name for name, rows in all_rows().items() if rows != before[name]} <= {"test-leaderboards"}
    assert board(network, user, "&period=weekly")["leaderboard"] == []
    assert len(board(network, user)["leaderboard"]) == 2


def test_the_rankings_of_a_week_expire_and_those_of_all_time_stay(scenario: ReferralScenario) -> None:
    board(scenario.network, scenario.invitee)
    expiries = {row.period_id: row.expires for row in ShardRankingsRow.scan()}
    in_a_month = (scenario.network.world.now() + timedelta(days=31)).timestamp()
    assert expiries.pop("all") is None
    assert len(expiries) == 2
    assert all(expires is not None and expires > in_a_month for expires in expiries.values())
