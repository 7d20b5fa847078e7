"""Budgets of referral and coupon routes: the number of DynamoDB calls, whatever the number of users and uses."""

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services.rewards import leaderboard_refresh
from tests.engines.counting import counted
from tests.functions.test_budgets import calls
from tests.scenarios.referral_scenario import ReferralScenario
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_for, token_of

SHARD_QUERIES, BOARD_READS = 16, 6
CALLS_PER_CUSTOMER = 4
"""Two reads, a transaction and the mark of one customer who is alone in a shard."""
BOARD_CALLS = BOARD_READS + 3 * 4
"""And the two parts of both leaderboards, overall and by points, on which a customer with points is."""
COUPONS = "/api/admin/promotions/coupons"


def test_referral_routes_take_few_calls(network: Network) -> None:
    scenario = ReferralScenario(network)
    code, user = scenario.code, scenario.invitee
    own = calls(network, "GET", "/api/referral/my-code", user=scenario.inviter)
    assert own.calls == ["BatchGetItem", "Query"]
    check = calls(network, "GET", f"/api/referral/validate?code={code}", anonymous=True)
    assert check.calls == ["BatchGetItem", "BatchGetItem"]
    token = token_of(network, user)
    claim = calls(network, "POST", "/api/referral/claim", {"code": code}, token=token)
    assert claim.calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


def test_a_use_of_a_coupon_takes_three_calls_and_its_list_three(network: Network) -> None:
    admin = token_of(network, network.operator("owner@example.com", Role.SUPER_ADMIN).user_id)
    coupon = {
        "code": "DASHAIN50",
        "name": "Dashain",
        "points_value": 50,
        "max_total_uses": 1000,
        "valid_from": "2026-11-01",
        "valid_until": "2026-11-30",
    }
    assert request(app, "POST", COUPONS, coupon, token=admin).status == 201
    token = token_of(network, network.customer())
    use = calls(network, "POST", "/api/promotions/apply-coupon", {"code": "DASHAIN50"}, token=token)
    assert use.calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    own = calls(network, "GET", "/api/promotions/my-coupons", token=token)
    assert own.calls == ["BatchGetItem", "Query", "BatchGetItem"]


def test_the_leaderboard_takes_two_calls_and_its_refresh_few(network: Network) -> None:
    users = [network.customer() for _ in range(3)]
    with counted() as run:
        leaderboard_refresh.refresh(network.world)
    assert len(run.calls) == SHARD_QUERIES + 3 * CALLS_PER_CUSTOMER + BOARD_CALLS
    with counted() as idle:
        leaderboard_refresh.refresh(network.world)
    assert (len(idle.calls), idle.rows_read) == (SHARD_QUERIES + BOARD_READS, 0)
    for query in ("", "?me=true", "?me=true&category=points&period=weekly"):
        own = calls(network, "GET", f"/api/users/leaderboard{query}", token=token_of(network, users[0]))
        assert own.calls == ["BatchGetItem", "BatchGetItem"]
    support = token_for(network.world, network.operator("support@example.com", Role.SUPPORT))
    seen = calls(network, "GET", "/api/admin/leaderboard", token=support)
    assert seen.calls == ["BatchGetItem", "BatchGetItem"]


def test_an_unknown_coupon_is_not_found(network: Network) -> None:
    admin = token_of(network, network.operator("owner@example.com", Role.SUPER_ADMIN).user_id)
    for name in ("nobodys", "%00", "..%2F..", "%E0%A4%95"):
        reply = request(app, "PUT", f"{COUPONS}/{name}", {"status": "inactive"}, token=admin)
        assert (reply.status, reply.code) == (404, "not_found"), name
