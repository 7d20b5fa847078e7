"""The kinds of notifications, with their topics and their texts in both languages."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from chalicelib.domain.rejection_reasons import reason_text
from chalicelib.domain.texts import Text


class Topic(StrEnum):
    """The group of kinds that apps filter by."""

    KYC_STATUS = "kyc_status"
    PAYMENT_STATUS = "payment_status"


class NotificationKind(StrEnum):
    """The event that a notification is about."""

    KYC_APPROVED = "kyc_approved"
    KYC_REJECTED = "kyc_rejected"
    TOPUP_CREDITED = "topup_credited"
    REFUND_GRANTED = "refund_granted"
    REFUND_TO_WALLET = "refund_to_wallet"
    REFUND_BY_HAND = "refund_by_hand"
    REFUND_PAID = "refund_paid"
    REFUND_RETURNED = "refund_returned"
    REFUND_REJECTED = "refund_rejected"


class RenderedText(NamedTuple):
    """Title and message as a reader sees them."""

    title: str
    message: str


class NotificationTemplate(NamedTuple):
    """The topic and the texts of a kind. A kind that `pushes` also goes to the user's devices."""

    topic: Topic
    pushes: bool
    title: Text
    message: Text

    def render(self, language: str, data: Mapping[str, Any]) -> RenderedText:
        """The texts filled with the notification's data. Without a reason the sentence about it is left out."""
        values = dict(data)
        template = _form(self, values)
        if values.get("reason"):
            values["reason"] = reason_text(str(values["reason"]), language)
        else:
            template = template._replace(message=_without_reason(template.message))
        return RenderedText(template.title.render(language, values), template.message.render(language, values))


REASON = Text(" Reason: {reason}", " कारण: {reason}")
"""How a text with a reason ends."""
ONLY_MONEY = Text("Rs. {amount} is back in your wallet.", "रु. {amount} तपाईंको वालेटमा फिर्ता भयो।")
ONLY_POINTS = Text("{points} points are back in your account.", "{points} पोइन्ट तपाईंको खातामा फिर्ता भयो।")
ONE_POINT = Text("{points} point is back in your account.", ONLY_POINTS.ne)
TEMPLATES: Mapping[NotificationKind, NotificationTemplate] = {
    NotificationKind.KYC_APPROVED: NotificationTemplate(
        Topic.KYC_STATUS,
        pushes=True,
        title=Text("Identity verified", "पहिचान प्रमाणित भयो"),
        message=Text(
            "Your documents are approved. You can rent a power bank now.",
            "तपाईंको कागजात स्वीकृत भयो। अब पावर बैंक लिन सक्नुहुन्छ।",
        ),
    ),
    NotificationKind.KYC_REJECTED: NotificationTemplate(
        Topic.KYC_STATUS,
        pushes=True,
        title=Text("Documents not accepted", "कागजात स्वीकृत भएन"),
        message=Text(
            "We couldn't accept your documents. Please send them again. Reason: {reason}",
            "तपाईंको कागजात स्वीकृत भएन। कृपया फेरि पठाउनुहोस्। कारण: {reason}",
        ),
    ),
    NotificationKind.TOPUP_CREDITED: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=False,
        title=Text("Top-up successful", "टप-अप सफल भयो"),
        message=Text(
            "Rs. {amount} has been added to your wallet.",
            "तपाईंको वालेटमा रु. {amount} थपियो।",
        ),
    ),
    NotificationKind.REFUND_GRANTED: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        title=Text("Refund approved", "रकम फिर्ता स्वीकृत भयो"),
        message=Text(
            "Rs. {amount} is on its way to the account you paid from.",
            "रु. {amount} तपाईंले तिरेकै खातामा फिर्ता पठाइँदै छ।",
        ),
    ),
    NotificationKind.REFUND_TO_WALLET: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        title=Text("Refund received", "रकम फिर्ता भयो"),
        message=Text(
            "Rs. {amount} and {points} points are back in your account.",
            "रु. {amount} र {points} पोइन्ट तपाईंको खातामा फिर्ता भयो।",
        ),
    ),
    NotificationKind.REFUND_BY_HAND: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        title=Text("Refund paid", "रकम फिर्ता भयो"),
        message=Text(
            "We have refunded Rs. {amount} to you.",
            "हामीले तपाईंलाई रु. {amount} फिर्ता गरेका छौँ।",
        ),
    ),
    NotificationKind.REFUND_PAID: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        title=Text("Refund paid", "रकम फिर्ता भयो"),
        message=Text(
            "Rs. {amount} was refunded to the account you paid from.",
            "रु. {amount} तपाईंले तिरेकै खातामा फिर्ता भयो।",
        ),
    ),
    NotificationKind.REFUND_RETURNED: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        title=Text("Refund could not be sent", "रकम फिर्ता पठाउन सकिएन"),
        message=Text(
            "We couldn't send Rs. {amount} back. The money is in your wallet.",
            "रु. {amount} फिर्ता पठाउन सकिएन। रकम तपाईंको वालेटमा छ।",
        ),
    ),
    NotificationKind.REFUND_REJECTED: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        title=Text("Refund not approved", "रकम फिर्ता स्वीकृत भएन"),
        message=Text(
            "We couldn't approve your refund of Rs. {amount}. Reason: {reason}",
            "रु. {amount} फिर्ता गर्ने तपाईंको अनुरोध स्वीकृत भएन। कारण: {reason}",
        ),
    ),
}


def _form(template: NotificationTemplate, data: Mapping[str, Any]) -> NotificationTemplate:
    """What came back to the wallet is named only where there is any: money, points or both."""
    if template is not TEMPLATES[NotificationKind.REFUND_TO_WALLET]:
        return template
    if not data["points"]:
        return template._replace(message=ONLY_MONEY)
    if not data["amount_paisa"]:
        return template._replace(message=ONE_POINT if data["points"] == 1 else ONLY_POINTS)
    return template


def _without_reason(message: Text) -> Text:
    return Text(message.en.removesuffix(REASON.en), message.ne.removesuffix(REASON.ne))
