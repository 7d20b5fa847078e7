"""Operators read who used a coupon."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.operators import numbered_page
from tests.functions.test_budgets import calls
from tests.scenarios.deletion_scenario import delete_customer
from tests.services.promotions.test_coupons import ADMIN, Promotion
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_of

USAGES = f"{ADMIN}/Dashain-50/usages"


@pytest.fixture
def promotion(network: Network) -> Promotion:
    """Five customers used a coupon, a second apart, and one of them another coupon too."""
    made = Promotion(network)
    made.issue()
    made.issue(code="TIHAR", name="Tihar")
    for _ in range(5):
        made.user = network.customer(wallet_paisa=0)
        assert made.apply().status == 200
        network.fake_world.clock.advance(seconds=1)
    made.apply("TIHAR")
    return made


def usages(promotion: Promotion, query: str = "") -> Any:
    reply = read(promotion, query)
    assert reply.status == 200, reply.text
    return reply.data


def read(promotion: Promotion, query: str = "", path: str = USAGES) -> Reply:
    return request(app, "GET", f"{path}{query}", token=token_of(promotion.network, promotion.admin))


def test_all_uses_are_listed_newest_first_by_cursor_and_by_page_number(promotion: Promotion) -> None:
    whole = usages(promotion)
    assert whole["results"][0]["user_id"] == promotion.user
    times = [item["used_at"] for item in whole["results"]]
    assert times == sorted(times, reverse=True)
    assert (len(times), whole["total_uses"], whole["pagination"]["total_count"]) == (5, 5, 5)
    assert {item["points_awarded"] for item in whole["results"]} == {50}
    assert all(item["username"] for item in whole["results"])
    numbered = [usages(promotion, f"?page={number}&page_size=2") for number in (1, 2, 3)]
    assert [item for page in numbered for item in page["results"]] == whole["results"]
    assert [page["pagination"]["has_next"] for page in numbered] == [True, True, False]
    paged, cursor = list(numbered[0]["results"]), numbered[0]["next_cursor"]
    while cursor:
        page = usages(promotion, f"?limit=2&cursor={cursor}")
        paged, cursor = paged + page["results"], page["next_cursor"]
    assert paged == whole["results"]


def test_a_deleted_users_use_is_not_listed_and_still_counts(promotion: Promotion) -> None:
    delete_customer(promotion.network, promotion.user)
    left = usages(promotion)
    assert promotion.user not in {item["user_id"] for item in left["results"]}
    assert (len(left["results"]), left["total_uses"]) == (4, 5)


def test_the_usages_of_an_unknown_coupon_are_not_found(promotion: Promotion) -> None:
    for code in ("nobodys", "%00", "%E0%A4%95"):
        assert read(promotion, path=f"{ADMIN}/{code}/usages").code == "not_found"


def test_page_numbers_end_where_lists_end_and_the_cursor_goes_on(
    promotion: Promotion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbered_page, "MAX_LISTED", 3)
    last = usages(promotion, "?page=2&page_size=2")
    assert (len(last["results"]), last["pagination"]["total_count"]) == (1, 3)
    assert len(usages(promotion, f"?limit=5&cursor={last['next_cursor']}")["results"]) == 2


def test_the_usages_take_the_same_calls_whatever_their_number(promotion: Promotion) -> None:
    admin = token_of(promotion.network, promotion.admin)
    for path in (USAGES, f"{ADMIN}/TIHAR/usages"):
        counts = calls(promotion.network, "GET", path, token=admin)
        assert counts.calls == ["BatchGetItem"] * 2 + ["Query"] * 4 + ["BatchGetItem"] * 2
