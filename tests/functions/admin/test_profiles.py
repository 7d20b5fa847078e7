"""Super admins make, change, disable and remove operators, and a super admin is always left."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.accounts.account import Status
from chalicelib.domain.operators.role import Role
from chalicelib.tables.audit_log import AuditLogRow
from infra.local.seeds import seed
from tests.engines.interleaving import READING, interleave
from tests.functions.test_budgets import calls
from tests.world.builders import account
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_for, token_of

URL, PASSWORD = "/api/admin/profiles", "a long enough password"
ASHA = {"username": "asha", "email": "Asha@Example.com", "role": "SUPPORT"}


@pytest.fixture
def token(network: Network, super_admin: str) -> str:
    return token_of(network, super_admin)


def reissue_setup_token(token: str, operator_id: str) -> Reply:
    return request(app, "POST", f"{URL}/{operator_id}/setup-token", {}, token=token)


def create(token: str, **changed: Any) -> Reply:
    return request(app, "POST", URL, ASHA | changed, token=token)


def login(password: str = PASSWORD, email: str = "asha@example.com") -> Reply:
    return request(app, "POST", "/api/admin/login", {"email": email, "password": password})


def set_password(setup_token: str, password: str = PASSWORD) -> Reply:
    return request(app, "POST", "/api/admin/password", {"setup_token": setup_token, "password": password})


def entries(target: str) -> list[Any]:
    rows = [row for row in AuditLogRow.scan() if row.target == target]
    return sorted(rows, key=lambda row: str(row.entry))


def test_a_new_operator_sets_the_own_password_once_and_signs_in(network: Network, token: str) -> None:
    made = create(token)
    assert (made.status, made.data["role"], made.data["email"]) == (201, "SUPPORT", "asha@example.com")
    assert login("").status == 422
    assert set_password(made.data["setup_token"], "too short").status == 422
    assert set_password(made.data["setup_token"]).data == {"is_set": True}
    assert set_password(made.data["setup_token"], "another long password").code == "setup_token_invalid"
    opened = login().data
    me = request(app, "GET", "/api/admin/me", token=opened["access_token"]).data
    assert (me["username"], me["role"], me["is_super_admin"]) == ("asha", "SUPPORT", False)
    assert me["permissions"] == {
        "can_manage_users": False,
        "can_manage_stations": False,
        "can_manage_content": False,
        "can_view_analytics": True,
        "can_manage_finances": False,
        "can_manage_admins": False,
    }
    assert network.books_balance()


def test_a_setup_token_ends_after_a_day(network: Network, token: str) -> None:
    setup = create(token).data["setup_token"]
    network.fake_world.clock.advance(hours=25)
    assert set_password(setup).code == "setup_token_invalid"
    assert login().code == "wrong_credentials"


@pytest.mark.parametrize("changed", [{"email": "other@example.com"}, {"username": "other"}])
def test_a_name_and_an_address_belong_to_one_operator(token: str, changed: dict[str, str]) -> None:
    create(token)
    before = all_rows()
    again = create(token, **changed)
    assert (again.status, again.code) == (409, "username_taken" if "email" in changed else "operator_exists")
    assert all_rows() == before


def test_a_new_setup_token_ends_password_and_sessions(network: Network, token: str) -> None:
    made = create(token).data
    set_password(made["setup_token"])
    theirs = login().data["access_token"]
    setup = request(app, "POST", f"{URL}/{made['id']}/setup-token", {}, token=token).data["setup_token"]
    assert request(app, "GET", "/api/admin/me", token=theirs).code == "session_ended"
    assert login().code == "wrong_credentials"
    assert set_password(setup, "another long password").status == 200
    assert login("another long password").status == 200


def test_a_sign_in_under_way_does_not_survive_the_end_of_its_password(token: str) -> None:
    made = create(token).data
    set_password(made["setup_token"])

    with interleave(lambda: reissue_setup_token(token, made["id"]), before=READING, number=2) as results:
        signed = login()
    assert (results[0].status, signed.status, signed.code) == (200, 401, "wrong_credentials")


@pytest.mark.parametrize("path", ["password", "second-factor"])
def test_a_checked_password_that_ended_meanwhile_allows_nothing(token: str, path: str) -> None:
    made = create(token).data
    set_password(made["setup_token"])
    theirs = login().data["access_token"]
    body = {"password": PASSWORD} | ({"new_password": "another long password"} if path == "password" else {})

    with interleave(lambda: reissue_setup_token(token, made["id"]), before=READING, number=4) as results:
        refused = request(app, "POST", f"/api/admin/me/{path}", body, token=theirs)
    assert (results[0].status, refused.code) == (200, "password_wrong")
    assert login("another long password").code == "wrong_credentials"


def test_an_operator_changes_the_own_password(token: str) -> None:
    set_password(create(token).data["setup_token"])
    theirs, url = login().data["access_token"], "/api/admin/me/password"
    wrong = {"password": "wrong", "new_password": "another long password"}
    assert request(app, "POST", url, wrong, token=theirs).code == "password_wrong"
    assert request(app, "POST", url, wrong | {"password": PASSWORD}, token=theirs).data == {"is_set": True}
    assert request(app, "GET", "/api/admin/me", token=theirs).code == "session_ended"
    assert (login().code, login("another long password").status) == ("wrong_credentials", 200)


def test_a_change_of_role_and_a_disabling_apply_to_the_next_request(network: Network, token: str) -> None:
    other = network.operator("other@example.com", Role.ADMIN)
    theirs, path = token_for(network.world, other), f"{URL}/{other.user_id}"
    assert request(app, "PATCH", path, {"role": "support"}, token=token).data["role"] == "SUPPORT"
    assert request(app, "GET", "/api/admin/promotions/coupons", token=theirs).code == "forbidden"
    assert request(app, "PATCH", path, {"is_active": False}, token=token).data["is_active"] is False
    assert request(app, "GET", "/api/admin/me", token=theirs).code == "session_ended"
    assert request(app, "PATCH", path, {"is_active": True}, token=token).data["is_active"] is True
    assert request(app, "GET", "/api/admin/me", token=theirs).code == "session_ended"
    assert request(app, "GET", "/api/admin/me", token=token_of(network, other.user_id)).status == 200
    changes = [entry.changes for entry in entries(other.user_id)]
    assert next((c["before"]["role"], c["after"]["role"]) for c in changes) == ("admin", "support")
    assert [c["after"]["is_active"] for c in changes] == [True, False, True]
    before = all_rows()
    assert request(app, "PATCH", path, {"is_active": True}, token=token).status == 200
    assert all_rows() == before


def test_a_removed_operator_leaves_only_the_username(network: Network, token: str) -> None:
    made = create(token).data
    set_password(made["setup_token"])
    theirs = login().data["access_token"]
    removed = request(app, "DELETE", f"{URL}/{made['id']}", token=token)
    assert removed.data == {"id": made["id"], "removed": True}
    assert request(app, "GET", "/api/admin/me", token=theirs).status in (401, 403)
    assert login().code == "wrong_credentials"
    assert request(app, "GET", f"{URL}/{made['id']}", token=token).code == "not_found"
    assert made["id"] not in [item["id"] for item in request(app, "GET", URL, token=token).data]
    assert "asha@example.com" not in str(all_rows())
    assert create(token, username="asha.k").status == 201
    assert network.books_balance()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"role": "SUPPORT"}),
        ("PATCH", "", {"is_active": False}),
        ("DELETE", "", None),
        ("POST", "/setup-token", {}),
        ("DELETE", "/second-factor", None),
    ],
)
def test_a_super_admin_never_changes_the_own_account(
    token: str, super_admin: str, method: str, path: str, body: Any
) -> None:
    before = all_rows()
    assert request(app, method, f"{URL}/{super_admin}{path}", body, token=token).code == "forbidden"
    assert all_rows() == before


@pytest.mark.parametrize(
    ("method", "body"), [("PATCH", {"is_active": False}), ("PATCH", {"role": "ADMIN"}), ("DELETE", None)]
)
def test_two_super_admins_who_end_each_other_leave_one(
    network: Network, token: str, super_admin: str, method: str, body: Any
) -> None:
    other = network.operator("other@example.com", Role.SUPER_ADMIN)
    theirs = token_for(network.world, other)
    with interleave(lambda: request(app, method, f"{URL}/{super_admin}", body, token=theirs)) as results:
        reply = request(app, method, f"{URL}/{other.user_id}", body, token=token)
    assert (results[0].status, reply.status) in ((200, 401), (200, 403))
    supers = [a for a in (account(super_admin), account(other.user_id)) if a.role is Role.SUPER_ADMIN]
    assert sum(a.status is Status.ACTIVE for a in supers) == 1


def test_profiles_are_a_bare_list_with_their_makers(token: str) -> None:
    create(token)
    listed = request(app, "GET", URL, token=token).data
    assert [item["username"] for item in listed][-1] == "asha"
    assert listed[-1]["created_by_username"] == "boss"
    assert seed.ADMIN_EMAIL in [item["email"] for item in listed]


def test_the_routes_of_operators_take_few_calls(network: Network, token: str) -> None:
    assert calls(network, "GET", "/api/admin/me", token=token).calls == ["BatchGetItem"]
    assert calls(network, "GET", URL, token=token).calls == ["BatchGetItem", "Query", "BatchGetItem"]
    made = calls(network, "POST", URL, ASHA, token=token, want=201)
    assert made.round_trips <= 7, made.calls


def test_a_customer_has_no_profile(network: Network, token: str) -> None:
    user = network.customer()
    assert request(app, "PATCH", f"{URL}/{user}", {"role": "ADMIN"}, token=token).code == "not_found"
    assert account(user).role is Role.CUSTOMER
    assert request(app, "GET", "/api/admin/me", token=token_of(network, user)).code == "forbidden"
