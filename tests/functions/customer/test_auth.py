"""Sign-in, sign-out, changes of identifiers, and the language of responses."""

from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problems import PROBLEM_KINDS
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.auth import otp_delivery
from tests.world import builders
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_for

PHONE, EMAIL = "+9779841999001", "sita@example.com"


def code(network: Network, identifier: str) -> str:
    """A fresh code, as it arrives by SMS or mail two minutes later."""
    return code_and_id(network, identifier)[1]


def code_and_id(network: Network, identifier: str) -> tuple[str, str]:
    """The challenge id and the code of a fresh request."""
    network.fake_world.clock.advance(minutes=2)
    sent = request(app, "POST", "/api/auth/get-otp", {"identifier": identifier})
    assert sent.status == 200, sent.text
    for body in network.fake_world.queues.take(outbox_messages.OTP):
        otp_delivery.deliver(network.world, body)
    outbox: list[Any] = network.fake_world.mail.sent if "@" in identifier else network.fake_world.sms.sent
    return str(sent.data["challenge_id"]), str(outbox[-1][-1][:6])


def proof(network: Network, identifier: str) -> str:
    guess = {"identifier": identifier, "otp": code(network, identifier)}
    return str(request(app, "POST", "/api/auth/verify-otp", guess).data["verification_token"])


def sign_in(network: Network, identifier: str, route: str = "login", **more: str) -> dict[str, str]:
    order = {"identifier": identifier, "verification_token": proof(network, identifier), **more}
    reply = request(app, "POST", f"/api/auth/{route}", order)
    assert reply.status in (200, 201), reply.text
    return dict(reply.data["tokens"])


def register(network: Network, identifier: str = PHONE, username: str = "sita") -> dict[str, str]:
    return sign_in(network, identifier, "register", username=username)


def me(token: str, **headers: str) -> Reply:
    return request(app, "GET", "/api/auth/me", token=token, headers=headers)


def test_registration_by_email_stores_the_email(network: Network) -> None:
    signed = register(network, "Sita@Example.com")
    answer = me(signed["access"]).data
    assert (answer["email"], answer["phone_number"]) == (EMAIL, None)
    assert me(sign_in(network, EMAIL)["access"]).data["id"] == answer["id"]


@pytest.mark.parametrize("written", ["9841234567@", "a@b", "12345", "a@b@c.example", '"a"@b.example'])
def test_an_invalid_identifier_is_refused_with_a_hint(network: Network, written: str) -> None:
    before = all_rows()
    for route, more in (("get-otp", {}), ("verify-otp", {"otp": "123456"}), ("login", {"verification_token": "x"})):
        reply = request(app, "POST", f"/api/auth/{route}", {"identifier": written, **more})
        assert (reply.status, reply.code) == (422, "invalid_input")
        assert reply.body["errors"] == {"identifier": ["Enter a Nepali mobile number or an email address."]}
    assert all_rows() == before


@pytest.mark.parametrize(("language", "word"), [("ne", "मिनेट"), ("en", "minutes"), ("", "minutes")])
def test_the_code_comes_in_the_language_of_the_request(network: Network, language: str, word: str) -> None:
    headers = {"Accept-Language": language}
    assert request(app, "POST", "/api/auth/get-otp", {"identifier": PHONE}, headers=headers).status == 200
    for body in network.fake_world.queues.take(outbox_messages.OTP):
        otp_delivery.deliver(network.world, body)
    assert word in network.fake_world.sms.sent[-1][1]


def test_get_otp_answers_alike_for_registered_and_unknown(network: Network) -> None:
    register(network)
    register(network, EMAIL, "gita")
    network.fake_world.clock.advance(minutes=15)
    replies = [
        request(app, "POST", "/api/auth/get-otp", {"identifier": identifier})
        for identifier in (PHONE, "+9779841999002", EMAIL, "nobody@example.com")
    ]
    assert {
        (reply.status, reply.body["message"], tuple(reply.data), tuple(sorted(reply.headers))) for reply in replies
    } == {
        (
            200,
            "Done",
            ("identifier", "expires_in_minutes", "resend_after_seconds", "challenge_id"),
            tuple(sorted(replies[0].headers)),
        )
    }


@pytest.mark.parametrize("digits", ["०१२३४५६७८९", "０１２３４５６७８９", "0१２3४５6७８9"])
def test_wrong_codes_in_any_script_count_as_tries(network: Network, digits: str) -> None:
    challenge_id, right = code_and_id(network, EMAIL)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    guesses = [text.translate({ord("0") + n: digits[n] for n in range(10)}) for text in [wrong] * 4 + [right]]
    who = {"identifier": EMAIL, "challenge_id": challenge_id}
    replies = [request(app, "POST", "/api/auth/verify-otp", who | {"otp": guess}) for guess in guesses]
    assert [reply.status for reply in replies] == [422] * 4 + [200]
    challenge_id, right = code_and_id(network, EMAIL)
    who = {"identifier": EMAIL, "challenge_id": challenge_id}
    for guess in [f"{(int(right) + 1) % 1_000_000:06d}"] * 5 + [right]:
        typed = guess.translate({ord("0") + n: digits[n] for n in range(10)})
        assert request(app, "POST", "/api/auth/verify-otp", who | {"otp": typed}).code == "otp_wrong"


@pytest.mark.parametrize(
    "otp", ["½½½½½½", "①②③④⑤⑥", "²²²²²²", "12345６\u0301", "𝟏𝟐𝟑𝟒𝟓𝟔", "໑໒໓໔໕໖", "-12345", "१२३४५६७८९०१२"]
)
def test_odd_digits_neither_crash_nor_sign_in(network: Network, otp: str) -> None:
    code(network, EMAIL)
    reply = request(app, "POST", "/api/auth/verify-otp", {"identifier": EMAIL, "otp": otp})
    assert (reply.status, reply.code) == (422, "otp_wrong")


def test_logout_ends_one_session_or_all(network: Network) -> None:
    first, second, third = register(network), sign_in(network, PHONE), sign_in(network, PHONE)
    other = register(network, EMAIL, "gita")
    assert (
        request(app, "POST", "/api/auth/logout", {"refresh": other["refresh"]}, token=third["access"]).status == 422
    )
    assert (
        request(app, "POST", "/api/auth/logout", {"refresh": third["refresh"]}, token=third["access"]).status == 200
    )
    assert me(third["access"]).code == "session_ended"
    assert me(second["access"]).status == 200
    assert request(app, "POST", "/api/auth/logout", {"all_devices": "true"}, token=second["access"]).status == 200
    for tokens in (first, second):
        assert me(tokens["access"]).code == "session_ended"
        assert request(app, "POST", "/api/auth/refresh", {"refresh": tokens["refresh"]}).code == "session_ended"
    assert me(other["access"]).status == 200


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_profile_changes_an_identifier_only_with_proofs_of_both(network: Network, method: str) -> None:
    register(network)
    new = proof(network, EMAIL)
    token = sign_in(network, PHONE)["access"]
    profile = {"full_name": "Sita", "date_of_birth": "1990-01-01", "address": "Patan"} if method == "PUT" else {}
    order = {**profile, "email": EMAIL, "username": "Sita.G", "identifier_token": new}
    before = all_rows()
    reply = request(app, method, "/api/user/profile", order, token=token)
    assert (reply.status, reply.code) == (422, "verification_needed")
    assert list(reply.body["errors"]) == ["verification_token"]
    assert all_rows() == before
    answer = request(
        app, method, "/api/user/profile", {**order, "verification_token": proof(network, PHONE)}, token=token
    )
    assert answer.status == 200, answer.text
    assert (answer.data["username"], answer.data["email"], answer.data["phone_number"]) == ("Sita.G", EMAIL, PHONE)
    assert request(app, "GET", "/api/user/profile", token=token).data == answer.data


def test_put_profile_without_identifiers_keeps_them(network: Network) -> None:
    token = register(network)["access"]
    order = {"full_name": "Sita", "date_of_birth": "1990-01-01", "address": "Patan"}
    answer = request(app, "PUT", "/api/user/profile", order, token=token).data
    assert (answer["username"], answer["phone_number"], answer["full_name"]) == ("sita", PHONE, "Sita")


@pytest.mark.parametrize("name", ["ab", "a b", "सीता", "a" * 31, "a@b", "", None, 5])
def test_a_new_username_follows_the_rules_of_registration(network: Network, name: object) -> None:
    token = register(network)["access"]
    before = all_rows()
    reply = request(app, "PATCH", "/api/user/profile", {"username": name}, token=token)
    assert (reply.status, list(reply.body["errors"])) == (422, ["username"])
    assert all_rows() == before


def test_the_profile_language_applies_after_the_next_token_refresh(network: Network) -> None:
    tokens = register(network)
    assert request(app, "PATCH", "/api/user/profile", {"language": "ne"}, token=tokens["access"]).status == 200
    assert me(tokens["access"]).body["message"] == "Done"
    access = request(app, "POST", "/api/auth/refresh", {"refresh": tokens["refresh"]}).data["access"]
    for accepted, nepali in (("", True), ("fr", True), ("*", True), ("en", False), ("en;q=0.5, ne;q=0.1", False)):
        assert (me(access, **{"Accept-Language": accepted}).body["message"] == "भयो") is nepali, accepted
    missing = request(app, "GET", "/api/rentals/nobodys", token=access)
    assert missing.body["message"] == PROBLEM_KINDS["not_found"].ne
    second = me(sign_in(network, PHONE)["access"])
    assert second.body["message"] == "भयो"


def test_an_unsupported_language_claim_is_ignored(network: Network) -> None:
    tokens = register(network)
    claims = dict(network.world.tokens.read(tokens["access"], audience="access")) | {"lang": "fr"}
    until = network.world.now() + timedelta(minutes=5)
    strange = network.world.tokens.sign(claims, audience="access", until=until)
    assert me(strange).body["message"] == "Done"


PROFILE = {"full_name": "A B", "date_of_birth": "1990-01-01", "address": "Patan"}
KYC_BODY = {
    "document_type": "citizenship",
    "document_number": "27-01-70-01234",
    "issued_district": "Kaski",
    "issued_date": "2074-05-12",
    "document_front": "an-upload",
}


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("GET /api/auth/me", None),
        ("GET /api/user/profile", None),
        ("PUT /api/user/profile", PROFILE),
        ("PATCH /api/user/profile", PROFILE),
        ("GET /api/user/analytics/usage-stats", None),
        ("POST /api/auth/kyc", KYC_BODY),
        ("PATCH /api/auth/kyc", KYC_BODY),
        ("GET /api/auth/kyc-status", None),
    ],
)
def test_me_of_an_operator_is_not_found(network: Network, route: str, body: dict[str, str] | None) -> None:
    operator = builders.operator_account(network.world, "desk@example.com", "a password", Role.SUPPORT)
    token = token_for(network.world, builders.sign_in(network.world, operator))
    method, path = route.split(" ")
    reply = request(app, method, path, body, token=token)
    assert (reply.status, reply.code) == (404, "not_found")


@pytest.mark.parametrize("token", ["é.é.é", "\ud800.\ud800.\ud800", "..", "a" * 9000])
def test_a_malformed_access_token_is_refused(network: Network, token: str) -> None:
    assert me(token).status == 401
