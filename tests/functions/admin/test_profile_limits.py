"""The number of operators is limited, and removed ones count no more."""

from dataclasses import replace
from typing import Any

from app import app
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operators.operator import MAX_OPERATORS
from chalicelib.domain.operators.role import Role
from chalicelib.tables import operators
from chalicelib.tables.accounts import AccountRow, account_row
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.operators import OperatorRow
from chalicelib.tables.rows import values
from tests.engines.interleaving import interleave
from tests.functions.admin.test_profiles import URL, create
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of


def plant_operators(super_admin: str, count: int, **fields: Any) -> None:
    """Put operators without a sign-in, who were made before the super admin."""
    template = fetch_one(operators.operator_key(super_admin))
    assert template is not None
    with OperatorRow.batch_write() as rows, AccountRow.batch_write() as account_rows:
        for number in range(count):
            user_id = f"00{number:024d}"
            planted = replace(template, user_id=user_id, username=f"planted{number}", version=1, **fields)
            rows.save(OperatorRow(**values(planted)))
            account_rows.save(account_row(Account(user_id, role=Role.SUPPORT, version=1)))


def test_the_number_of_operators_is_limited_and_a_removal_makes_room(network: Network, super_admin: str) -> None:
    token = token_of(network, super_admin)
    present = len(request(app, "GET", URL, token=token).data)
    plant_operators(super_admin, MAX_OPERATORS - present)
    refused = create(token)
    assert (refused.status, refused.code) == (409, "operators_full")
    assert refused.body["error"]["details"] == {"limit": MAX_OPERATORS}
    assert request(app, "DELETE", f"{URL}/{0:026d}", token=token).status == 200
    assert create(token).status == 201
    assert len(request(app, "GET", URL, token=token).data) == MAX_OPERATORS


def test_two_super_admins_who_make_the_last_operator_at_once_make_one(network: Network, super_admin: str) -> None:
    token, other = token_of(network, super_admin), network.operator("other@example.com", Role.SUPER_ADMIN)
    present = len(request(app, "GET", URL, token=token).data)
    plant_operators(super_admin, MAX_OPERATORS - present - 1)
    with interleave(
        lambda: create(token_of(network, other.user_id), username="binod", email="b@example.com")
    ) as made:
        refused = create(token)
    assert (made[0].status, refused.status, refused.code) == (201, 409, "operators_full")
    assert len(request(app, "GET", URL, token=token).data) == MAX_OPERATORS


def test_removed_operators_count_no_more_and_hide_nobody(network: Network, super_admin: str) -> None:
    token = token_of(network, super_admin)
    plant_operators(super_admin, MAX_OPERATORS + 5, removed_at=network.world.now(), email="")
    made = create(token)
    names = {item["id"]: item["username"] for item in request(app, "GET", URL, token=token).data}
    assert made.data["id"] in names and "planted0" not in names.values()  # noqa: PT018
    assert made.data["created_by_username"] == "boss"
