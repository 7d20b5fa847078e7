"""A new installation gets its first super admin from the command line, and no second one."""

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services.audit import whole_audit
from chalicelib.world import World
from infra.first_operator import NOT_EMPTY, run
from tests.world.builders import account
from tests.world.http_client import request
from tests.world.real_tables import all_rows


def test_the_first_super_admin_sets_a_password_and_signs_in(world: World) -> None:
    status, token = run(world, ["asha", "Asha@example.com"])
    assert status == 0
    password = {"setup_token": token, "password": "a long enough password"}
    assert request(app, "POST", "/api/admin/password", password).status == 200
    login = {"email": "asha@example.com", "password": "a long enough password"}
    opened = request(app, "POST", "/api/admin/login", login).data
    assert account(opened["user"]["id"]).role is Role.SUPER_ADMIN
    assert whole_audit.audit(world) == []


def test_it_makes_no_second_operator_and_says_what_is_wrong(world: World) -> None:
    run(world, ["asha", "asha@example.com"])
    before = all_rows()
    assert run(world, ["bina", "bina@example.com"]) == (1, NOT_EMPTY)
    assert run(world, ["bina", "no address"])[0] == 1
    assert run(world, [])[0] == 2
    assert all_rows() == before
