"""Phone numbers are read as Google's libphonenumber reads them, apart from the differences listed here."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from chalicelib.domain.auth.phone import COUNTRY, parse_mobile_number

MOBILE_TYPES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
WITH_MORE_THAN_A_NUMBER = [
    "9841234567;",
    "9841234567 ext 5",
    "tel:9841234567",
    "abc9841234567",
    "9841234567a",
]
"""libphonenumber drops what surrounds a number. We refuse the text, because it may hold a second number."""


def libphonenumber(text: str) -> str | None:
    """E.164 of a valid Nepali mobile number, or None."""
    try:
        number = phonenumbers.parse(text, "NP")
    except phonenumbers.NumberParseException:
        return None
    is_ours = number.country_code == int(COUNTRY) and phonenumbers.is_valid_number(number)
    if not is_ours or phonenumbers.number_type(number) not in MOBILE_TYPES:
        return None
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


@pytest.mark.parametrize("first", range(10))
def test_every_prefix_is_a_mobile_prefix_exactly_where_libphonenumber_says_so(first: int) -> None:
    for rest in range(100):
        for tail in ("0000000", "1234567", "9999999", "123456", "12345678"):
            number = f"{first}{rest:02d}{tail}"
            assert parse_mobile_number(number) == libphonenumber(number), number


@given(st.text(max_size=40) | st.text("0123456789०१२३४५६७८९+-. ()", max_size=20))
def test_libphonenumber_reads_the_same_number_from_every_text_that_we_accept(text: str) -> None:
    number = parse_mobile_number(text)
    assert number is None or libphonenumber(text) == number


@given(
    st.integers(900, 999),
    st.integers(0, 9_999_999),
    st.sampled_from(["", "0", "977", "+977", "00977", "+977 0"]),
    st.sampled_from(["", " ", "-", ".", " - "]),
)
def test_a_written_number_is_read_alike(prefix: int, rest: int, before: str, gap: str) -> None:
    written = f"{before}{gap if before else ''}{prefix}{gap}{rest:07d}"
    assert parse_mobile_number(written) == libphonenumber(written)


@pytest.mark.parametrize("text", WITH_MORE_THAN_A_NUMBER)
def test_only_libphonenumber_finds_a_number_inside_a_longer_text(text: str) -> None:
    assert libphonenumber(text) == "+9779841234567"
    assert parse_mobile_number(text) is None
