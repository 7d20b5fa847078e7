"""One-time passwords against the vectors of RFC 6238, and their single use."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.operators import totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert totp.code_at(SECRET, totp.current_step(datetime.fromtimestamp(seconds, UTC))) == code


@pytest.mark.parametrize(("drift", "matches"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_may_be_one_step_ahead_or_behind(drift: int, matches: bool) -> None:
    code = totp.code_at(SECRET, 1000 + drift)
    assert totp.matching_step(SECRET, code, 1000, after=0) == (1000 + drift if matches else None)


def test_a_used_step_and_all_before_it_match_no_more() -> None:
    for step in (999, 1000):
        assert totp.matching_step(SECRET, totp.code_at(SECRET, step), 1000, after=1000) is None
    assert totp.matching_step(SECRET, totp.code_at(SECRET, 1001), 1000, after=1000) == 1001


def test_a_secret_is_read_back_from_its_text() -> None:
    assert totp.secret_of(totp.secret_text(SECRET)) == SECRET
    uri = totp.enrolment_uri(SECRET, "asha@example.com")
    assert uri == f"otpauth://totp/Bijuli:asha%40example.com?secret={totp.secret_text(SECRET)}&issuer=Bijuli"
