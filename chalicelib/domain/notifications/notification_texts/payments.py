"""Notifications about top-ups and refunds."""

from collections.abc import Mapping

from chalicelib.domain.notifications.notification_kinds import NotificationKind, Topic
from chalicelib.domain.notifications.notification_texts.template import WALLET_REFUND, NotificationTemplate
from chalicelib.domain.text.texts import Text

TEMPLATES: Mapping[NotificationKind, NotificationTemplate] = {
    NotificationKind.TOPUP_CREDITED: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=False,
        title=Text("Top-up successful", "टप-अप सफल भयो"),
        message=Text(
            "Rs. {amount} has been added to your wallet.",
            "तपाईंको वालेटमा रु. {amount} थपियो।",
        ),
    ),
    NotificationKind.BALANCE_ADDED: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=True,
        title=Text("Money added", "रकम थपियो"),
        message=Text(
            "We added Rs. {amount} to your wallet. Reason: {reason}",
            "हामीले तपाईंको वालेटमा रु. {amount} थप्यौँ। कारण: {reason}",
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
        message=WALLET_REFUND,
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
    NotificationKind.TOPUP_FAILED: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=False,
        title=Text("Top-up did not go through", "टप-अप भएन"),
        message=Text(
            "Rs. {amount} was not added. If money was taken, it will be added by itself.",
            "रु. {amount} थपिएन। रकम काटिएको भए आफैँ वालेटमा थपिन्छ।",
        ),
    ),
    NotificationKind.TOPUP_IN_REVIEW: NotificationTemplate(
        Topic.PAYMENT_STATUS,
        pushes=False,
        title=Text("We are checking your top-up", "टप-अप जाँच्दै छौँ"),
        message=Text(
            "Your Rs. {amount} is safe. We will tell you soon.",
            "तपाईंको रु. {amount} सुरक्षित छ। हामी छिट्टै खबर गर्नेछौँ।",
        ),
    ),
}
