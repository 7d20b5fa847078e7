"""Bad input, at every door and in every field: a 4xx with its code, and nothing changed."""

import json
import re
from typing import Any

import pytest

from app import app
from chalicelib.domain.account import Role
from chalicelib.edge.context import RouteSpec
from chalicelib.edge.public_routes import PUBLIC
from infra.openapi.document import routes_of
from tests.builders import LABIM
from tests.functions.test_rights import multipart
from tests.http_client import request
from tests.network import Network
from tests.real_tables import all_rows
from tests.tokens import token_for

DEVICE = {
    "device_id": "d",
    "fcm_token": "t",
    "device_type": "web",
    "device_name": "A browser",
    "app_version": "1",
    "os_version": "14",
}
PROFILE: dict[str, Any] = {
    "full_name": "A",
    "date_of_birth": "1990-01-01",
    "address": "B",
    "language": "ne",
    "avatar_url": None,
}
PAPERS: dict[str, Any] = {
    "document_type": "citizenship",
    "document_number": "27-01-70-01234",
    "issued_district": "Lalitpur",
    "issued_date": "2074-05-12",
    "document_front": "nobodys",
    "document_back": None,
}
GOOD: dict[str, dict[str, Any]] = {
    "POST /api/auth/get-otp": {"identifier": "+9779841234567"},
    "POST /api/auth/verify-otp": {"identifier": "+9779841234567", "otp": "123456"},
    "POST /api/auth/register": {
        "identifier": "+9779841234567",
        "verification_token": "x",
        "username": "sita",
        "referral_code": "ABCDEFGH",
    },
    "POST /api/auth/login": {"identifier": "+9779841234567", "verification_token": "x"},
    "POST /api/auth/refresh": {"refresh": "x"},
    "POST /api/auth/logout": {"refresh": "x", "all_devices": True},
    "POST /api/auth/device": DEVICE,
    "PUT /api/auth/device": DEVICE,
    "POST /api/user/notification/{notification_id}": {},
    "POST /api/user/notifications/mark-all-read": {},
    "DELETE /api/auth/account": {"forfeit_balance": True},
    "POST /api/auth/kyc": PAPERS,
    "PATCH /api/auth/kyc": PAPERS,
    "POST /api/app/upload": {"file_name": "a.mp4", "content_type": "video/mp4", "size": 10, "purpose": "general"},
    "PUT /api/user/profile": PROFILE,
    "PATCH /api/user/profile": PROFILE,
    "POST /api/payment/wallet/topup-intent": {
        "amount": "100",
        "payment_method": "khalti",
        "return_url": "bijuli://topup",
    },
    "POST /api/payment/verify-topup": {
        "intent_id": "x",
        "pidx": "p",
        "data": "d",
        "status": "s",
        "transaction_id": "t",
    },
    "POST /api/payment/calculate-options": {
        "scenario": "pre_payment",
        "package_id": "1-hour",
        "rental_id": "x",
        "amount": "10",
    },
    "POST /api/payment/cancel/{intent_id}": {},
    "POST /api/rentals/start": {"station_sn": LABIM.sn, "package_id": "1-hour", "powerbank_sn": "40818052"},
    "POST /api/rentals/{rental_id}/pay-due": {"scenario": "post_payment", "rental_id": "nobodys", "amount": "10"},
    "POST /api/admin/login": {"email": "nobody@example.com", "password": "wrong"},
    "PATCH /api/admin/kyc/submissions/{user_id}": {"status": "approved", "rejection_reason": "blurred"},
    "POST /api/payment/refund/{transaction_id}": {"reason": "by mistake"},
    "POST /api/admin/refunds": {"transaction_id": "nobodys-1", "reason": "they rang up"},
    "POST /api/admin/refunds/{refund_id}/approve": {"admin_notes": "n", "refund_method": "gateway", "reference": "r"},
    "POST /api/admin/refunds/{refund_id}/reject": {"reason": "spent", "admin_notes": "n"},
    "POST /api/admin/refunds/{refund_id}/process": {"action": "APPROVE", "admin_notes": "n"},
    "POST /api/admin/refunds/{refund_id}/close": {
        "outcome": "paid",
        "admin_notes": "n",
        "refund_method": "gateway",
        "reference": "r",
    },
    "PATCH /api/admin/users/{user_id}/status": {"status": "banned", "reason": "fraud"},
    "POST /api/admin/users/{user_id}/status": {"status": "banned", "reason": "fraud"},
    "POST /api/admin/intents/{intent_id}/resolve": {"action": "close", "note": "settled by hand"},
    "POST /api/admin/reconciliation/{day}": {},
}
OPTIONAL_TEXT = {"pidx", "data", "status", "transaction_id", "refresh", "verification_token", "password"}
"""Fields that are never parsed as anything: odd text in them is only text that opens nothing."""
ODD: dict[str, Any] = {
    "a list": ["x"],
    "an object": {"x": 1},
    "true": True,
    "empty": "",
    "spaces": "   ",
    "too long": "x" * 20_000,
    "emoji": "💸💸💸💸💸💸",
    "Devanagari digits": "१२३४५६",
    "full-width digits": "１２３４５６",
    "negative": -5,
    "negative text": "-100.00",
    "huge": 10**30,
    "huge text": "9" * 40,
    "exponent": "1e3",
    "NaN text": "NaN",
    "NUL": "a\x00b",
    "half a character": "\ud800",
    "a float": 1.005,
}
REFUSED_AS_TEXT = {
    "a list",
    "an object",
    "true",
    "empty",
    "spaces",
    "too long",
    "negative",
    "huge",
    "NUL",
    "half a character",
    "a float",
}
HARMLESS = {
    # Text that a free-text field may well hold.
    "full_name": {
        "emoji",
        "Devanagari digits",
        "full-width digits",
        "negative text",
        "huge text",
        "exponent",
        "NaN text",
    },
    "address": {
        "emoji",
        "Devanagari digits",
        "full-width digits",
        "negative text",
        "huge text",
        "exponent",
        "NaN text",
    },
    "rejection_reason": set(ODD),
    # Digits of any script are a number.
    **{name: {"Devanagari digits", "full-width digits"} for name in ("amount", "size")},
    # A device may call itself, and its token be, anything that can be printed.
    **{name: {"negative text", "huge text", "exponent", "NaN text"} for name in ("device_id", "fcm_token")},
    **{name: set(ODD) - REFUSED_AS_TEXT for name in ("device_name", "app_version", "os_version")},
    "file_name": {
        "emoji",
        "Devanagari digits",
        "full-width digits",
        "negative text",
        "huge text",
        "exponent",
        "NaN text",
    },
    # Ids of nothing, where the scenario does not look at them.
    "rental_id": {"huge text", "exponent", "NaN text", "negative text"},
    # It is what it should be.
    "forfeit_balance": {"true"},
}
WRITES = sorted(GOOD)


@pytest.fixture
def keys(network: Network) -> dict[str, str]:
    """A customer's token, and an operator's."""
    admin = network.operator("reviewer@example.com", Role.SUPER_ADMIN)
    return {
        "customer": token_for(network.world, network.sessions[network.customer()]),
        "admin": token_for(network.world, admin),
    }


def route_of(route: str) -> RouteSpec:
    return next(door for door in routes_of(app) if door.name == route)


def token(route: str, keys: dict[str, str]) -> str | None:
    if route in PUBLIC:
        return None
    return keys["admin" if "/admin/" in route else "customer"]


def knock(route: str, keys: dict[str, str], body: Any = None, **more: Any) -> Any:
    method, path = route.split(" ")
    path = re.sub(r"\{[a-z_]+\}", "nobodys", path)
    return request(app, method, path, body, token=token(route, keys), **more)


def test_every_door_that_takes_a_body_is_tried() -> None:
    taking = {route.name for route in routes_of(app) if route.body is not None}
    assert taking == set(GOOD)


@pytest.mark.parametrize("route", WRITES)
def test_odd_values_in_any_field_are_refused_and_change_nothing(
    route: str, network: Network, keys: dict[str, str]
) -> None:
    good = GOOD[route]
    before = all_rows()
    for field in good:
        for kind, value in ODD.items():
            if kind in HARMLESS.get(field, set()):
                continue
            answer = knock(route, keys, {**good, field: value})
            assert 400 <= answer.status < 500, (field, kind, answer.text)
            assert answer.code, (field, kind)
    assert unchanged(before, route)


def test_only_true_and_false_are_booleans(network: Network, keys: dict[str, str]) -> None:
    before = all_rows()
    for said in (0, 1, 0.0, "1", "on", "y", "no", "TRUE"):
        for route in ("POST /api/auth/logout", "DELETE /api/auth/account"):
            name = "all_devices" if route.endswith("logout") else "forfeit_balance"
            answer = knock(route, keys, {name: said})
            assert (answer.status, list(answer.body["errors"])) == (422, [name]), said
    assert all_rows() == before


@pytest.mark.parametrize("route", WRITES)
def test_missing_and_extra_fields_are_named(route: str, network: Network, keys: dict[str, str]) -> None:
    good, model = GOOD[route], route_of(route).body
    before = all_rows()
    extra = knock(route, keys, {**good, "is_admin": True})
    assert (extra.status, extra.code) == (422, "invalid_input")
    assert "is_admin" in extra.body["errors"]
    for name, field in model.model_fields.items():
        if field.is_required():
            left = {other: value for other, value in good.items() if other != name}
            answer = knock(route, keys, left)
            assert (answer.status, list(answer.body["errors"])) == (422, [name])
    assert unchanged(before, route)


BODIES: dict[str, tuple[bytes, str, int]] = {
    "broken JSON": (b'{"a": ', "application/json", 400),
    "NaN": (b'{"amount": NaN}', "application/json", 400),
    "Infinity": (b'{"amount": -Infinity}', "application/json", 400),
    "a list": (b"[1, 2]", "application/json", 400),
    "a number": (b"12", "application/json", 400),
    "a bomb": (b"[" * 100_000, "application/json", 400),
    "an object bomb": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "application/json", 400),
    "a number too long for Python": (b'{"amount": ' + b"9" * 5000 + b"}", "application/json", 400),
    "not UTF-8": (b'{"a": "\xff\xfe"}', "application/json", 400),
    "a megabyte": (b'{"a": "' + b"x" * 1_000_000 + b'"}', "application/json", 413),
    "a megabyte of form": (b"a=" + b"x" * 1_000_000, "application/x-www-form-urlencoded", 413),
    "XML": (b"<a/>", "application/xml", 415),
    "plain text": (b"hello", "text/plain", 415),
    "no boundary": (b"--b\r\n", "multipart/form-data", 400),
    "half a multipart": (
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
        "multipart/form-data; boundary=b",
        0,
    ),
    "a form not UTF-8": (b"a=%ff%fe", "application/x-www-form-urlencoded", 400),
    "many fields": (b"&".join(b"f%d=1" % n for n in range(500)), "application/x-www-form-urlencoded", 400),
}


@pytest.mark.parametrize("route", [*WRITES, "POST /api/auth/kyc", "PATCH /api/auth/kyc"])
def test_bodies_that_cannot_be_read_are_refused(route: str, network: Network, keys: dict[str, str]) -> None:
    before = all_rows()
    for kind, (raw, content_type, status) in BODIES.items():
        answer = knock(route, keys, raw=raw, headers={"Content-Type": content_type})
        assert answer.status == status or (status == 0 and 400 <= answer.status < 500), (kind, answer.text)
        assert answer.code
    assert unchanged(before, route)


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_every_kind_of_body_is_read(content_type: str, network: Network, keys: dict[str, str]) -> None:
    raw = {
        "application/json": b'{"full_name": "Sita", "address": "Patan"}',
        "application/x-www-form-urlencoded": b"full_name=Sita&address=Patan",
        "multipart/form-data": b'--b\r\nContent-Disposition: form-data; name="full_name"\r\n\r\nSita\r\n--b\r\n'
        b'Content-Disposition: form-data; name="address"\r\n\r\nPatan\r\n--b--\r\n',
    }[content_type]
    headers = {"Content-Type": content_type + ("; boundary=b" if content_type.startswith("multi") else "")}
    answer = knock("PATCH /api/user/profile", keys, raw=raw, headers=headers)
    assert (answer.status, answer.data["full_name"], answer.data["address"]) == (200, "Sita", "Patan")


QUERIES = [
    "limit=0",
    "limit=101",
    "limit=x",
    "limit=१०१",
    "limit=1_0",
    "limit=5.0",
    "limit=%2B5",
    "has_powerbank=1",
    "has_powerbank=yes",
    "has_free_slot=TRUE",
    "page=1_0",
    "part=0x1",
    "limit=10&limit=20",
    "cursor=",
    "cursor=abc",
    "cursor=abc.def",
    f"cursor={'x' * 2000}",
    "unknown=1",
    "status=nonsense",
]


@pytest.mark.parametrize("route", [route.name for route in routes_of(app) if route.query is not None])
def test_odd_questions_are_refused(route: str, network: Network, keys: dict[str, str]) -> None:
    method, path = route.replace("{day}", "2026-11-23").split(" ")
    for asked in QUERIES:
        name = asked.partition("=")[0]
        if name != "unknown" and name not in route_of(route).query.model_fields:
            continue
        reply = request(app, method, f"{path}?{asked}", token=token(route, keys))
        assert reply.status == 422, (asked, reply.text)
        assert reply.code in ("invalid_input", "invalid_cursor")


@pytest.mark.parametrize(
    "asked",
    [
        "lat=nan&lng=85",
        "lat=inf&lng=85",
        "lat=91&lng=85",
        "lat=27",
        "lat=27&lng=181",
        "lat=27&lng=85&radius=51",
        "lat=2_7&lng=85",
        "lat=27&lng=85&radius=Infinity",
        "lat=27&lng=85&radius=-1",
        "lat=२७&lng=x",
    ],
)
def test_odd_places_are_refused(asked: str, network: Network) -> None:
    assert request(app, "GET", f"/api/app/stations/nearby?{asked}").code == "invalid_input"


@pytest.mark.parametrize(
    "name", ["nobodys", "%00", "%F0%9F%92%B8", "..%2F..", "x" * 500, "%E0%A4%95", "'; DROP", "%"]
)
def test_ids_that_name_nothing_are_not_found(name: str, network: Network, keys: dict[str, str]) -> None:
    before = all_rows()
    for method, path in (
        ("GET", f"/api/app/stations/{name}"),
        ("GET", f"/api/payment/status/{name}"),
        ("POST", f"/api/payment/cancel/{name}"),
        ("GET", f"/api/payment/checkout/{name}"),
        ("GET", f"/api/rentals/{name}"),
        ("POST", f"/api/rentals/{name}/pay-due"),
        ("POST", f"/api/user/notification/{name}"),
        ("DELETE", f"/api/user/notification/{name}"),
    ):
        reply = request(app, method, path, {} if method == "POST" else None, token=keys["customer"])
        assert (reply.status, reply.code) == (404, "not_found"), (path, reply.text)
    for path, params, user_id in (
        (f"/api/payment/refund/{name}", {"reason": "by mistake"}, "customer"),
        (f"/api/admin/refunds/{name}/approve", {}, "admin"),
        (f"/api/admin/refunds/{name}/reject", {"reason": "spent"}, "admin"),
    ):
        reply = request(app, "POST", path, params, token=keys[user_id])
        assert (reply.status, reply.code) == (404, "not_found"), (path, reply.text)
    assert all_rows() == before


def test_what_is_anothers_is_not_found(network: Network, keys: dict[str, str]) -> None:
    owner = network.customer()
    rental = network.rented(owner)
    before = all_rows()
    for method, path in (
        ("GET", f"/api/rentals/{rental.rental_id}"),
        ("POST", f"/api/rentals/{rental.rental_id}/pay-due"),
    ):
        reply = request(app, method, path, {} if method == "POST" else None, token=keys["customer"])
        assert reply.status == 404
    question = {"scenario": "post_payment", "rental_id": rental.rental_id}
    assert request(app, "POST", "/api/payment/calculate-options", question, token=keys["customer"]).status == 404
    assert all_rows() == before


@pytest.mark.parametrize(
    "change", ["no picture", "html", "svg", "empty", "text for a file", "two fronts", "short number"]
)
def test_papers_that_will_not_do_are_refused(change: str, network: Network, keys: dict[str, str]) -> None:
    raw, kind = multipart()
    start, end = raw.index(b"\xff\xd8\xff"), raw.index(b"\r\n--b--")
    picture = raw[start:end]
    part = raw[raw.index(b'--b\r\nContent-Disposition: form-data; name="document_front"') : end]
    changed = {
        "no picture": raw.replace(part, b""),
        "html": raw.replace(picture, b"<html><script>alert(1)</script></html>"),
        "svg": raw.replace(picture, b"<svg onload=alert(1)></svg>"),
        "empty": raw.replace(picture, b""),
        "text for a file": raw.replace(b'; filename="f.jpg"', b""),
        "two fronts": raw.replace(part, part + b"\r\n" + part),
        "short number": raw.replace(b"27-01-70-01234", b"12"),
    }[change]
    before = all_rows()
    reply = request(app, "POST", "/api/auth/kyc", token=keys["customer"], raw=changed, headers={"Content-Type": kind})
    assert 400 <= reply.status < 500, reply.text
    assert all_rows() == before


@pytest.mark.parametrize("key", ["", "x" * 256, "snow \u2603", "tab\there"])
def test_odd_idempotency_keys_are_refused(key: str, network: Network, keys: dict[str, str]) -> None:
    order = {"amount": "100", "payment_method": "khalti"}
    reply = request(
        app,
        "POST",
        "/api/payment/wallet/topup-intent",
        order,
        token=keys["customer"],
        headers={"Idempotency-Key": key},
    )
    assert reply.status == (201 if key == "" else 422)


def unchanged(before: dict[str, list[str]], route: str) -> bool:
    """No row is another; only the count of an operator's or a code's wrong guesses may have grown."""
    after = all_rows()
    counted = {"test-counters"} if route == "POST /api/admin/login" else set()
    differing = {name for name in before if before[name] != after[name]} - counted
    assert differing == set(), json.dumps({name: after[name] for name in differing})[:500]
    return True
