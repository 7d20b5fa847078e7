"""A name, an address or any other text that shows nothing counts as empty."""

import pytest

from app import app
from chalicelib.services.stations import listing_refresh
from tests.functions.request_samples import ROUTES_WITH_BODY, VALID_BODIES, assert_no_row_changed, send
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows

INVISIBLE = ["\u200b", "\u2800\u2800", "\u3164", "\u0301\u0302", "\U000e0041", "\u00a0\u200d ", "\u094d\u200d"]
FREE_TEXT = {"full_name", "address", "reason", "note", "admin_notes", "rejection_reason", "device_name", "file_name"}
READ_BY_PEOPLE = [(route, field) for route in ROUTES_WITH_BODY for field in VALID_BODIES[route] if field in FREE_TEXT]


@pytest.mark.parametrize(("route", "field"), READ_BY_PEOPLE)
def test_invisible_text_is_refused_by_its_field(
    route: str, field: str, network: Network, tokens: dict[str, str]
) -> None:
    before = all_rows()
    for text in INVISIBLE:
        reply = send(route, tokens, {**VALID_BODIES[route], field: text})
        assert (reply.status, list(reply.body["errors"])) == (422, [field]), (ascii(text), reply.text)
        assert reply.body["errors"][field] == ["Please fill this in."]
    assert_no_row_changed(before, route)


@pytest.mark.long
@pytest.mark.parametrize("route", ROUTES_WITH_BODY)
def test_invisible_text_is_no_value_of_any_field(route: str, network: Network, tokens: dict[str, str]) -> None:
    before = all_rows()
    for field in VALID_BODIES[route]:
        for text in INVISIBLE:
            reply = send(route, tokens, {**VALID_BODIES[route], field: text})
            assert 400 <= reply.status < 500, (field, ascii(text), reply.text)
    assert_no_row_changed(before, route)


@pytest.mark.parametrize("name", ["क्\u200dष", "श्रीमान्\u200c", "लक्ष्\u200dमी देवी", "राम\u200dप्रसाद"])
def test_joiners_inside_devanagari_names_are_stored(name: str, network: Network, tokens: dict[str, str]) -> None:
    reply = send("PATCH /api/user/profile", tokens, {"full_name": name, "address": f"{name} टोल"})
    assert (reply.status, reply.data["full_name"], reply.data["address"]) == (200, name, f"{name} टोल")


def test_a_search_for_invisible_text_finds_every_station(network: Network) -> None:
    listing_refresh.refresh(network.world)
    every, invisible = (
        request(app, "GET", f"/api/app/stations{query}").data["results"]
        for query in (
            "",
            "?search=%E2%80%8B",
        )
    )
    assert (len(every) > 0, invisible) == (True, every)
