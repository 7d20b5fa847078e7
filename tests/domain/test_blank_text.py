"""Text that people read must show something."""

import unicodedata

import pytest

from chalicelib.domain.text.blank_text import shows_something

INVISIBLE = [
    *("", " ", "\u00a0", "\u3000\t\n", "\u1680"),
    *("\u200b", "\u200b\u200c\u200d", "\u2060\ufeff", "\u00ad", "\u180e", "\u202e\u202c", "\u2066\u2069", "\u061c"),
    *("\u2800", "\u2800\u2800 \u2800", "\u115f", "\u1160", "\u3164", "\uffa0", "\U00013441\U00013442", "\U0001d159"),
    *("\U000e0061\U000e0062\U000e007f", "\U000e0001", "\ufe0f", "\U000e0100", "\u034f", "\u17b4\u17b5"),
    *("\u0301\u0302", "\u0901\u0902\u0903", "\u093e", "\u094d\u200d", "\u20dd", " \u0301", "\u00a0\u0901"),
    *("\ue000", "\U000f0000", "\ufff9\ufffb", "\x7f", "\u2028\u2029", "\U0001d173", "\U0001bca0", "\ufffc"),
]
VISIBLE = [
    *("Sita", "S", "7", "?", "-", "सीता", "श्री", "क्\u200dष", "श्रीमान्\u200c", "र्\u200dयाक", "\u200bSita\u200b"),
    *(
        "😀",
        "👨\u200d👩\u200d👧",
        "🇳🇵",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "山田",
        "محمد",
        "김",
        "\u0915\u0901",
        "\u2801",
        "₹",
    ),
]


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_invisible_text_shows_nothing(text: str) -> None:
    assert not shows_something(text)


@pytest.mark.parametrize("text", VISIBLE, ids=ascii)
def test_one_visible_character_shows_something(text: str) -> None:
    assert shows_something(text)


def test_every_letter_but_the_blank_ones_shows_something() -> None:
    letters = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code))[0] in "LN"]
    blank = [letter for letter in letters if not shows_something(letter)]
    assert set(blank) <= set("\u115f\u1160\u3164\uffa0\U00013441\U00013442")
