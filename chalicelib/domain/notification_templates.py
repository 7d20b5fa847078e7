"""The kinds of notifications, and their texts in both languages."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Topic(StrEnum):
    """What a notification is about, as apps sort them."""

    KYC_STATUS = "kyc_status"
    PAYMENT_STATUS = "payment_status"


class Kind(StrEnum):
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


class Words(NamedTuple):
    """Title and message; names in braces are the notification's data, sums of money in rupees."""

    title: str
    message: str


class Telling(NamedTuple):
    """How a kind is told; one that `pushes` goes to the user's devices too."""

    topic: Topic
    pushes: bool
    en: Words
    ne: Words


TELLINGS: Mapping[Kind, Telling] = {
    Kind.KYC_APPROVED: Telling(
        Topic.KYC_STATUS,
        pushes=True,
        en=Words("Identity verified", "Your documents are approved. You can rent a power bank now."),
        ne=Words("परिचय प्रमाणित भयो", "तपाईंको कागजात स्वीकृत भयो। अब पावर बैंक भाडामा लिन सक्नुहुन्छ।"),
    ),
    Kind.KYC_REJECTED: Telling(
        Topic.KYC_STATUS,
        pushes=True,
        en=Words("Documents not accepted", "Your documents were not accepted: {reason}. Please hand them in again."),
        ne=Words("कागजात अस्वीकृत भयो", "तपाईंको कागजात अस्वीकृत भयो: {reason}। कृपया फेरि बुझाउनुहोस्।"),
    ),
    Kind.TOPUP_CREDITED: Telling(
        Topic.PAYMENT_STATUS,
        pushes=False,
        en=Words("Top-up received", "Rs. {amount} has been added to your wallet."),
        ne=Words("रकम प्राप्त भयो", "तपाईंको वालेटमा रु. {amount} थपियो।"),
    ),
    Kind.REFUND_GRANTED: Telling(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=Words("Refund approved", "Rs. {amount} is on its way back to where you paid from."),
        ne=Words("फिर्ता स्वीकृत भयो", "रु. {amount} तपाईंले तिरेकै माध्यममा फिर्ता पठाइँदैछ।"),
    ),
    Kind.REFUND_TO_WALLET: Telling(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=Words("Refund received", "Rs. {amount} and {points} points are back in your wallet."),
        ne=Words("रकम फिर्ता भयो", "तपाईंको वालेटमा रु. {amount} र {points} पोइन्ट फिर्ता भयो।"),
    ),
    Kind.REFUND_BY_HAND: Telling(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=Words("Refund paid", "We have paid Rs. {amount} back to you."),
        ne=Words("रकम फिर्ता भयो", "हामीले तपाईंलाई रु. {amount} फिर्ता गरेका छौं।"),
    ),
    Kind.REFUND_PAID: Telling(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=Words("Refund paid", "Rs. {amount} has gone back to where you paid from."),
        ne=Words("रकम फिर्ता भयो", "रु. {amount} तपाईंले तिरेकै माध्यममा फिर्ता भयो।"),
    ),
    Kind.REFUND_RETURNED: Telling(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=Words("Refund not sent", "Rs. {amount} could not be sent back and is in your wallet again."),
        ne=Words("फिर्ता पठाउन सकिएन", "रु. {amount} फिर्ता पठाउन सकिएन, र तपाईंको वालेटमै फर्किएको छ।"),
    ),
    Kind.REFUND_REJECTED: Telling(
        Topic.PAYMENT_STATUS,
        pushes=True,
        en=Words("Refund refused", "Your refund of Rs. {amount} was refused: {reason}"),
        ne=Words("फिर्ता अस्वीकृत भयो", "तपाईंको रु. {amount} को फिर्ता अस्वीकृत भयो: {reason}"),
    ),
}
