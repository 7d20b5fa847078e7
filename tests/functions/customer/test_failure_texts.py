"""Texts of failed rentals and top-ups, and names of packages, in the caller's language."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.payments.topup_failure import TOPUP_TEXTS
from chalicelib.domain.rentals.rental_failure import EJECT_FAILED, RENTAL_TEXTS
from chalicelib.services.rentals import ejects
from chalicelib.world import OutcomeUnknown, Unavailable
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import REFUSED, Network
from tests.world.tokens import token_of

LANGUAGES = ("en", "ne")


def read(network: Network, user: str, path: str, language: str) -> Any:
    return request(app, "GET", path, token=token_of(network, user), headers={"Accept-Language": language}).data


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rental_without_a_sent_eject_says_so(network: Network, language: str) -> None:
    user = network.customer()
    network.fake_world.cabinets.fails = Unavailable("iot")
    order = {"station_sn": LABIM.sn, "package_id": "1-hour"}
    assert request(app, "POST", "/api/rentals/start", order, token=token_of(network, user)).status == 503
    (rental,) = read(network, user, "/api/rentals/history", language)["results"]
    text = RENTAL_TEXTS["not_sent"].render(language)
    assert (rental["failure_reason"], rental["failure_text"]) == ("not_sent", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rental_whose_eject_was_refused_says_so(network: Network, language: str) -> None:
    user = network.customer()
    started = network.start(user)
    network.report_eject(LABIM, started.powerbank_sn, REFUSED)
    rental = read(network, user, f"/api/rentals/{started.rental_id}", language)
    assert rental["failure_reason"].startswith("eject_refused_")
    assert rental["failure_text"] == EJECT_FAILED.render(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rental_given_up_without_an_answer_says_so(network: Network, language: str) -> None:
    user = network.customer()
    network.fake_world.cabinets.fails = OutcomeUnknown("iot")
    started = network.start(user)
    assert read(network, user, f"/api/rentals/{started.rental_id}", language)["failure_text"] is None
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    rental = read(network, user, f"/api/rentals/{started.rental_id}", language)
    text = RENTAL_TEXTS["unresolved"].render(language)
    assert (rental["failure_reason"], rental["failure_text"]) == ("unresolved", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_ended_top_up_says_how_it_ended(network: Network, language: str) -> None:
    user = network.customer()
    expired, cancelled = network.open_topup(user), network.open_topup(user)
    assert request(app, "POST", f"/api/payment/cancel/{cancelled}", {}, token=token_of(network, user)).status == 200
    assert read(network, user, f"/api/payment/status/{expired}", language)["reason_text"] is None
    network.fake_world.clock.advance(hours=2)
    shown = [read(network, user, f"/api/payment/status/{intent}", language) for intent in (expired, cancelled)]
    assert [item["reason"] for item in shown] == ["expired", "cancelled_by_user"]
    assert [item["reason_text"] for item in shown] == [
        TOPUP_TEXTS["expired"].render(language),
        TOPUP_TEXTS["cancelled_by_user"].render(language),
    ]


@pytest.mark.parametrize(("language", "name"), [("en", "1 Hour"), ("ne", "१ घण्टा")])
def test_packages_have_names_in_the_callers_language(network: Network, language: str, name: str) -> None:
    user = network.customer()
    packages = read(network, user, "/api/payment/packages", language)["results"]
    rental = read(network, user, f"/api/rentals/{network.start(user).rental_id}", language)
    assert packages[0]["name"] == rental["package"]["name"] == name
    assert packages[0]["description"] != ""
