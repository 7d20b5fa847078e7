"""A phone number that registers again after a deletion earns no coupon and no achievement a second time."""

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services.rewards import achievements
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.identities import IdentityRow
from infra.local.seeds import seed
from tests.scenarios.deletion_scenario import delete_customer
from tests.services.promotions.test_coupons import ADMIN, DASHAIN
from tests.world.builders import account, phone, sign_in
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_of

NUMBER = 900


def register(network: Network, name: str, number: int = NUMBER) -> str:
    """Register the phone number under a username."""
    user = seed.add_customer(network.world, phone(number), name)
    network.sessions[user] = sign_in(network.world, user)
    return user


def apply(network: Network, user: str) -> Reply:
    return request(app, "POST", "/api/promotions/apply-coupon", {"code": "DASHAIN50"}, token=token_of(network, user))


@pytest.fixture
def coupon(network: Network) -> str:
    admin = token_of(network, network.operator("owner@example.com", Role.SUPER_ADMIN).user_id)
    assert request(app, "POST", ADMIN, DASHAIN | {"max_uses_per_user": 2}, token=admin).status == 201
    return "DASHAIN50"


def test_a_coupon_is_not_used_again_after_a_deletion(network: Network, coupon: str) -> None:
    first = register(network, "first")
    assert [apply(network, first).status for _ in range(2)] == [200, 200]
    delete_customer(network, first)
    second = register(network, "second")
    before = account(second).points
    again = apply(network, second)
    assert (again.status, again.code, account(second).points) == (409, "coupon_already_used", before)
    other = register(network, "other", NUMBER + 1)
    assert apply(network, other).status == 200
    assert network.books_balance()
    assert coupon


def test_a_coupon_that_was_not_used_is_open_after_a_deletion(network: Network, coupon: str) -> None:
    delete_customer(network, register(network, "first"))
    assert apply(network, register(network, "second")).status == 200
    assert coupon


def test_the_rows_of_used_coupons_hold_digests_only(network: Network, coupon: str) -> None:
    apply(network, register(network, "first"))
    (row,) = [row for row in IdentityRow.scan() if row.identity.startswith("coupon#")]
    assert phone(NUMBER)[-8:] not in row.identity
    assert row.identity.endswith(f"#{coupon}")


def unlock_first_rental(network: Network, user: str) -> list[str]:
    row = AccountRow.get(user)
    row.update([AccountRow.rentals_count.set(1), AccountRow.on_time_count.set(1)])
    return achievements.unlock(network.world, user)


def test_the_award_of_the_first_rental_is_not_earned_again_after_a_deletion(network: Network) -> None:
    first = register(network, "first")
    before = account(first).points
    assert unlock_first_rental(network, first) == ["first-rental"]
    assert account(first).points == before + 50
    delete_customer(network, first)
    second = register(network, "second")
    before = account(second).points
    assert unlock_first_rental(network, second) == ["first-rental"]
    assert account(second).points == before
    assert unlock_first_rental(network, second) == []
