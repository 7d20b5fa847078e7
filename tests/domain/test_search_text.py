"""Search text: different spellings of the same words are equal."""

import pytest

from chalicelib.domain.text.search_text import search_text

SAME = [
    ("Labim Mall", "LABIM   mall"),
    ("Labim Mall", " labim\u00a0\t mall\n"),
    ("Labim Mall", "labim\u3000mall"),
    ("Labim Mall", "ｌａｂｉｍ　ｍａｌｌ"),
    ("Café Sóma", "Cafe\u0301 So\u0301ma"),
    ("Straße", "STRASSE"),
    ("लाज़िम्पाट", "लाज\u093cिम्पाट"),
    ("बस पार्क", "बस  पार\u094d\u200dक"),
    ("लक्ष्मी", "लक\u094d\u200cष\u094dमी"),
    ("चाँदनी चोक", "चांदनी चोक"),
    ("काठमाडौँ", "काठमाडौं"),
    ("न्यूरोड", "न्यू\u200bरोड"),
    ("न्यूरोड", "\ufeffन्यू\u00adरोड\u2060"),
    ("वडा नं. १०", "वडा नँ. 10"),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=ascii)
def test_spellings_of_the_same_words_are_equal(one: str, other: str) -> None:
    assert search_text(one) == search_text(other)


@pytest.mark.parametrize(("one", "other"), [("पाटन", "पटन"), ("रामकोट", "राम कोट"), ("Mall", "Mal"), ("कमल", "कमला")])
def test_other_words_fold_to_different_texts(one: str, other: str) -> None:
    assert search_text(one) != search_text(other)


@pytest.mark.parametrize("text", [text for pair in SAME for text in pair], ids=ascii)
def test_folded_text_folds_to_itself(text: str) -> None:
    assert search_text(search_text(text)) == search_text(text)
