"""E-mail addresses are read as email-validator reads them, apart from the differences listed here."""

import re
import string

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.auth.email import parse_email_address
from chalicelib.domain.text.digits import ascii_digits

ATOMS = string.ascii_letters + string.digits + "!#$%&'*+/=?^_`{|}~-"
NO_TOP_LEVEL = re.compile(r"\.([^.]|[0-9][^.]*)$")
"""One character, or a digit first: no such top-level domain exists, and the digits may be an IP address."""
UNREGISTRABLE = re.compile(r"[@.]..--|[0-9]$")
"""Hyphens in the third and fourth place belong to IDNA, and no top-level domain ends with a digit.

We accept both, because nobody can have such a domain, and mail to it comes back.
"""
ONLY_OURS = {
    "  sita@example.com\n": "We trim the blanks that an app or a keyboard adds.",
    "\u202asita@example.com\u202c": "We trim invisible marks that copying adds.",
}
ONLY_THEIRS = {
    "सीता@example.com": "Few mail servers take a local part in another script.",
    "sita@straße.example": "IDNA 2003 and IDNA 2008 make two different domains of it.",
    "sita@example.c": "No top-level domain has one character.",
    "sita@example.1a": "No top-level domain begins with a digit.",
}


def email_validator(text: str) -> str | None:
    """The address in ASCII and lower case as we store it, or None. Reserved domains count as any other."""
    try:
        valid = validate_email(text, strict=True, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return str(valid.ascii_email or valid.normalized).lower()


@given(
    st.emails()
    | st.text(ATOMS + "@.", max_size=30)
    | st.builds("{}@{}.{}".format, *[st.text(ATOMS + ".", min_size=1, max_size=12)] * 3)
    | st.builds(
        "{}@{}.com".format, st.text(ATOMS, min_size=60, max_size=68), st.text("ab-", min_size=60, max_size=66)
    )
)
def test_a_plain_address_is_read_alike(text: str) -> None:
    if NO_TOP_LEVEL.search(text):
        assert parse_email_address(text) is None
    elif UNREGISTRABLE.search(text):
        assert email_validator(text) in (None, parse_email_address(text))
    else:
        assert parse_email_address(text) == email_validator(text)


@given(st.builds("{}@{}.{}".format, *[st.text(min_size=1, max_size=8)] * 3))
def test_two_verdicts_on_a_domain_in_another_script_never_name_two_domains(text: str) -> None:
    assume(ascii_digits(text) == text)
    ours, theirs = parse_email_address(text), email_validator(text)
    assert ours is None or theirs is None or not theirs.isascii() or ours == theirs


def test_a_digit_of_another_script_in_a_domain_is_read_as_the_ascii_digit() -> None:
    assert (
        parse_email_address("sita@बैंक१.com") == parse_email_address("sita@बैंक1.com") == email_validator("sita@बैंक1.com")
    )
    assert email_validator("sita@बैंक१.com") != parse_email_address("sita@बैंक१.com")


@pytest.mark.parametrize("text", ["sita@ab--cd.com", "sita@example.a1"])
def test_we_alone_accept_a_domain_that_cannot_be_registered(text: str) -> None:
    assert (parse_email_address(text), email_validator(text)) == (text, None)


@pytest.mark.parametrize("text", ONLY_OURS)
def test_we_alone_trim_what_copying_adds(text: str) -> None:
    assert (parse_email_address(text), email_validator(text)) == ("sita@example.com", None)


@pytest.mark.parametrize("text", ONLY_THEIRS)
def test_email_validator_alone_accepts_addresses_that_may_not_be_deliverable(text: str) -> None:
    assert parse_email_address(text) is None
    assert email_validator(text) is not None
