"""Access: every route against every kind of caller."""

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.domain.accounts.account import Status
from chalicelib.domain.operators.role import Role
from chalicelib.edge.public_routes import PUBLIC
from chalicelib.services.auth import sessions
from chalicelib.tables import accounts
from chalicelib.tables.atomic import atomic
from infra.local.seeds.images import citizenship_front
from infra.openapi.document import routes_of
from tests.functions.rights_bodies import BODIES
from tests.functions.route_access import EVERYONE, KYC, MAY, WHO
from tests.world.builders import SignedIn, account, operator_account, sign_in
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import bad_tokens, token_for, token_of

ROUTES = sorted(route.name for route in routes_of(app))
GUARDED = [route for route in ROUTES if WHO.get(route) != EVERYONE]
ADMIN = [route for route in ROUTES if WHO.get(route) in MAY]


def send_request(route: str, token: str | None) -> Any:
    """Call a route with a valid body, if the route takes one without a file."""
    method, path = route.split(" ")
    url = path.replace("{", "").replace("}", "")
    body = None if method == "GET" else BODIES.get(route, {})
    return request(app, method, url, body, token=token)


def test_every_route_is_in_the_table_and_every_row_is_a_route() -> None:
    assert set(WHO) == set(ROUTES)
    assert {route for route, user_id in WHO.items() if user_id == EVERYONE} == set(PUBLIC)


@pytest.mark.long
def test_no_bad_token_opens_a_route_and_nothing_changes(network: Network) -> None:
    session = sign_in(network.world, network.customer())
    tokens = bad_tokens(network.world, session)
    before = all_rows()
    for route in GUARDED:
        for kind, token in tokens.items():
            answer = with_file(route, token)
            assert answer.status == 401, (route, kind, answer.text)
            assert answer.headers["WWW-Authenticate"]
    assert all_rows() == before


def test_a_token_of_an_ended_session_opens_no_route(network: Network) -> None:
    session = sign_in(network.world, network.customer())
    token = token_for(network.world, session)
    assert request(app, "GET", "/api/auth/me", token=token).status == 200
    sessions.logout(network.world, session.caller(network.world))
    before = all_rows()
    for route in GUARDED:
        answer = with_file(route, token)
        assert (answer.status, answer.code) == (401, "session_ended"), route
    assert all_rows() == before


@pytest.mark.parametrize(("status", "code"), [(Status.BANNED, 403), (Status.DELETED, 401)])
def test_a_ban_or_deletion_applies_to_the_next_request(network: Network, status: Status, code: int) -> None:
    user = network.customer()
    token = token_of(network, user)
    atomic(network.world, lambda ops: accounts.save(ops, replace(account(user), status=status)))
    before = all_rows()
    for route in GUARDED:
        assert with_file(route, token).status == code, route
    assert all_rows() == before


def test_a_customer_opens_no_operator_route(network: Network) -> None:
    token = token_of(network, network.customer())
    before = all_rows()
    for route in ADMIN:
        answer = send_request(route, token)
        assert (answer.status, answer.code) == (403, "forbidden"), route
    assert all_rows() == before


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CUSTOMER])
def test_each_role_opens_the_routes_it_has_permission_for(network: Network, role: Role) -> None:
    admin_id = operator_account(network.world, f"one.{role.value}@example.com", "a password", role)
    token = token_of(network, admin_id)
    for route in ADMIN:
        assert (send_request(route, token).status != 403) is (role in MAY[WHO[route]]), (route, role)


def test_another_device_stays_signed_in_when_one_signs_out(network: Network) -> None:
    user = network.customer()
    first, second = sign_in(network.world, user), sign_in(network.world, user)
    sessions.logout(network.world, first.caller(network.world))
    assert request(app, "GET", "/api/auth/me", token=token_for(network.world, second)).status == 200


def with_file(route: str, token: str) -> Any:
    """As `send_request`, with a file where the route needs one."""
    if not route.endswith(KYC):
        return send_request(route, token)
    raw, kind = multipart()
    return request(app, route[: route.index(" ")], KYC, token=token, raw=raw, headers={"Content-Type": kind})


def multipart() -> tuple[bytes, str]:
    """A complete KYC submission in a multipart form."""
    fields = {
        "document_type": "citizenship",
        "document_number": "27-01-70-01234",
        "issued_district": "Lalitpur",
        "issued_date": "2074-05-12",
    }
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    head = '--b\r\nContent-Disposition: form-data; name="document_front"; filename="f.jpg"\r\n'
    head += "Content-Type: image/jpeg\r\n\r\n"
    raw = "".join(parts).encode() + head.encode() + citizenship_front() + b"\r\n--b--\r\n"
    return raw, "multipart/form-data; boundary=b"


def test_a_session_of_one_user_does_not_open_another_account(network: Network) -> None:
    mine, theirs = sign_in(network.world, network.customer()), sign_in(network.world, network.customer())
    mixed = SignedIn(theirs.user_id, mine.session_id)
    assert request(app, "GET", "/api/auth/me", token=token_for(network.world, mixed)).status == 401
