"""Strangers who request codes for a customer's number from many addresses keep no known device out."""

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.services import outbox
from chalicelib.services.auth import identifier_keys, known_devices, otp_delivery
from tests.world.http_client import CLIENT_ADDRESS, Reply, request
from tests.world.network import Network

PHONE, OTHER_PHONE = "+9779841234567", "+9779841234568"
STRANGERS = ("198.51.100.1", "198.51.100.2", "198.51.100.3")


def ask(address: str = CLIENT_ADDRESS, device_token: str | None = None, *, phone: str = PHONE) -> Reply:
    body = {"identifier": phone} | ({"device_token": device_token} if device_token is not None else {})
    return request(app, "POST", "/api/auth/get-otp", body, address=address)


def sign_in(network: Network, sent: Reply, path: str = "login", phone: str = PHONE, **more: Any) -> Reply:
    """Sign in with the code that the newest message holds."""
    for body in network.fake_world.queues.take(outbox.OTP):
        otp_delivery.deliver(network.world, body)
    guess = {"identifier": phone, "otp": network.fake_world.sms.sent[-1][1][:6]}
    guess["challenge_id"] = sent.data["challenge_id"]
    token = request(app, "POST", "/api/auth/verify-otp", guess).data["verification_token"]
    return request(app, "POST", f"/api/auth/{path}", {"identifier": phone, "verification_token": token, **more})


def registered(network: Network, phone: str = PHONE) -> str:
    """The device token of a customer who has just registered."""
    reply = sign_in(network, ask(phone=phone), "register", phone, username=f"sita_{phone[-3:]}")
    network.fake_world.clock.advance(hours=25)
    return str(reply.data["device_token"])


def besieged(network: Network) -> None:
    """Three strangers use up all requests of an hour."""
    for _ in range(5):
        for address in STRANGERS:
            assert ask(address).status == 200
        network.fake_world.clock.advance(seconds=61)
    assert ask(CLIENT_ADDRESS).code == "otp_limit_reached"


@pytest.fixture
def device_token(network: Network) -> str:
    return registered(network)


def test_a_known_device_gets_a_code_and_signs_in(network: Network, device_token: str) -> None:
    besieged(network)
    sent = ask(CLIENT_ADDRESS, device_token)
    assert sign_in(network, sent).data["tokens"]["access"]


def test_the_token_of_a_login_is_as_good_as_that_of_the_registration(network: Network, device_token: str) -> None:
    second = sign_in(network, ask(CLIENT_ADDRESS, device_token)).data["device_token"]
    network.fake_world.clock.advance(hours=2)
    besieged(network)
    assert ask("203.0.113.9", second).status == 200


def test_a_known_device_behind_the_strangers_address_gets_a_code(network: Network, device_token: str) -> None:
    for number in range(40):
        ask(STRANGERS[0], phone=f"+97798412{number:05d}")
    assert ask(STRANGERS[0]).code == "otp_limit_reached"
    assert ask(STRANGERS[0], device_token).status == 200


def test_a_known_device_gets_a_code_when_all_codes_of_the_hour_are_sent(network: Network, device_token: str) -> None:
    network.fake_world.settings = replace(network.fake_world.settings, otp_total_hour=1)
    assert ask(phone=OTHER_PHONE).status == 200
    assert ask().code == "otp_limit_reached"
    assert ask(CLIENT_ADDRESS, device_token).status == 200


def test_a_known_device_has_five_requests_an_hour_and_one_a_minute(network: Network, device_token: str) -> None:
    for _ in range(5):
        assert ask(CLIENT_ADDRESS, device_token).status == 200
        assert ask(CLIENT_ADDRESS, device_token).code == "otp_resend_too_soon"
        network.fake_world.clock.advance(seconds=61)
    assert ask(CLIENT_ADDRESS, device_token).code == "otp_limit_reached"


def test_a_customer_who_signs_in_again_and_again_gets_fifteen_codes_an_hour(
    network: Network, device_token: str
) -> None:
    """Each sign-in makes a new known device. Without a limit of all of them messages would cost any sum."""
    for _ in range(15):
        device_token = sign_in(network, ask(CLIENT_ADDRESS, device_token)).data["device_token"]
        network.fake_world.clock.advance(seconds=1)
    assert ask(CLIENT_ADDRESS, device_token).code == "otp_limit_reached"
    assert ask(STRANGERS[0]).status == 200


def test_guesses_of_strangers_leave_the_guesses_of_a_known_device(network: Network, device_token: str) -> None:
    besieged(network)
    sent = ask(CLIENT_ADDRESS, device_token)
    for address in STRANGERS:
        challenge_id = sent.data["challenge_id"][::-1]
        guess = {"identifier": PHONE, "otp": "000000", "challenge_id": challenge_id}
        for _ in range(6):
            assert request(app, "POST", "/api/auth/verify-otp", guess, address=address).code == "otp_wrong"
    assert sign_in(network, sent).status == 200


@pytest.mark.parametrize("kind", ["another customer's", "an operator's", "expired", "empty", "made up", "access"])
def test_any_other_token_counts_as_none(network: Network, device_token: str, kind: str) -> None:
    tokens = {"empty": "", "made up": "a.b.c", "expired": device_token}
    if kind == "expired":
        network.fake_world.clock.advance(days=181)
    elif kind == "another customer's":
        tokens[kind] = registered(network, OTHER_PHONE)
    elif kind == "an operator's":
        key = identifier_keys.identifier_key(network.world, PHONE)
        tokens[kind] = known_devices.sign(network.world, known_devices.OPERATORS, key, network.world.new_id(), days=9)
    elif kind == "access":
        tokens[kind] = sign_in(network, ask()).data["tokens"]["access"]
    network.fake_world.clock.advance(hours=2)
    besieged(network)
    assert ask(CLIENT_ADDRESS, tokens[kind]).code == "otp_limit_reached"
