"""The kinds of notifications, and their texts in both languages."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Topic(StrEnum):
    """What a notification is about, as apps sort them."""

    KYC_STATUS = "kyc_status"
    PAYMENT_STATUS = "payment_status"


class NotificationKind(StrEnum):
    """What happened."""

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
    """Title and message; names in braces are the notification's data, sums of money in rupees."""

    title: str
    message: str


class NotificationTemplate(NamedTuple):
    """How a kind is told; one that `pushes` goes to the user's devices too."""

    topic: Topic
    pushes: bool
    en: RenderedText
    ne: RenderedText


TEMPLATES: Mapping[NotificationKind, NotificationTemplate] = {
    NotificationKind.KYC_APPROVED: NotificationTemplate(
        Topic.KYC_STATUS,
        pushes=True,
        en=RenderedText("Identity verified", "Your documents are approved. You can rent a power bank now."),
        ne=RenderedText("परिचय प्रमाणित भयो", "तपाईंको कागजात स्वीकृत भयो। अब पावर बैंक भाडामा लिन सक्नुहुन्छ।"),
    ),
    NotificationKind.KYC_REJECTED: NotificationTemplate(
        Topic.KYC_STATUS,
        pushes=True,
        en=RenderedText(
            "Documents not accepted", "Your documents were not accepted: {reason}. Please hand them in again."
        ),
        ne=RenderedText("कागजात अस्वीकृत भयो", "तपाईंको कागजात अस्वीकृत भयो: {reason}। कृपया फेरि बुझाउनुहोस्।"),
    ),
    NotificationKind.TOPUP_CREDITED: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=False,
        en=RenderedText("Top-up received", "Rs. {amount} has been added to your wallet."),
        ne=RenderedText("रकम प्राप्त भयो", "तपाईंको वालेटमा रु. {amount} थपियो।"),
    ),
    NotificationKind.REFUND_GRANTED: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=RenderedText("Refund approved", "Rs. {amount} is on its way back to where you paid from."),
        ne=RenderedText("फिर्ता स्वीकृत भयो", "रु. {amount} तपाईंले तिरेकै माध्यममा फिर्ता पठाइँदैछ।"),
    ),
    NotificationKind.REFUND_TO_WALLET: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=RenderedText("Refund received", "Rs. {amount} and {points} points are back in your wallet."),
        ne=RenderedText("रकम फिर्ता भयो", "तपाईंको वालेटमा रु. {amount} र {points} पोइन्ट फिर्ता भयो।"),
    ),
    NotificationKind.REFUND_BY_HAND: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=RenderedText("Refund paid", "We have paid Rs. {amount} back to you."),
        ne=RenderedText("रकम फिर्ता भयो", "हामीले तपाईंलाई रु. {amount} फिर्ता गरेका छौं।"),
    ),
    NotificationKind.REFUND_PAID: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=RenderedText("Refund paid", "Rs. {amount} has gone back to where you paid from."),
        ne=RenderedText("रकम फिर्ता भयो", "रु. {amount} तपाईंले तिरेकै माध्यममा फिर्ता भयो।"),
    ),
    NotificationKind.REFUND_RETURNED: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=RenderedText("Refund not sent", "Rs. {amount} could not be sent back and is in your wallet again."),
        ne=RenderedText("फिर्ता पठाउन सकिएन", "रु. {amount} फिर्ता पठाउन सकिएन, र तपाईंको वालेटमै फर्किएको छ।"),
    ),
    NotificationKind.REFUND_REJECTED: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=RenderedText("Refund refused", "Your refund of Rs. {amount} was refused: {reason}"),
        ne=RenderedText("फिर्ता अस्वीकृत भयो", "तपाईंको रु. {amount} को फिर्ता अस्वीकृत भयो: {reason}"),
    ),
}
