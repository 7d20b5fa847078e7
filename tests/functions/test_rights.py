"""Access: every route against every kind of caller."""

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.domain.account import Role, Status
from chalicelib.edge.public_routes import PUBLIC
from chalicelib.services.auth import sessions
from chalicelib.tables import accounts
from chalicelib.tables.atomic import atomic
from infra.local.images import citizenship_front
from infra.openapi.document import routes_of
from tests.builders import SignedIn, account, operator_account, sign_in
from tests.functions.rights_bodies import BODIES
from tests.http_client import request
from tests.network import Network
from tests.real_tables import all_rows
from tests.tokens import bad_tokens, token_for, token_of

EVERYONE, CUSTOMER, KYC = "everyone", "customer", "/api/auth/kyc"
WHO: dict[str, str] = {
    "POST /api/auth/get-otp": EVERYONE,
    "POST /api/auth/verify-otp": EVERYONE,
    "POST /api/auth/register": EVERYONE,
    "POST /api/auth/login": EVERYONE,
    "POST /api/auth/refresh": EVERYONE,
    "POST /api/auth/logout": CUSTOMER,
    "POST /api/auth/device": CUSTOMER,
    "PUT /api/auth/device": CUSTOMER,
    "DELETE /api/auth/account": CUSTOMER,
    "GET /api/auth/me": CUSTOMER,
    "POST /api/auth/kyc": CUSTOMER,
    "PATCH /api/auth/kyc": CUSTOMER,
    "GET /api/auth/kyc-status": CUSTOMER,
    "GET /api/user/profile": CUSTOMER,
    "PUT /api/user/profile": CUSTOMER,
    "PATCH /api/user/profile": CUSTOMER,
    "GET /api/user/wallet": CUSTOMER,
    "GET /api/user/analytics/usage-stats": CUSTOMER,
    "GET /api/user/transactions": CUSTOMER,
    "GET /api/points/history": CUSTOMER,
    "GET /api/points/summary": CUSTOMER,
    "GET /api/user/statement": CUSTOMER,
    "GET /api/app/version": EVERYONE,
    "GET /api/app/health": EVERYONE,
    "GET /api/app/banners": EVERYONE,
    "GET /api/app/countries": EVERYONE,
    "GET /api/user/notifications": CUSTOMER,
    "POST /api/user/notifications/mark-all-read": CUSTOMER,
    "POST /api/user/notification/{notification_id}": CUSTOMER,
    "DELETE /api/user/notification/{notification_id}": CUSTOMER,
    "POST /api/app/upload": CUSTOMER,
    "GET /api/app/stations": EVERYONE,
    "GET /api/app/stations/nearby": EVERYONE,
    "GET /api/app/stations/{sn}": EVERYONE,
    "POST /api/stations/{sn}/favorite": CUSTOMER,
    "DELETE /api/stations/{sn}/favorite": CUSTOMER,
    "GET /api/stations/favorites": CUSTOMER,
    "POST /api/stations/{sn}/report-issue": CUSTOMER,
    "POST /api/rentals/{rental_id}/report-issue": CUSTOMER,
    "GET /api/stations/my-reports": CUSTOMER,
    "GET /api/stations/{sn}/issues": CUSTOMER,
    "GET /api/payment/packages": EVERYONE,
    "GET /api/payment/methods": EVERYONE,
    "GET /api/payment/checkout/{intent_id}": EVERYONE,
    "POST /api/payment/wallet/topup-intent": CUSTOMER,
    "POST /api/payment/verify-topup": CUSTOMER,
    "GET /api/payment/status/{intent_id}": CUSTOMER,
    "POST /api/payment/cancel/{intent_id}": CUSTOMER,
    "POST /api/payment/calculate-options": CUSTOMER,
    "POST /api/payment/refund/{transaction_id}": CUSTOMER,
    "GET /api/payment/refunds": CUSTOMER,
    "GET /api/payment/webhook/khalti": EVERYONE,
    "POST /api/payment/webhook/khalti": EVERYONE,
    "GET /api/payment/webhook/esewa": EVERYONE,
    "POST /api/payment/webhook/esewa": EVERYONE,
    "GET /api/payment/webhook/stripe": EVERYONE,
    "POST /api/payment/webhook/stripe": EVERYONE,
    "GET /api/iot/client/con": EVERYONE,
    "POST /api/iot/client/con": EVERYONE,
    "GET /api/rentbox/client/connect": EVERYONE,
    "POST /api/rentbox/client/connect": EVERYONE,
    "POST /api/rentbox/upload/data": EVERYONE,
    "POST /api/rentbox/client/upload": EVERYONE,
    "GET /api/rentbox/order/return": EVERYONE,
    "GET /api/rentbox/config/data": EVERYONE,
    "POST /api/rentbox/config/data": EVERYONE,
    "POST /api/rentals/start": CUSTOMER,
    "GET /api/rentals/active": CUSTOMER,
    "GET /api/rentals/history": CUSTOMER,
    "GET /api/rentals/{rental_id}": CUSTOMER,
    "GET /api/rentals/{rental_id}/timeline": CUSTOMER,
    "POST /api/rentals/{rental_id}/pay-due": CUSTOMER,
    "POST /api/rentals/{rental_id}/extend": CUSTOMER,
    "POST /api/rentals/{rental_id}/cancel": CUSTOMER,
    "POST /api/rentals/{rental_id}/location": CUSTOMER,
    "POST /api/admin/login": EVERYONE,
    "GET /api/admin/kyc/submissions": "kyc",
    "PATCH /api/admin/kyc/submissions/{user_id}": "kyc",
    "PATCH /api/admin/users/{user_id}/status": "users",
    "POST /api/admin/users/{user_id}/status": "users",
    "GET /api/admin/system/audit": "audit",
    "POST /api/admin/system/audit": "audit",
    "GET /api/admin/refunds": "money",
    "POST /api/admin/refunds": "money",
    "GET /api/admin/refunds/pending": "money",
    "POST /api/admin/refunds/{refund_id}/approve": "money",
    "POST /api/admin/refunds/{refund_id}/reject": "money",
    "POST /api/admin/refunds/{refund_id}/process": "money",
    "POST /api/admin/refunds/{refund_id}/close": "money",
    "GET /api/admin/rentals/doubtful-returns": "admin",
    "GET /api/admin/rentals/{rental_id}/timeline": "admin",
    "GET /api/admin/rentals/unreadable-returns": "admin",
    "POST /api/admin/rentals/unreadable-returns/{return_id}/assign": "admin",
    "GET /api/admin/reversals": "money",
    "POST /api/admin/reversals/{intent_id}/resolve": "money",
    "GET /api/admin/intents": "money",
    "POST /api/admin/intents/{intent_id}/resolve": "money",
    "GET /api/admin/reconciliation": "money",
    "GET /api/admin/reconciliation/{day}": "money",
    "GET /api/admin/reconciliation/{day}/csv": "money",
    "POST /api/admin/reconciliation/{day}": "money",
}
MAY = {
    "admin": {Role.SUPER_ADMIN, Role.ADMIN, Role.FINANCE, Role.SUPPORT},
    "kyc": {Role.SUPER_ADMIN, Role.ADMIN, Role.SUPPORT},
    "audit": {Role.SUPER_ADMIN, Role.ADMIN, Role.FINANCE},
    "money": {Role.SUPER_ADMIN, Role.ADMIN, Role.FINANCE},
    "users": {Role.SUPER_ADMIN, Role.ADMIN},
}
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
