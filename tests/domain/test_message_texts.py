"""Texts of notifications, of one-time codes and of transactions, in both languages."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.auth.otp_texts import MAIL, MAIL_SUBJECT, SMS, code_message
from chalicelib.domain.money.transaction_texts import POSTING_TEXTS, TYPE_TEXTS
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.notifications.notification_templates import TEMPLATES
from chalicelib.domain.notifications.notification_texts.template import ONE_POINT, ONLY_MONEY, ONLY_POINTS
from chalicelib.domain.operators import rejection_reasons
from chalicelib.domain.operators.rejection_reasons import KycRejection, RefundRejection, reason_text
from chalicelib.domain.text.texts import Text

GSM_7 = re.compile(r"[A-Za-z0-9 @$_!\"#%&'()*+,\-./:;<=>?\n]*")
"""The ASCII characters of the GSM-7 alphabet that take one place."""
MAX_TITLE, MAX_MESSAGE = 30, 110
LONG_DATA: dict[str, Any] = {
    "amount_paisa": 500_050,
    "late_fee_paisa": 200_050,
    "due_paisa": 200_050,
    "points": 100_000,
    "minutes": 15,
    "hours": 24,
    "used_minutes": 23 * 60 + 59,
    "late_minutes": 23 * 60 + 59,
    "slot_number": 48,
    "due_at": "2026-11-29T09:00:00Z",
    "achievement": {"en": "Referral Champion", "ne": "रेफरल च्याम्पियन"},
    "code": "DASHAIN2083",
    "queue": "payment-events-dead-letters",
    "gateway": "khalti",
    "day": "2026-11-28",
    "station": "Bhat-Bhateni Super Market, Maharajgunj, Gate 2",
}
WRITTEN_AT = datetime(2026, 11, 28, 3, tzinfo=UTC)


def all_texts() -> Iterator[tuple[str, Text]]:
    for kind, template in TEMPLATES.items():
        yield f"{kind} title", template.title
        yield f"{kind} message", template.message
    texts = {"only money": ONLY_MONEY, "only points": ONLY_POINTS, "one point": ONE_POINT}
    texts |= {"sms": SMS, "mail": MAIL, "mail subject": MAIL_SUBJECT}
    yield from (*texts.items(), *rejection_reasons.REASON_TEXTS.items(), *TYPE_TEXTS.items(), *POSTING_TEXTS.items())


@pytest.mark.parametrize(("name", "text"), list(all_texts()))
def test_a_text_is_there_in_both_languages(name: str, text: Text) -> None:
    assert text.en.isascii()
    assert re.search("[\u0900-\u097f]", text.ne)
    assert sorted(re.findall(r"\{\w+\}", text.en)) == sorted(re.findall(r"\{\w+\}", text.ne))
    assert "बिजुली" not in text.ne


def test_every_kind_of_notification_has_a_template() -> None:
    assert set(TEMPLATES) == set(NotificationKind)


@pytest.mark.parametrize("language", ["en", "ne"])
@pytest.mark.parametrize("kind", NotificationKind)
def test_a_notification_fits_on_a_locked_screen(kind: NotificationKind, language: str) -> None:
    title, message = TEMPLATES[kind].render(language, LONG_DATA, WRITTEN_AT)
    assert 0 < len(title) <= MAX_TITLE
    assert 0 < len(message) <= MAX_MESSAGE
    assert not title.endswith((".", "।"))
    assert "{" not in title + message


def test_amounts_are_in_the_readers_digits_and_paisa_only_where_there_are_any() -> None:
    render = TEMPLATES[NotificationKind.TOPUP_CREDITED].render
    assert render("en", {"amount_paisa": 50_000}).message == "Rs. 500 has been added to your wallet."
    assert render("ne", {"amount_paisa": 12_050}).message == "तपाईंको वालेटमा रु. १२०.५० थपियो।"


@pytest.mark.parametrize(
    ("paisa", "points", "english", "nepali"),
    [
        (2_000, 200, "Rs. 20 and 200 points are back in your account.", "रु. २० र २०० पोइन्ट तपाईंको खातामा फिर्ता भयो।"),
        (2_000, 1, "Rs. 20 and 1 point are back in your account.", "रु. २० र १ पोइन्ट तपाईंको खातामा फिर्ता भयो।"),
        (2_000, 0, "Rs. 20 is back in your wallet.", "रु. २० तपाईंको वालेटमा फिर्ता भयो।"),
        (0, 200, "200 points are back in your account.", "२०० पोइन्ट तपाईंको खातामा फिर्ता भयो।"),
        (0, 1, "1 point is back in your account.", "१ पोइन्ट तपाईंको खातामा फिर्ता भयो।"),
    ],
)
def test_a_refund_to_the_wallet_names_only_what_came_back(paisa: int, points: int, english: str, nepali: str) -> None:
    template, data = TEMPLATES[NotificationKind.REFUND_TO_WALLET], {"amount_paisa": paisa, "points": points}
    assert (template.render("en", data).message, template.render("ne", data).message) == (english, nepali)


def test_a_reason_comes_last_without_a_full_stop_of_ours() -> None:
    render = TEMPLATES[NotificationKind.KYC_REJECTED].render
    assert render("en", {"reason": "It is blurred"}).message.endswith("Reason: It is blurred")
    assert render("ne", {"reason": "It is blurred"}).message.endswith("कारण: It is blurred")


@pytest.mark.parametrize("data", [{}, {"reason": ""}, {"reason": None}])
def test_without_a_reason_the_text_does_not_mention_one(data: dict[str, Any]) -> None:
    render = TEMPLATES[NotificationKind.KYC_REJECTED].render
    assert render("en", data).message == "We couldn't accept your documents. Please send them again."
    assert render("ne", data).message == "तपाईंको कागजात स्वीकृत भएन। कृपया फेरि पठाउनुहोस्।"


def test_every_reason_code_has_a_text_and_other_words_stay() -> None:
    assert set(rejection_reasons.REASON_TEXTS) == {*KycRejection, *RefundRejection}
    assert reason_text("photo_unclear", "ne") == "फोटो प्रस्ट छैन।"
    assert reason_text("Your own words", "ne") == "Your own words"


def test_a_reason_code_is_read_in_the_readers_language() -> None:
    render = TEMPLATES[NotificationKind.REFUND_REJECTED].render
    data = {"amount_paisa": 50_000, "reason": RefundRejection.AMOUNT_USED.value}
    assert render("en", data).message.endswith("Reason: The amount has been used.")
    assert render("ne", data).message.endswith("कारण: यो रकम प्रयोग भइसकेको छ।")


@pytest.mark.parametrize("minutes", [1, 5, 60])
def test_an_sms_fits_into_one_segment(minutes: int) -> None:
    english, nepali = (code_message("012345", language, minutes * 60).sms for language in ("en", "ne"))
    assert GSM_7.fullmatch(english)
    assert len(english) <= 160
    assert len(nepali) <= 70


@pytest.mark.parametrize("language", ["en", "ne"])
def test_the_code_comes_first_and_in_latin_digits(language: str) -> None:
    message = code_message("012345", language, 300)
    assert message.sms.startswith("012345 ")
    assert message.mail.startswith("012345 ")
    assert "012345" not in message.mail_subject


def test_the_lifetime_is_in_the_readers_digits() -> None:
    assert "works for 5 minutes." in code_message("012345", "en", 300).sms
    assert "works for 1 minute." in code_message("012345", "en", 60).sms
    assert "५ मिनेट चल्छ" in code_message("012345", "ne", 300).sms
