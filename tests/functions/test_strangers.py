"""Wrong guesses of strangers: they keep no operator and no customer out."""

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services import outbox
from chalicelib.services.auth import otp_delivery, signin
from tests.world.authenticator import FACTOR, enrolled
from tests.world.builders import operator_account, sign_in
from tests.world.fake_world import FakeWorld
from tests.world.http_client import CLIENT_ADDRESS, Reply, request
from tests.world.network import Network
from tests.world.tokens import token_for

PHONE, EMAIL = "+9779841234567", "sarita@example.com"
PASSWORD = "a password"
STRANGER = "198.51.100.1"


def ask(address: str = CLIENT_ADDRESS) -> str:
    """Request a code for PHONE. Returns the challenge id."""
    return str(request(app, "POST", "/api/auth/get-otp", {"identifier": PHONE}, address=address).data["challenge_id"])


def received(fake_world: FakeWorld) -> str:
    """The newest code that the customer got."""
    for body in fake_world.queues.take(outbox.OTP):
        otp_delivery.deliver(fake_world.world(), body)
    return fake_world.sms.sent[-1][1][:6]


def guess(code: str, challenge_id: str | None = None, address: str = CLIENT_ADDRESS) -> Reply:
    body = {"identifier": PHONE, "otp": code} | ({"challenge_id": challenge_id} if challenge_id else {})
    return request(app, "POST", "/api/auth/verify-otp", body, address=address)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_guesses_without_the_id_leave_the_customers_guesses(network: Network) -> None:
    challenge_id = ask()
    code = received(network.fake_world)
    for _ in range(20):
        assert guess(wrong(code), address=STRANGER).code == "otp_wrong"
    for _ in range(4):
        assert guess(wrong(code), challenge_id).code == "otp_wrong"
    assert guess(code, challenge_id).data["verification_token"]


def test_a_guess_without_the_id_is_accepted_three_times(network: Network) -> None:
    ask()
    code = received(network.fake_world)
    for _ in range(3):
        assert guess(wrong(code)).code == "otp_wrong"
    assert guess(code).code == "otp_wrong"


def test_a_strangers_request_gives_no_guesses_of_the_customer(network: Network) -> None:
    challenge_id = ask()
    network.fake_world.clock.advance(seconds=61)
    strangers_id = ask(STRANGER)
    assert strangers_id != challenge_id
    code = received(network.fake_world)
    for _ in range(6):
        assert guess(wrong(code), strangers_id, STRANGER).code == "otp_wrong"
    assert guess(code, strangers_id, STRANGER).code == "otp_wrong"
    assert guess(code, challenge_id).data["verification_token"]


@pytest.mark.parametrize("odd", ["without_id", "a[0]", "0" * 32, "x.y", "़" * 20])
def test_a_made_up_challenge_id_gives_no_guess(network: Network, odd: str) -> None:
    ask()
    assert guess(received(network.fake_world), odd).code == "otp_wrong"


def log_in(password: str, address: str, email: str = EMAIL, device_token: str | None = None) -> Reply:
    body: dict[str, Any] = {"email": email, "password": password}
    if device_token is not None:
        body["device_token"] = device_token
    return request(app, "POST", "/api/admin/login", body, address=address)


def addresses(count: int) -> list[str]:
    return [f"198.51.{number // 250}.{number % 250}" for number in range(count)]


@pytest.fixture
def operator(network: Network) -> Network:
    operator_account(network.world, EMAIL, PASSWORD, Role.ADMIN)
    return network


def test_wrong_passwords_from_elsewhere_keep_no_operator_out(operator: Network) -> None:
    for _ in range(5):
        assert log_in("wrong", STRANGER).code == "wrong_credentials"
    refusal = log_in(PASSWORD, STRANGER)
    assert (refusal.status, refusal.code) == (429, "rate_limited")
    assert log_in(PASSWORD, CLIENT_ADDRESS).data["access_token"]


def test_wrong_passwords_from_elsewhere_stop_no_operator_who_is_signed_in(network: Network) -> None:
    settings = replace(network.fake_world.settings, admin_login_tries_per_account=1, admin_login_tries_per_address=1)
    asha = network.operator(EMAIL, Role.ADMIN)
    network.fake_world.settings = settings
    assert log_in("wrong", CLIENT_ADDRESS).code == "wrong_credentials"
    assert log_in(PASSWORD, CLIENT_ADDRESS).code == "rate_limited"
    phone = enrolled(network.fake_world.clock, token_for(network.world, asha))
    body = {"password": "a password", "new_password": "another long password"}
    again = token_for(network.world, sign_in(network.world, asha.user_id))
    off = request(app, "DELETE", FACTOR, {"otp": phone.code()}, token=again)
    changed = request(app, "POST", "/api/admin/me/password", body, token=again)
    assert (off.status, changed.status) == (200, 200)


def test_guesses_of_a_signed_in_thief_are_limited_from_all_addresses_together(network: Network) -> None:
    token = token_for(network.world, network.operator(EMAIL, Role.ADMIN))
    codes = [
        request(app, "POST", f"{FACTOR}/confirm", {"otp": "000000"}, token=token, address=address).code
        for address in addresses(6)
    ]
    assert codes == ["second_factor_wrong"] * 5 + ["rate_limited"]


def test_unknown_emails_are_limited_per_address_before_the_hash(
    operator: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def hash_password(password: str, *_: object) -> str:
        hashed.append(password)
        return ""

    monkeypatch.setattr(signin, "hash_password", hash_password)
    codes = [log_in("wrong", STRANGER, f"nobody{number}@example.com").code for number in range(40)]
    assert codes == ["wrong_credentials"] * 20 + ["rate_limited"] * 20
    assert len(hashed) == 20
    assert log_in("wrong", CLIENT_ADDRESS).code == "wrong_credentials"


def test_a_known_device_passes_the_limits_of_the_account_and_the_address(operator: Network) -> None:
    device_token = log_in(PASSWORD, CLIENT_ADDRESS).data["device_token"]
    for address in [*addresses(6), CLIENT_ADDRESS]:
        for _ in range(6):
            assert log_in("wrong", address).status in (401, 429)
    assert log_in(PASSWORD, "203.0.113.1").code == "rate_limited"
    reply = log_in(PASSWORD, CLIENT_ADDRESS, device_token=device_token)
    assert reply.data["access_token"]
    assert log_in(PASSWORD, "203.0.113.1", device_token=reply.data["device_token"]).status == 200


def test_a_known_device_has_five_wrong_passwords(operator: Network) -> None:
    device_token = log_in(PASSWORD, CLIENT_ADDRESS).data["device_token"]
    codes = [log_in("wrong", address, device_token=device_token).code for address in addresses(7)]
    assert codes == ["wrong_credentials"] * 5 + ["rate_limited"] * 2
    operator.fake_world.clock.advance(minutes=15)
    assert log_in(PASSWORD, CLIENT_ADDRESS, device_token=device_token).status == 200


def test_a_device_token_is_good_for_its_own_account_and_half_a_year(operator: Network) -> None:
    operator_account(operator.world, "other@example.com", PASSWORD, Role.SUPPORT)
    other_device = log_in(PASSWORD, CLIENT_ADDRESS, "other@example.com").data["device_token"]
    own_device = log_in(PASSWORD, CLIENT_ADDRESS).data["device_token"]
    operator.fake_world.clock.advance(days=181)
    for address in addresses(6):
        for _ in range(5):
            assert log_in("wrong", address).code == "wrong_credentials"
    for device_token in (other_device, own_device, "", "no token", "a.b.c"):
        assert log_in(PASSWORD, CLIENT_ADDRESS, device_token=device_token).code == "rate_limited"


def test_right_passwords_count_against_no_limit(operator: Network) -> None:
    for _ in range(45):
        assert log_in(PASSWORD, CLIENT_ADDRESS).status == 200


def test_the_addresses_of_one_ipv6_network_count_as_one(operator: Network) -> None:
    for number in range(5):
        assert log_in("wrong", f"2001:db8:0:1::{number}").code == "wrong_credentials"
    assert log_in(PASSWORD, "2001:db8:0:1:ffff::1").code == "rate_limited"
    assert log_in(PASSWORD, "2001:db8:0:2::1").status == 200
    assert log_in(PASSWORD, "::ffff:192.0.2.7").status == 200
