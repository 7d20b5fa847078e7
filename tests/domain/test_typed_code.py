"""Codes that people type: what looks like a code is that code."""

import pytest

from chalicelib.domain.text.typed_code import typed_code


@pytest.mark.parametrize(
    "written",
    [
        "DASHAIN50",
        " dashain-50 ",
        "Dashain 50",
        "ＤＡＳＨＡＩＮ５０",
        "DАSHАІN50",
        "ΔASHAIN50".replace("Δ", "D"),
        "DΑSΗΑΙΝ50",
        "D\u200dA\u200bSH\u2060AIN\ufeff50",
        "dаѕhаіn५०",
        "𝐃𝐀𝐒𝐇𝐀𝐈𝐍𝟓𝟎",
    ],
    ids=ascii,
)
def test_codes_that_look_alike_are_one_code(written: str) -> None:
    assert typed_code(written) == "DASHAIN50"


@pytest.mark.parametrize("written", ["", " ", "-", "दशैं50", "DASHAIN5Ж", "DÁSHAIN50"], ids=ascii)
def test_a_text_with_other_letters_is_no_code(written: str) -> None:
    assert typed_code(written) is None
