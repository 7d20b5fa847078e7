"""The second factor of operators: enrolment, codes that count once, recovery codes, roles that need it."""

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services.auth import signin
from chalicelib.tables.audit_log import AuditLogRow
from chalicelib.world import Unavailable
from tests.engines.interleaving import interleave
from tests.functions.test_budgets import calls
from tests.services.test_field_encryption import VaultWithoutAnswer
from tests.world.authenticator import FACTOR, Authenticator, enrolled
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

EMAIL, PASSWORD = "asha@example.com", "a password"


@pytest.fixture
def asha(network: Network) -> str:
    return network.operator(EMAIL, Role.FINANCE).user_id


@pytest.fixture
def phone(network: Network, asha: str) -> Authenticator:
    return enrolled(network.fake_world.clock, token_of(network, asha))


def login(otp: str | None = None, **more: Any) -> Reply:
    body = {"email": EMAIL, "password": PASSWORD, **more} | ({"otp": otp} if otp else {})
    return request(app, "POST", "/api/admin/login", body)


def test_a_sign_in_needs_password_and_code(phone: Authenticator) -> None:
    before = login()
    assert (before.status, before.code) == (401, "second_factor_needed")
    assert login(phone.code(), password="wrong").code == "wrong_credentials"
    assert login(phone.code()).status == 200


def test_a_secret_counts_only_after_its_first_code(network: Network, asha: str) -> None:
    token = token_of(network, asha)
    assert request(app, "POST", FACTOR, {"password": PASSWORD}, token=token).status == 201
    assert request(app, "POST", f"{FACTOR}/confirm", {"otp": "000000"}, token=token).code == "second_factor_wrong"
    assert login().status == 200


def test_an_enrolment_needs_the_password(network: Network, asha: str) -> None:
    token = token_of(network, asha)
    for _ in range(5):
        assert request(app, "POST", FACTOR, {"password": "wrong"}, token=token).code == "password_wrong"
    assert request(app, "POST", FACTOR, {"password": PASSWORD}, token=token).code == "rate_limited"


def test_an_enrolment_with_the_right_password_starts_the_count_of_tries_again(network: Network, asha: str) -> None:
    token = token_of(network, asha)
    for _ in range(4):
        request(app, "POST", FACTOR, {"password": "wrong"}, token=token)
    assert request(app, "POST", FACTOR, {"password": PASSWORD}, token=token).status == 201
    assert request(app, "POST", FACTOR, {"password": "wrong"}, token=token).code == "password_wrong"


def test_a_code_counts_once(phone: Authenticator) -> None:
    code = phone.code()
    assert login(code).status == 200
    assert login(code).code == "second_factor_wrong"
    phone.clock.advance(seconds=30)
    assert login(code).code == "second_factor_wrong"


def test_the_code_of_the_confirmation_opens_no_session(network: Network, asha: str) -> None:
    token = token_of(network, asha)
    made = request(app, "POST", FACTOR, {"password": PASSWORD}, token=token).data
    code = Authenticator(network.fake_world.clock, made["secret"], []).code()
    assert request(app, "POST", f"{FACTOR}/confirm", {"otp": code}, token=token).status == 200
    assert login(code).code == "second_factor_wrong"
    assert request(app, "GET", "/api/admin/me", token=token).code == "session_ended"


def test_one_code_in_two_sign_ins_at_once_opens_one(phone: Authenticator) -> None:
    code = phone.code()
    with interleave(lambda: login(code)) as results:
        second = login(code)
    assert sorted([results[0].status, second.status]) == [200, 422]


def test_each_recovery_code_counts_once(phone: Authenticator) -> None:
    assert len(set(phone.recovery_codes)) == 10
    first, second, *_ = phone.recovery_codes
    assert login(first).status == 200
    assert login(first).code == "second_factor_wrong"
    typed = f" {second[:4].lower()}-{second[4:]} "
    assert login(typed).status == 200


GROUPED = [
    *(
        "{0} {1}",
        "{0}-{1}",
        "{0}\u00a0{1}",
        "{0}\u2011{1}",
        "{0}\u200b{1}",
        "\u202a{0}{1}\u202c",
        "{0}.{1}",
        "({0}){1}",
    ),
    *("{0} \u2013 {1}", "{0}\u2800{1}", "{0}\u00ad{1}\ufeff", "\u2066{0}/{1}\u2069"),
]


@pytest.mark.parametrize("form", GROUPED, ids=ascii)
def test_a_code_typed_in_groups_is_that_code(phone: Authenticator, form: str) -> None:
    code, (recovery, *_) = phone.code(), phone.recovery_codes
    assert login(form.format(code[:3], code[3:])).status == 200
    assert login(form.format(recovery[:6].lower(), recovery[6:])).status == 200


@pytest.mark.parametrize("script", ["٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９"])
def test_a_code_may_be_typed_in_digits_of_another_script(phone: Authenticator, script: str) -> None:
    code = "".join(script[int(digit)] for digit in phone.code())
    assert login(f"{code[:3]} {code[3:]}").status == 200


def test_guesses_of_codes_are_limited_as_passwords_are(phone: Authenticator) -> None:
    for _ in range(5):
        assert login("000000").code == "second_factor_wrong"
    assert login(phone.code()).code == "rate_limited"
    phone.clock.advance(minutes=15)
    assert login(phone.code()).status == 200


@pytest.mark.parametrize("by", ["code", "recovery"])
def test_the_second_factor_is_turned_off_by_a_code(network: Network, phone: Authenticator, by: str) -> None:
    token = login(phone.code()).data["access_token"]
    assert request(app, "DELETE", FACTOR, {"otp": "000000"}, token=token).code == "second_factor_wrong"
    code = phone.code() if by == "code" else phone.recovery_codes[0]
    assert request(app, "DELETE", FACTOR, {"otp": code}, token=token).data == {"has_second_factor": False}
    assert login().status == 200
    assert request(app, "DELETE", FACTOR, {"otp": phone.code()}, token=token).code == "not_found"


def test_a_second_enrolment_replaces_no_second_factor(phone: Authenticator) -> None:
    token = login(phone.code()).data["access_token"]
    before = all_rows()
    for path, body in ((FACTOR, {"password": PASSWORD}), (f"{FACTOR}/confirm", {"otp": phone.recovery_codes[0]})):
        assert request(app, "POST", path, body, token=token).code in ("second_factor_exists", "rate_limited")
    assert {name for name, rows in all_rows().items() if rows != before[name]} <= {"test-counters"}


def test_a_super_admin_resets_a_lost_second_factor(network: Network, phone: Authenticator, asha: str) -> None:
    super_admin = token_of(network, network.operator("boss@example.com", Role.SUPER_ADMIN).user_id)
    path = f"/api/admin/profiles/{asha}/second-factor"
    assert request(app, "DELETE", path, token=super_admin).data["has_second_factor"] is False
    assert login().status == 200
    actions = [str(row.action) for row in AuditLogRow.scan() if row.target == asha]
    assert sorted(actions) == ["second_factor_confirmed", "second_factor_enrolled", "second_factor_reset"]


def test_no_row_shows_secret_or_recovery_code(phone: Authenticator) -> None:
    stored = str(all_rows())
    for shown in (phone.secret, *phone.recovery_codes):
        assert shown not in stored


def test_a_role_that_needs_it_can_do_nothing_else_before(network: Network, asha: str) -> None:
    token = token_of(network, asha)
    network.fake_world.settings = replace(network.fake_world.settings, second_factor_finance=1)
    assert request(app, "GET", "/api/admin/refunds", token=token).code == "second_factor_missing"
    assert request(app, "GET", "/api/admin/me", token=token).data["needs_second_factor"] is True
    phone = enrolled(network.fake_world.clock, token)
    signed_in = login(phone.code()).data["access_token"]
    assert request(app, "GET", "/api/admin/refunds", token=signed_in).status == 200
    other = token_of(network, network.operator("support@example.com", Role.SUPPORT).user_id)
    assert request(app, "GET", "/api/admin/kyc/submissions", token=other).status == 200


def test_a_vault_that_does_not_answer_opens_no_session(network: Network, phone: Authenticator) -> None:
    without_keys = replace(network.world, vault=VaultWithoutAnswer())
    with pytest.raises(Unavailable):
        signin.login_operator(without_keys, EMAIL, PASSWORD, "192.0.2.7", otp=phone.code())
    assert login(phone.code()).status == 200


def test_a_sign_in_with_a_code_takes_as_many_calls_as_without(network: Network, phone: Authenticator) -> None:
    body = {"email": EMAIL, "password": PASSWORD, "otp": phone.code()}
    counts = calls(network, "POST", "/api/admin/login", body, anonymous=True)
    assert counts.round_trips == 4, counts.calls
