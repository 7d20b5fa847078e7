"""Signing in, signing out and being known by something else, through the doors; and the language of what is told."""

from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.account import Role
from chalicelib.domain.problems import KINDS
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.auth import otp as otp_codes
from tests import builders
from tests.asking import Asked, ask
from tests.doors import everything, token_for
from tests.street import Street

PHONE, EMAIL = "+9779841999001", "sita@example.com"


def code(street: Street, identifier: str) -> str:
    """A fresh one, as it comes by text or mail two minutes later."""
    street.scene.clock.pass_(minutes=2)
    sent = ask(app, "POST", "/api/auth/get-otp", {"identifier": identifier})
    assert sent.status == 200, sent.text
    for body in street.scene.queues.take(outbox_messages.OTP):
        otp_codes.deliver(street.world, body)
    outbox: list[Any] = street.scene.mail.sent if "@" in identifier else street.scene.sms.sent
    return str(outbox[-1][-1][:6])


def proof(street: Street, identifier: str) -> str:
    guess = {"identifier": identifier, "otp": code(street, identifier)}
    return str(ask(app, "POST", "/api/auth/verify-otp", guess).data["verification_token"])


def sign_in(street: Street, identifier: str, door: str = "login", **more: str) -> dict[str, str]:
    order = {"identifier": identifier, "verification_token": proof(street, identifier), **more}
    told = ask(app, "POST", f"/api/auth/{door}", order)
    assert told.status in (200, 201), told.text
    return dict(told.data["tokens"])


def register(street: Street, identifier: str = PHONE, username: str = "sita") -> dict[str, str]:
    return sign_in(street, identifier, "register", username=username)


def me(token: str, **headers: str) -> Asked:
    return ask(app, "GET", "/api/auth/me", token=token, headers=headers)


def test_who_comes_by_mail_is_known_by_it(street: Street) -> None:
    signed = register(street, "Sita@Example.com")
    told = me(signed["access"]).data
    assert (told["email"], told["phone_number"]) == (EMAIL, None)
    assert me(sign_in(street, EMAIL)["access"]).data["id"] == told["id"]


@pytest.mark.parametrize("written", ["9841234567@", "a@b", "12345", "a@b@c.example", '"a"@b.example'])
def test_what_is_no_identifier_is_told_what_one_is(street: Street, written: str) -> None:
    before = everything()
    for door, more in (("get-otp", {}), ("verify-otp", {"otp": "123456"}), ("login", {"verification_token": "x"})):
        answer = ask(app, "POST", f"/api/auth/{door}", {"identifier": written, **more})
        assert (answer.status, answer.code) == (422, "invalid_input")
        assert answer.body["errors"] == {"identifier": ["must be a Nepali mobile number or an e-mail address"]}
    assert everything() == before


def test_known_and_unknown_are_answered_alike(street: Street) -> None:
    register(street)
    register(street, EMAIL, "gita")
    street.scene.clock.pass_(minutes=15)
    told = [
        ask(app, "POST", "/api/auth/get-otp", {"identifier": identifier})
        for identifier in (PHONE, "+9779841999002", EMAIL, "nobody@example.com")
    ]
    assert {(one.status, one.body["message"], tuple(one.data), tuple(sorted(one.headers))) for one in told} == {
        (
            200,
            "OK",
            ("identifier", "expires_in_minutes", "resend_after_seconds", "challenge_id"),
            tuple(sorted(told[0].headers)),
        )
    }


@pytest.mark.parametrize("digits", ["०१२३४५६७८९", "０１２３４５６७８９", "0१２3४５6७８9"])
def test_digits_of_any_script_are_a_guess_like_others_and_one_of_five(street: Street, digits: str) -> None:
    right = code(street, EMAIL)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    guesses = [text.translate({ord("0") + n: digits[n] for n in range(10)}) for text in [wrong] * 4 + [right]]
    told = [ask(app, "POST", "/api/auth/verify-otp", {"identifier": EMAIL, "otp": guess}) for guess in guesses]
    assert [one.status for one in told] == [422] * 4 + [200]
    right = code(street, EMAIL)
    for guess in [f"{(int(right) + 1) % 1_000_000:06d}"] * 5 + [right]:
        typed = guess.translate({ord("0") + n: digits[n] for n in range(10)})
        assert ask(app, "POST", "/api/auth/verify-otp", {"identifier": EMAIL, "otp": typed}).code == "otp_wrong"


@pytest.mark.parametrize(
    "otp", ["½½½½½½", "①②③④⑤⑥", "²²²²²²", "12345６\u0301", "𝟏𝟐𝟑𝟒𝟓𝟔", "໑໒໓໔໕໖", "-12345", "१२३४५६७८९०१२"]
)
def test_odd_digits_neither_crash_nor_open(street: Street, otp: str) -> None:
    code(street, EMAIL)
    answer = ask(app, "POST", "/api/auth/verify-otp", {"identifier": EMAIL, "otp": otp})
    assert (answer.status, answer.code) == (422, "otp_wrong")


def test_one_device_or_all_are_signed_out(street: Street) -> None:
    first, second, third = register(street), sign_in(street, PHONE), sign_in(street, PHONE)
    other = register(street, EMAIL, "gita")
    assert ask(app, "POST", "/api/auth/logout", {"refresh": other["refresh"]}, token=third["access"]).status == 422
    assert ask(app, "POST", "/api/auth/logout", {"refresh": third["refresh"]}, token=third["access"]).status == 200
    assert me(third["access"]).code == "session_ended"
    assert me(second["access"]).status == 200
    assert ask(app, "POST", "/api/auth/logout", {"all_devices": "true"}, token=second["access"]).status == 200
    for tokens in (first, second):
        assert me(tokens["access"]).code == "session_ended"
        assert ask(app, "POST", "/api/auth/refresh", {"refresh": tokens["refresh"]}).code == "session_ended"
    assert me(other["access"]).status == 200


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_the_profile_door_changes_what_somebody_is_known_by(street: Street, method: str) -> None:
    register(street)
    new = proof(street, EMAIL)
    token = sign_in(street, PHONE)["access"]
    profile = {"full_name": "Sita", "date_of_birth": "1990-01-01", "address": "Patan"} if method == "PUT" else {}
    order = {**profile, "email": EMAIL, "username": "Sita.G", "identifier_token": new}
    before = everything()
    refused = ask(app, method, "/api/user/profile", order, token=token)
    assert (refused.status, refused.code) == (422, "verification_needed")
    assert list(refused.body["errors"]) == ["verification_token"]
    assert everything() == before
    told = ask(app, method, "/api/user/profile", {**order, "verification_token": proof(street, PHONE)}, token=token)
    assert told.status == 200, told.text
    assert (told.data["username"], told.data["email"], told.data["phone_number"]) == ("Sita.G", EMAIL, PHONE)
    assert ask(app, "GET", "/api/user/profile", token=token).data == told.data


def test_a_put_without_them_leaves_them(street: Street) -> None:
    token = register(street)["access"]
    order = {"full_name": "Sita", "date_of_birth": "1990-01-01", "address": "Patan"}
    told = ask(app, "PUT", "/api/user/profile", order, token=token).data
    assert (told["username"], told["phone_number"], told["full_name"]) == ("sita", PHONE, "Sita")


@pytest.mark.parametrize("name", ["ab", "a b", "सीता", "a" * 31, "a@b", "", None, 5])
def test_a_username_keeps_to_the_rules_of_registration(street: Street, name: object) -> None:
    token = register(street)["access"]
    before = everything()
    answer = ask(app, "PATCH", "/api/user/profile", {"username": name}, token=token)
    assert (answer.status, list(answer.body["errors"])) == (422, ["username"])
    assert everything() == before


def test_the_profiles_language_is_spoken_after_the_next_refresh_where_none_is_asked_for(street: Street) -> None:
    tokens = register(street)
    assert ask(app, "PATCH", "/api/user/profile", {"language": "ne"}, token=tokens["access"]).status == 200
    assert me(tokens["access"]).body["message"] == "OK"
    access = ask(app, "POST", "/api/auth/refresh", {"refresh": tokens["refresh"]}).data["access"]
    for asked, nepali in (("", True), ("fr", True), ("*", True), ("en", False), ("en;q=0.5, ne;q=0.1", False)):
        assert (me(access, **{"Accept-Language": asked}).body["message"] == "ठिक छ") is nepali, asked
    missing = ask(app, "GET", "/api/rentals/nobodys", token=access)
    assert missing.body["message"] == KINDS["not_found"].ne
    again = me(sign_in(street, PHONE)["access"])
    assert again.body["message"] == "ठिक छ"


def test_a_language_we_do_not_speak_is_not_believed(street: Street) -> None:
    tokens = register(street)
    claims = dict(street.world.tokens.read(tokens["access"], audience="access")) | {"lang": "fr"}
    until = street.world.now() + timedelta(minutes=5)
    strange = street.world.tokens.sign(claims, audience="access", until=until)
    assert me(strange).body["message"] == "OK"


PROFILE = {"full_name": "A B", "date_of_birth": "1990-01-01", "address": "Patan"}
PAPERS = {
    "document_type": "citizenship",
    "document_number": "27-01-70-01234",
    "issued_district": "Kaski",
    "issued_date": "2074-05-12",
    "document_front": "an-upload",
}


@pytest.mark.parametrize(
    ("door", "body"),
    [
        ("GET /api/auth/me", None),
        ("GET /api/user/profile", None),
        ("PUT /api/user/profile", PROFILE),
        ("PATCH /api/user/profile", PROFILE),
        ("GET /api/user/analytics/usage-stats", None),
        ("POST /api/auth/kyc", PAPERS),
        ("PATCH /api/auth/kyc", PAPERS),
        ("GET /api/auth/kyc-status", None),
    ],
)
def test_an_operator_is_no_customer_and_is_told_so_as_documented(
    street: Street, door: str, body: dict[str, str] | None
) -> None:
    operator = builders.operator_account(street.world, "desk@example.com", "a password", Role.SUPPORT)
    token = token_for(street.world, builders.sign_in(street.world, operator))
    method, path = door.split(" ")
    answer = ask(app, method, path, body, token=token)
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize("token", ["é.é.é", "\ud800.\ud800.\ud800", "..", "a" * 9000])
def test_what_can_be_no_token_is_no_token(street: Street, token: str) -> None:
    assert me(token).status == 401
