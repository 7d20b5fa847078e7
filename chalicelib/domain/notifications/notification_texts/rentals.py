"""Notifications about the course of a rental."""

from collections.abc import Mapping

from chalicelib.domain.notifications.notification_kinds import NotificationKind, Topic
from chalicelib.domain.notifications.notification_texts.template import NotificationTemplate
from chalicelib.domain.text.texts import Text

TEMPLATES: Mapping[NotificationKind, NotificationTemplate] = {
    NotificationKind.RENTAL_STARTED: NotificationTemplate(
        Topic.RENTAL_STATUS,
        pushes=True,
        title=Text("Rental started", "पावर बैंक लिनुहोस्"),
        message=Text(
            "Take the power bank from slot {slot_number}. Return it to any station by {due_at}.",
            "{slot_number} नम्बर स्लटबाट पावर बैंक लिनुहोस्। {due_at} बजेभित्र जुनसुकै स्टेसनमा फिर्ता गर्नुहोस्।",
        ),
        urgent=True,
    ),
    NotificationKind.RENTAL_STARTED_POSTPAID: NotificationTemplate(
        Topic.RENTAL_STATUS,
        pushes=True,
        title=Text("Rental started", "पावर बैंक लिनुहोस्"),
        message=Text(
            "Take the power bank from slot {slot_number}. Pay for the hours you use after you return it.",
            "{slot_number} नम्बर स्लटबाट पावर बैंक लिनुहोस्। फिर्ता गरेपछि चलाएको घण्टाको तिर्नुहोस्।",
        ),
        urgent=True,
    ),
    NotificationKind.EJECT_FAILED: NotificationTemplate(
        Topic.RENTAL_STATUS,
        pushes=True,
        title=Text("Power bank did not come out", "पावर बैंक निस्किएन"),
        message=Text(
            "Nothing was charged. Please try again or go to another station.",
            "कुनै रकम काटिएको छैन। फेरि प्रयास गर्नुहोस् वा अर्को स्टेसनमा जानुहोस्।",
        ),
        urgent=True,
    ),
    NotificationKind.RENTAL_CONTINUES: NotificationTemplate(
        Topic.RENTAL_STATUS,
        pushes=True,
        title=Text("Power bank not in the station", "पावर बैंक स्टेसनमा छैन"),
        message=Text(
            "The station does not have it any more. Please return it to any station.",
            "स्टेसनले पावर बैंक भेटेन। कृपया जुनसुकै स्टेसनमा फिर्ता गर्नुहोस्।",
        ),
        urgent=True,
    ),
    NotificationKind.RENTAL_SWAPPED: NotificationTemplate(
        Topic.RENTAL_STATUS,
        pushes=True,
        title=Text("Power bank changed", "पावर बैंक साटियो"),
        message=Text(
            "Take the new one from slot {slot_number}. Your return time is still {due_at}.",
            "{slot_number} नम्बर स्लटबाट नयाँ लिनुहोस्। फिर्ता गर्ने समय उही: {due_at} बजे।",
        ),
        urgent=True,
    ),
    NotificationKind.RENTAL_EXTENDED: NotificationTemplate(
        Topic.RENTAL_STATUS,
        pushes=True,
        title=Text("Time added", "समय थपियो"),
        message=Text(
            "Return the power bank by {due_at}. You paid Rs. {amount}.",
            "अब {due_at} बजेभित्र फिर्ता गर्नुहोस्। रु. {amount} तिरियो।",
        ),
        urgent=True,
    ),
    NotificationKind.RENTAL_ENDED: NotificationTemplate(
        Topic.RENTAL_STATUS,
        pushes=True,
        title=Text("Power bank returned", "पावर बैंक फिर्ता भयो"),
        message=Text(
            "Thank you. You used it for {used}. Nothing more to pay.",
            "धन्यवाद। तपाईंले {used} चलाउनुभयो। अब केही तिर्नु पर्दैन।",
        ),
        urgent=True,
    ),
    NotificationKind.RENTAL_ENDED_FREE: NotificationTemplate(
        Topic.RENTAL_STATUS,
        pushes=True,
        title=Text("Power bank returned", "पावर बैंक फिर्ता भयो"),
        message=Text(
            "You returned it within {minutes} minutes, so you pay nothing.",
            "{minutes} मिनेटभित्र फिर्ता गर्नुभएकाले केही तिर्नु पर्दैन।",
        ),
        urgent=True,
    ),
    NotificationKind.RENTAL_CANCELLED: NotificationTemplate(
        Topic.RENTAL_STATUS,
        pushes=True,
        title=Text("Rental cancelled", "भाडा रद्द भयो"),
        message=Text(
            "Nothing was charged.",
            "कुनै रकम काटिएको छैन।",
        ),
        urgent=True,
    ),
    NotificationKind.RENTAL_CANCELLED_PAID: NotificationTemplate(
        Topic.RENTAL_STATUS,
        pushes=True,
        title=Text("Rental cancelled", "भाडा रद्द भयो"),
        message=Text(
            "The full price of Rs. {amount} is back in your account.",
            "पूरै रकम रु. {amount} तपाईंको खातामा फिर्ता भयो।",
        ),
        urgent=True,
    ),
    NotificationKind.REMINDER: NotificationTemplate(
        Topic.TIME_ALERT,
        pushes=True,
        title=Text("{minutes} minutes left", "{minutes} मिनेट बाँकी"),
        message=Text(
            "Return the power bank to any station by {due_at}, or extend your time in the app.",
            "{due_at} बजेभित्र जुनसुकै स्टेसनमा फिर्ता गर्नुहोस् वा एपबाट समय थप्नुहोस्।",
        ),
        urgent=True,
    ),
    NotificationKind.LAST_REMINDER: NotificationTemplate(
        Topic.TIME_ALERT,
        pushes=True,
        title=Text("{minutes} minutes left", "{minutes} मिनेट बाँकी"),
        message=Text(
            "Please return the power bank to any station by {due_at}.",
            "कृपया {due_at} बजेभित्र जुनसुकै स्टेसनमा फिर्ता गर्नुहोस्।",
        ),
        urgent=True,
    ),
    NotificationKind.OVERDUE: NotificationTemplate(
        Topic.TIME_ALERT,
        pushes=True,
        title=Text("Your power bank is late", "फिर्ता गर्ने समय सकियो"),
        message=Text(
            "A late fee is now being added. Please return it to any station.",
            "अब ढिलाइ शुल्क लाग्दै छ। कृपया जुनसुकै स्टेसनमा फिर्ता गर्नुहोस्।",
        ),
        urgent=True,
    ),
}
