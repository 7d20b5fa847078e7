"""Odd values in the fields of a body: each is a 4xx with its code, and changes nothing."""

from typing import Any

import pytest

from app import app
from infra.openapi.document import routes_of
from tests.functions.request_samples import ROUTES_WITH_BODY, VALID_BODIES, assert_no_row_changed, route_of, send
from tests.world.network import Network
from tests.world.real_tables import all_rows

pytestmark = pytest.mark.long

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


PLAIN_TEXT = {
    "emoji",
    "Devanagari digits",
    "full-width digits",
    "negative text",
    "huge text",
    "exponent",
    "NaN text",
}
"""Text that a free-text field may hold."""
HARMLESS = {
    "full_name": PLAIN_TEXT,
    "address": PLAIN_TEXT,
    "rejection_reason": set(ODD),
    # Digits of any script are a number.
    **{name: {"Devanagari digits", "full-width digits"} for name in ("amount", "size")},
    # A device may call itself, and its token be, anything that can be printed.
    **{name: {"negative text", "huge text", "exponent", "NaN text"} for name in ("device_id", "fcm_token")},
    **{name: set(ODD) - REFUSED_AS_TEXT for name in ("device_name", "app_version", "os_version")},
    "username": {"exponent", "NaN text"},
    "file_name": PLAIN_TEXT,
    # A name of a coupon is free text, and its code is made of letters and digits of any form.
    "name": PLAIN_TEXT,
    "name_ne": PLAIN_TEXT,
    **{
        name: {"Devanagari digits", "full-width digits"}
        for name in ("duration_minutes", "price", "min_amount", "max_amount", "criteria_value", "reward_value")
    },
    "model": PLAIN_TEXT,
    "code": {"Devanagari digits", "full-width digits", "negative text", "exponent", "NaN text"},
    "max_total_uses": {"Devanagari digits", "full-width digits"},
    # Texts of content and broadcasts are free text, and HTML is longer.
    **{
        f"{name}{suffix}": PLAIN_TEXT
        for name in ("title", "description", "question", "answer", "content", "message")
        for suffix in ("", "_ne")
    },
    # Places and names are free text.
    **dict.fromkeys(("station_name", "landmark", "reason"), PLAIN_TEXT),
    "landmark": PLAIN_TEXT | {"empty", "spaces"},
    "total_slots": {"empty", "spaces"},
    **{name: {"a float", "negative"} for name in ("latitude", "longitude")},
    "longitude": {"a float", "negative", "negative text"},
    **{name: PLAIN_TEXT | {"a list", "empty", "spaces"} for name in ("amenities",)},
    "display_order": {"Devanagari digits", "full-width digits"},
    # Ids of nothing, where the scenario does not look at them.
    "rental_id": {"huge text", "exponent", "NaN text", "negative text"},
    # It is what it should be.
    **{name: {"true"} for name in ("forfeit_balance", "is_active", "send_again")},
}


def test_every_route_with_a_body_has_a_sample() -> None:
    routes_with_body = {route.name for route in routes_of(app) if route.body is not None}
    assert routes_with_body == set(VALID_BODIES)


@pytest.mark.parametrize("route", ROUTES_WITH_BODY)
def test_odd_values_in_any_field_are_refused_and_change_nothing(
    route: str, network: Network, tokens: dict[str, str]
) -> None:
    valid_body = VALID_BODIES[route]
    before = all_rows()
    for field in valid_body:
        for kind, value in ODD.items():
            if kind in HARMLESS.get(field, set()):
                continue
            reply = send(route, tokens, {**valid_body, field: value})
            assert 400 <= reply.status < 500, (field, kind, reply.text)
            assert reply.code, (field, kind)
    assert_no_row_changed(before, route)


def test_one_route_alone_ignores_unknown_fields() -> None:
    """The app hands on to it what a gateway gave to the browser."""
    lenient = [name for name in ROUTES_WITH_BODY if route_of(name).body.model_config["extra"] != "forbid"]
    assert lenient == ["POST /api/payment/verify-topup"]


def test_only_true_and_false_are_booleans(network: Network, tokens: dict[str, str]) -> None:
    before = all_rows()
    for text_value in (0, 1, 0.0, "1", "on", "y", "no", "TRUE"):
        for route in ("POST /api/auth/logout", "DELETE /api/auth/account"):
            name = "all_devices" if route.endswith("logout") else "forfeit_balance"
            reply = send(route, tokens, {name: text_value})
            assert (reply.status, list(reply.body["errors"])) == (422, [name]), text_value
    assert all_rows() == before


@pytest.mark.parametrize("route", ROUTES_WITH_BODY)
def test_missing_and_extra_fields_are_named(route: str, network: Network, tokens: dict[str, str]) -> None:
    valid_body, model = VALID_BODIES[route], route_of(route).body
    before = all_rows()
    extra = send(route, tokens, {**valid_body, "is_admin": True})
    if model.model_config["extra"] == "ignore":
        assert (extra.status, extra.code) == (404, "not_found")
    else:
        assert (extra.status, extra.code) == (422, "invalid_input")
        assert "is_admin" in extra.body["errors"]
    for name, field in model.model_fields.items():
        if field.is_required():
            rest = {other: value for other, value in valid_body.items() if other != name}
            reply = send(route, tokens, rest)
            assert (reply.status, list(reply.body["errors"])) == (422, [name])
    assert_no_row_changed(before, route)
