"""Nepali mobile numbers: every spelling gives one number, and other text gives none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.auth.phone import parse_mobile_number
from chalicelib.domain.text.digits import ascii_digits

NUMBER = "9841234567"
E164 = "+9779841234567"
SCRIPTS = ("०१२३४५६७८९", "0123456789", "٠١٢٣٤٥٦٧٨٩")
IN_USE = [900, 961, 962, 963, 970, 971, 972, 974, 975, 976, 980, 981, 982, 984, 985, 986, 988]
NOT_IN_USE = [901, 910, 950, 964, 973, 978, 979, 983, 987, 989, 991, 999]


@pytest.mark.parametrize(
    "written",
    [
        NUMBER,
        "984-1234567",
        "98412 34567",
        "(984) 123.4567",
        "09841234567",
        "9779841234567",
        "+977 984-1234567",
        "+977-09841234567",
        "009779841234567",
        "९८४१२३४५६७",
        "९८४-१२३४५६७",
        "९७७ ९८४१२३४५६७",
        "\uff0b\uff19\uff17\uff17\uff19\uff18\uff14\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
        "+977\u00a0984\u20111234567",
        "984\u20131234567",
        "\u202a+977 984-1234567\u202c",
        "984\u200b1234567\n",
    ],
)
def test_every_spelling_of_a_number_is_one_number(written: str) -> None:
    assert parse_mobile_number(written) == E164


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "98412345678",
        "984123456",
        "+9841234567",
        "+919841234567",
        "+9771234567",
        "014123456",
        "00984 1234567",
        "+977+9779841234567",
        "9841234567,9841234568",
        "9841234567;",
        "98412E4567",
        "９８４１２３４５６七",
        "9841234567 " * 4,
        "a@b.example",
    ],
)
def test_text_that_is_no_nepali_mobile_number_gives_none(written: str) -> None:
    assert parse_mobile_number(written) is None


@pytest.mark.parametrize("prefix", IN_USE)
def test_every_range_in_use_is_a_mobile(prefix: int) -> None:
    assert parse_mobile_number(f"{prefix}1234567") == f"+977{prefix}1234567"


@pytest.mark.parametrize("prefix", NOT_IN_USE)
def test_an_unused_range_is_rejected(prefix: int) -> None:
    assert parse_mobile_number(f"{prefix}1234567") is None


@given(st.text(max_size=60))
def test_any_text_is_either_e164_or_nothing(written: str) -> None:
    number = parse_mobile_number(written)
    assert number is None or re.fullmatch(r"\+9779[0-9]{9}", number)
    assert number is None or parse_mobile_number(number) == number


@given(
    st.from_regex(r"98[0-24-68][0-9]{7}", fullmatch=True).filter(str.isascii),
    st.sampled_from(["", "0", "977", "+977", "00977", "+977 0"]),
    st.sampled_from(["", " ", "-", "."]),
    st.sampled_from(SCRIPTS),
)
def test_prefix_gaps_and_script_never_change_the_number(number: str, before: str, gap: str, script: str) -> None:
    written = before + gap + number[:3] + gap + number[3:6] + gap + number[6:]
    digits = str.maketrans("0123456789", script)
    assert parse_mobile_number(written.translate(digits)) == f"+977{number}"


def test_digits_of_any_script_become_ascii_and_the_rest_stays() -> None:
    assert ascii_digits("कोड १२३-४५६") == "कोड 123-456"
    assert ascii_digits("½²") == "½²"
