"""Coupons earn their points once for each use, within their validity and their caps."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.operators import numbered_page
from chalicelib.domain.operators.role import Role
from chalicelib.domain.rewards.coupon import COUNTERS, Coupon
from tests.engines.counting import counted
from tests.engines.interleaving import interleave
from tests.scenarios.deletion_scenario import delete_customer
from tests.world.builders import account
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

ADMIN = "/api/admin/promotions/coupons"
DASHAIN: dict[str, Any] = {
    "code": "Dashain-50",
    "name": "Dashain",
    "points_value": 50,
    "valid_from": "2026-11-20",
    "valid_until": "2026-11-30",
}


WRITTEN = ("test-coupons", "test-audit_log")


class Promotion:
    """A super admin who issues coupons, and customers who use them."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.admin = network.operator("owner@example.com", Role.SUPER_ADMIN).user_id
        self.user = network.customer()

    def issue(self, method: str = "POST", path: str = ADMIN, **fields: Any) -> Reply:
        body = (DASHAIN if method == "POST" else {}) | fields
        return request(app, method, path, body, token=token_of(self.network, self.admin))

    def apply(self, code: str = "DASHAIN50", *, by: str | None = None, **more: Any) -> Reply:
        token = token_of(self.network, by or self.user)
        return request(app, "POST", "/api/promotions/apply-coupon", {"code": code}, token=token, **more)

    def own(self) -> Any:
        token = token_of(self.network, self.user)
        return request(app, "GET", "/api/promotions/my-coupons", token=token).data["results"]

    def set_limits(self, **limits: int) -> None:
        self.network.fake_world.settings = self.network.fake_world.settings.changed(limits)


@pytest.fixture
def promotion(network: Network) -> Promotion:
    return Promotion(network)


def test_a_coupon_earns_its_points_once_and_is_listed(promotion: Promotion) -> None:
    assert promotion.issue().status == 201
    before = account(promotion.user).points
    used = promotion.apply("ＤАSHАIN\u200b 50")
    assert (used.status, used.data) == (200, {"points_awarded": 50})
    again = promotion.apply()
    assert (again.status, again.code) == (409, "coupon_already_used")
    assert account(promotion.user).points == before + 50
    (listed,) = promotion.own()
    assert (listed["code"], listed["name"], listed["points_awarded"], listed["status"]) == (
        "DASHAIN50",
        "Dashain",
        50,
        "active",
    )
    assert promotion.network.books_balance()


def test_a_long_list_is_read_page_by_page_and_to_its_end_by_cursor(
    promotion: Promotion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbered_page, "MAX_LISTED", 3)
    for number in range(5):
        assert promotion.issue(code=f"TIHAR{number}").status == 201
    token = token_of(promotion.network, promotion.admin)
    with counted() as counts:
        first = request(app, "GET", f"{ADMIN}?page=1&page_size=2", token=token).data
    assert counts.rows_read <= 4
    last = request(app, "GET", f"{ADMIN}?page=2&page_size=2", token=token).data
    rest = request(app, "GET", f"{ADMIN}?limit=9&cursor={last['next_cursor']}", token=token).data
    codes = [[item["code"] for item in page["results"]] for page in (first, last, rest)]
    assert codes == [["TIHAR0", "TIHAR1"], ["TIHAR2"], ["TIHAR3", "TIHAR4", "WELCOME20"]]
    assert (first["pagination"]["total_count"], rest["pagination"], rest["next_cursor"]) == (3, None, None)


def test_the_same_idempotency_key_gets_the_same_answer(promotion: Promotion) -> None:
    promotion.issue(max_uses_per_user=2)
    key = {"Idempotency-Key": "a tap"}
    first, second = promotion.apply(headers=key), promotion.apply(headers=key)
    assert (second.text, second.headers["Idempotent-Replayed"]) == (first.text, "true")
    assert len(promotion.own()) == 1
    assert promotion.apply().status == 200
    assert promotion.apply().code == "coupon_already_used"


def test_a_concurrent_use_by_the_same_user_counts_once(promotion: Promotion) -> None:
    promotion.issue()
    token_of(promotion.network, promotion.user)
    before = account(promotion.user).points
    with interleave(promotion.apply) as answers:
        late = promotion.apply()
    assert ([answer.status for answer in answers], late.code) == ([200], "coupon_already_used")
    assert account(promotion.user).points == before + 50


def test_the_total_cap_is_used_up_exactly(promotion: Promotion) -> None:
    promotion.issue(max_total_uses=3)
    replies = [promotion.apply(by=promotion.network.customer(wallet_paisa=0)) for _ in range(5)]
    assert [reply.status for reply in replies] == [200, 200, 200, 409, 409]
    assert {reply.code for reply in replies[3:]} == {"coupon_used_up"}
    listed = {item["code"]: item["total_uses"] for item in listing(promotion)}
    assert listed["DASHAIN50"] == 3
    assert promotion.network.books_balance()


def test_a_concurrent_use_of_the_last_one_is_refused(promotion: Promotion) -> None:
    promotion.issue(max_total_uses=1)
    other = promotion.network.customer()
    for user in (promotion.user, other):
        token_of(promotion.network, user)
    with interleave(lambda: promotion.apply(by=other)):
        late = promotion.apply()
    assert (late.status, late.code) == (409, "coupon_used_up")


@pytest.mark.parametrize(
    ("days", "outcome"), [(0, "coupon_not_started"), (1, "used"), (11, "used"), (12, "coupon_expired")]
)
def test_a_coupon_is_valid_from_its_first_to_its_last_day(promotion: Promotion, days: int, outcome: str) -> None:
    promotion.issue(valid_from="2026-11-24", valid_until="2026-12-04")
    promotion.network.fake_world.clock.advance(days=days)
    reply = promotion.apply(by=promotion.network.customer(wallet_paisa=0))
    assert ("used" if reply.status == 200 else reply.code) == outcome


def test_an_ended_coupon_is_unknown_and_stays_listed(promotion: Promotion) -> None:
    promotion.issue()
    promotion.apply()
    ended = promotion.issue("PUT", f"{ADMIN}/dashain50", status="INACTIVE")
    assert (ended.status, ended.data["status"], ended.data["is_currently_valid"]) == (200, "INACTIVE", False)
    assert promotion.apply(by=promotion.network.customer()).code == "coupon_unknown"
    assert [item["status"] for item in promotion.own()] == ["inactive"]


def test_wrong_codes_are_limited_by_user_and_a_right_one_is_refused_too(promotion: Promotion) -> None:
    promotion.issue()
    promotion.set_limits(code_guesses_per_user_hour=2)
    assert [promotion.apply(f"GUESS{n}").code for n in range(3)] == ["coupon_unknown"] * 2 + ["rate_limited"]
    refused = promotion.apply()
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert promotion.apply(by=promotion.network.customer()).status == 200


def test_wrong_codes_of_many_users_are_limited_by_address(promotion: Promotion) -> None:
    promotion.set_limits(code_guesses_per_user_hour=2, code_guesses_per_address_hour=3)
    users = [promotion.network.customer(wallet_paisa=0) for _ in range(4)]
    assert [promotion.apply("GUESS1", by=user).status for user in users] == [422, 422, 422, 429]


def test_look_alike_codes_are_one_coupon(promotion: Promotion) -> None:
    assert promotion.issue().data["code"] == "DASHAIN50"
    twin = promotion.issue(code="DАSHАIN50")
    assert (twin.status, twin.code) == (409, "name_taken")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"valid_until": "2026-11-19"}, "dates_wrong"),
        ({"code": "दशैं"}, "invalid_input"),
        ({"code": "AB1"}, "invalid_input"),
        ({"points_value": 0}, "invalid_input"),
        ({"max_uses_per_user": 21}, "invalid_input"),
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused(promotion: Promotion, fields: dict[str, Any], code: str) -> None:
    before = all_rows()
    refused = promotion.issue(**fields)
    assert (refused.status, refused.code) == (422, code)
    after = all_rows()
    assert [after[table] for table in WRITTEN] == [before[table] for table in WRITTEN]


def test_a_total_cap_is_raised_or_removed_but_not_lowered(promotion: Promotion) -> None:
    promotion.issue(max_total_uses=2)
    caps = [promotion.issue("PUT", f"{ADMIN}/DASHAIN50", max_total_uses=cap).status for cap in (1, 3, None, 100)]
    assert caps == [422, 200, 200, 422]


def test_the_log_of_operators_holds_a_coupon_before_and_after(promotion: Promotion) -> None:
    promotion.issue()
    promotion.issue("PUT", f"{ADMIN}/DASHAIN50", points_value=60)
    entries = [row for row in all_rows()["test-audit_log"] if "coupon_changed" in row]
    (entry,) = entries
    assert promotion.admin in entry
    assert "60" in entry


def test_a_deletion_leaves_no_use_of_a_coupon(promotion: Promotion) -> None:
    promotion.issue()
    promotion.apply()
    delete_customer(promotion.network, promotion.user)
    for table in ("test-coupon_uses", "test-user_coupon_counts"):
        assert not [row for row in all_rows()[table] if promotion.user in row], table


def test_shares_of_a_cap_add_up_to_it() -> None:
    template = dict.fromkeys(("valid_from", "valid_until"))
    for cap in (1, 3, 15, 16, 17, 1_000, 1_001):
        coupon = Coupon("A", "A", 1, 1, max_total_uses=cap, **template)  # type: ignore[arg-type]
        assert sum(coupon.share_of(number) or 0 for number in range(COUNTERS)) == cap


def listing(promotion: Promotion) -> Any:
    return request(app, "GET", ADMIN, token=token_of(promotion.network, promotion.admin)).data["results"]
