"""Notifications about points."""

from collections.abc import Mapping

from chalicelib.domain.notifications.notification_kinds import NotificationKind, Topic
from chalicelib.domain.notifications.notification_texts.template import NotificationTemplate
from chalicelib.domain.text.texts import Text

TEMPLATES: Mapping[NotificationKind, NotificationTemplate] = {
    NotificationKind.POINTS_SIGNUP: NotificationTemplate(
        Topic.REWARDS,
        pushes=False,
        title=Text("Welcome to Bijuli", "Bijuli मा स्वागत छ"),
        message=Text(
            "You have {points} points, worth Rs. {amount}. Complete your profile to rent a power bank.",
            "तपाईंले {points} पोइन्ट (रु. {amount} बराबर) पाउनुभयो। पावर बैंक लिन प्रोफाइल पूरा गर्नुहोस्।",
        ),
    ),
    NotificationKind.POINTS_TOPUP: NotificationTemplate(
        Topic.REWARDS,
        pushes=False,
        title=Text("{points} points earned", "{points} पोइन्ट पाउनुभयो"),
        message=Text(
            "Thank you for your top-up.",
            "टप-अप गर्नुभएकोमा धन्यवाद।",
        ),
    ),
    NotificationKind.POINTS_EARNED: NotificationTemplate(
        Topic.REWARDS,
        pushes=False,
        title=Text("{points} points earned", "{points} पोइन्ट पाउनुभयो"),
        message=Text(
            "They are in your account.",
            "पोइन्ट तपाईंको खातामा छ।",
        ),
    ),
    NotificationKind.POINTS_RENTAL: NotificationTemplate(
        Topic.REWARDS,
        pushes=False,
        title=Text("{points} points earned", "{points} पोइन्ट पाउनुभयो"),
        message=Text(
            "Thank you for renting with us.",
            "पावर बैंक लिनुभएकोमा धन्यवाद।",
        ),
    ),
    NotificationKind.POINTS_ON_TIME: NotificationTemplate(
        Topic.REWARDS,
        pushes=False,
        title=Text("{points} points earned", "{points} पोइन्ट पाउनुभयो"),
        message=Text(
            "Thank you for returning it on time.",
            "समयमै फिर्ता गर्नुभएकोमा धन्यवाद।",
        ),
    ),
    NotificationKind.REFERRAL_INVITER: NotificationTemplate(
        Topic.REWARDS,
        pushes=False,
        title=Text("{points} points earned", "{points} पोइन्ट पाउनुभयो"),
        message=Text(
            "A friend finished a first rental with your code. Thank you!",
            "तपाईंको कोडबाट आउनुभएका साथीले पहिलो पटक पावर बैंक लिनुभयो। धन्यवाद!",
        ),
    ),
    NotificationKind.REFERRAL_INVITEE: NotificationTemplate(
        Topic.REWARDS,
        pushes=False,
        title=Text("{points} points earned", "{points} पोइन्ट पाउनुभयो"),
        message=Text(
            "This is for joining with a friend's code.",
            "साथीको कोडबाट आउनुभएकोमा धन्यवाद।",
        ),
    ),
    NotificationKind.ACHIEVEMENT_UNLOCKED: NotificationTemplate(
        Topic.REWARDS,
        pushes=False,
        title=Text("New achievement", "नयाँ उपलब्धि"),
        message=Text(
            "{achievement}: you earned {points} points. Well done!",
            "{achievement}: तपाईंले {points} पोइन्ट पाउनुभयो। बधाई छ!",
        ),
    ),
    NotificationKind.COUPON_APPLIED: NotificationTemplate(
        Topic.REWARDS,
        pushes=False,
        title=Text("Coupon applied", "कुपन चल्यो"),
        message=Text(
            "{code} gave you {points} points.",
            "{code} बाट {points} पोइन्ट पाउनुभयो।",
        ),
    ),
}
