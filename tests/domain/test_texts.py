"""Texts for customers: complete in both languages, short enough, and free of internal words."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest

from chalicelib.domain.payments.topup_failure import TOPUP_FAILED, TOPUP_IN_REVIEW, TOPUP_TEXTS
from chalicelib.domain.problems.problem_reasons import REASON_TEXTS, Reason
from chalicelib.domain.problems.problems import PROBLEM_KINDS, Problem
from chalicelib.domain.problems.validation_codes import ValidationCode
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.problems.validation_texts import VALIDATION_TEXTS
from chalicelib.domain.rentals.rental_failure import EJECT_FAILED, RENTAL_TEXTS
from chalicelib.domain.text.texts import Text, rupees_text

INTERNAL_WORDS = ("body", "cursor", "token", "key", "signature", "pattern", "storage", "gateway", "away", "papers")
WORDS_TO_AVOID = ("बिजुली", "स्टेशन", "प्वाइन्ट", "साइन इन", "अंक", "पैसा", "परिचय", "ब्यालेन्स")
FOR_DEVELOPERS = {"webhook_forged"}
MAX_MESSAGE_LENGTH = 60


def all_texts() -> Iterator[tuple[str, Text]]:
    yield from ((f"problem {code}", Text(kind.en, kind.ne)) for code, kind in PROBLEM_KINDS.items())
    yield from ((f"validation {code}", text) for code, text in VALIDATION_TEXTS.items())
    yield from ((f"reason {code}", text) for code, text in REASON_TEXTS.items())
    failures = {**TOPUP_TEXTS, "failed": TOPUP_FAILED, "in_review": TOPUP_IN_REVIEW}
    yield from ((f"top-up {code}", text) for code, text in failures.items())
    yield from ((f"rental {code}", text) for code, text in {**RENTAL_TEXTS, "eject_failed": EJECT_FAILED}.items())


@pytest.mark.parametrize(("name", "text"), list(all_texts()))
def test_a_text_is_there_in_both_languages(name: str, text: Text) -> None:
    assert text.en.isascii()
    assert re.search("[\u0900-\u097f]", text.ne)
    assert placeholders(text.en) == placeholders(text.ne)


@pytest.mark.parametrize(("name", "text"), list(all_texts()))
def test_a_text_names_no_internal_thing(name: str, text: Text) -> None:
    words = set(re.findall("[a-z]+", text.en.lower()))
    assert words & set(INTERNAL_WORDS) == set() or name.removeprefix("problem ") in FOR_DEVELOPERS
    assert [word for word in WORDS_TO_AVOID if word in text.ne] == []


@pytest.mark.parametrize(("name", "text"), list(all_texts()))
def test_a_nepali_text_has_no_space_before_a_full_stop(name: str, text: Text) -> None:
    assert " ।" not in text.ne


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_every_validation_code_has_a_text() -> None:
    assert set(VALIDATION_TEXTS) == set(get_args(ValidationCode))


@pytest.mark.parametrize("code", sorted(VALIDATION_TEXTS))
def test_a_validation_message_fits_under_its_field(code: ValidationCode) -> None:
    values = {"min": 10, "max": 50, "days": 366}
    if code == "amount_out_of_range":
        values = {"min_paisa": 1_000, "max_paisa": 10_000_000}
    for language in ("en", "ne"):
        assert len(validation_message(code, **values).text(language)) <= MAX_MESSAGE_LENGTH


def test_every_text_of_a_reason_is_of_a_declared_reason() -> None:
    assert set(REASON_TEXTS) <= set(Reason)


def test_a_reason_with_a_text_replaces_the_text_of_its_problem() -> None:
    plain, damaged = Problem("image_invalid"), Problem("image_invalid", reason=Reason.PHOTO_DAMAGED)
    assert plain.text("en") == PROBLEM_KINDS["image_invalid"].en
    assert damaged.text("en") == "This photo is damaged. Please take it again."
    assert damaged.text("ne") == "यो फोटो बिग्रिएको छ। कृपया फेरि खिच्नुहोस्।"
    assert Problem("malformed_body", reason=Reason.CUT_SHORT).text("ne") == PROBLEM_KINDS["malformed_body"].ne


@pytest.mark.parametrize(
    ("paisa", "english", "nepali"),
    [
        (0, "0", "०"),
        (50, "0.50", "०.५०"),
        (12_050, "120.50", "१२०.५०"),
        (50_000, "500", "५००"),
        (99_900, "999", "९९९"),
        (150_000, "1,500", "१,५००"),
        (10_000_000, "1,00,000", "१,००,०००"),
        (1_234_567_850, "1,23,45,678.50", "१,२३,४५,६७८.५०"),
        (-12_000, "-120", "-१२०"),
    ],
)
def test_an_amount_is_grouped_as_in_nepal(paisa: int, english: str, nepali: str) -> None:
    assert (rupees_text(paisa, "en"), rupees_text(paisa, "ne")) == (english, nepali)


def test_values_are_written_in_the_readers_digits() -> None:
    limits = validation_message("amount_out_of_range", min_paisa=1_000, max_paisa=10_000_000)
    assert limits.text("en") == "Enter an amount from Rs. 10 to Rs. 1,00,000."
    assert limits.text("ne") == "रु. १० देखि रु. १,००,००० सम्मको रकम लेख्नुहोस्।"


def test_one_of_a_thing_is_in_the_singular() -> None:
    text = Text("{points} points in {minutes} minutes", "{minutes} मिनेटमा {points} पोइन्ट")
    assert text.render("en", {"points": 1, "minutes": 1}) == "1 point in 1 minute"
    assert text.render("en", {"points": 2, "minutes": 0}) == "2 points in 0 minutes"
    assert text.render("ne", {"points": 1, "minutes": 15}) == "१५ मिनेटमा १ पोइन्ट"


def test_a_persons_own_words_are_left_as_they_are() -> None:
    text = Text("Reason: {reason}", "कारण: {reason}")
    assert text.render("ne", {"reason": "Only page 1 of {2}"}) == "कारण: Only page 1 of {2}"
