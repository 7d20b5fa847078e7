"""Validation messages: each kind of wrong value has its message in the caller's language."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.problems.validation_codes import ValidationCode
from chalicelib.domain.problems.validation_texts import VALIDATION_TEXTS
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of

PROFILE = "/api/user/profile"
OTP = "/api/auth/verify-otp"
OPTIONS = "/api/payment/calculate-options"
PHONE = "+9779841234567"


@pytest.mark.parametrize(
    ("method", "path", "fields", "name", "code"),
    [
        ("POST", OTP, {"identifier": PHONE}, "otp", "required"),
        ("POST", OTP, {"identifier": PHONE, "otp": "12"}, "otp", "otp_incomplete"),
        ("POST", OTP, {"identifier": PHONE, "otp": ["1"]}, "otp", "text_expected"),
        ("PATCH", PROFILE, {"username": "सीता"}, "username", "username_format"),
        ("PATCH", PROFILE, {"full_name": ""}, "full_name", "required"),
        ("PATCH", PROFILE, {"language": "fr"}, "language", "option_unknown"),
        ("PATCH", PROFILE, {"date_of_birth": "15/05/1995"}, "date_of_birth", "date_format"),
        ("PATCH", PROFILE, {"date_of_birth": "1995-02-30"}, "date_of_birth", "date_impossible"),
        ("PATCH", PROFILE, {"date_of_birth": "1899-12-31"}, "date_of_birth", "date_too_early"),
        ("PATCH", PROFILE, {"is_admin": True}, "is_admin", "field_unknown"),
        ("PATCH", PROFILE, {"phone_number": "12345"}, "phone_number", "phone_number_format"),
        ("PATCH", PROFILE, {"email": "12345"}, "email", "email_format"),
        ("POST", OPTIONS, {"scenario": "wallet_topup", "amount": "0"}, "amount", "amount_zero"),
        ("POST", OPTIONS, {"scenario": "wallet_topup", "amount": "a lot"}, "amount", "amount_format"),
        ("POST", OPTIONS, {"scenario": "wallet_topup"}, "amount", "amount_missing"),
        ("POST", OPTIONS, {"scenario": "pre_payment"}, "package_id", "package_missing"),
        ("DELETE", "/api/auth/account", {"forfeit_balance": "on"}, "forfeit_balance", "boolean_expected"),
        ("POST", "/api/app/upload", {}, "body", "file_missing"),
    ],
)
def test_a_wrong_value_is_answered_with_its_message(
    network: Network, method: str, path: str, fields: dict[str, Any], name: str, code: ValidationCode
) -> None:
    token = token_of(network, network.customer())
    for language in ("en", "ne"):
        reply = request(app, method, path, fields, token=token, headers={"Accept-Language": language})
        assert reply.status == 422
        assert reply.body["errors"] == {name: [VALIDATION_TEXTS[code].render(language)]}


def test_a_number_out_of_range_is_answered_with_both_limits(network: Network) -> None:
    def messages(query: str, language: str) -> Any:
        return request(app, "GET", f"/api/app/stations{query}", headers={"Accept-Language": language}).body["errors"]

    assert messages("?limit=101", "en") == {"limit": ["Enter a number from 1 to 100."]}
    assert messages("?limit=101", "ne") == {"limit": ["१ देखि १०० सम्मको अङ्क लेख्नुहोस्।"]}
    assert messages("?limit=x", "en") == {"limit": ["Enter a whole number."]}
    assert messages("/nearby?lat=27&lng=85&radius=51", "en") == {"radius": ["Enter a number from 0 to 50."]}
    assert messages("/nearby?lat=91&lng=85", "en") == {"lat": ["Enter a number from -90 to 90."]}


def test_a_text_of_a_wrong_length_is_answered_with_the_limit(network: Network) -> None:
    reply = request(app, "POST", "/api/auth/get-otp", {"identifier": "12"})
    assert reply.body["errors"] == {"identifier": ["Use at least 3 characters."]}
    reply = request(app, "POST", "/api/auth/get-otp", {"identifier": "1" * 255}, headers={"Accept-Language": "ne"})
    assert reply.body["errors"] == {"identifier": ["बढीमा २५४ अक्षर लेख्नुहोस्।"]}
