"""Notifications about the documents, the profile and the reports of a customer."""

from collections.abc import Mapping

from chalicelib.domain.notifications.notification_kinds import NotificationKind, Topic
from chalicelib.domain.notifications.notification_texts.template import NotificationTemplate
from chalicelib.domain.text.texts import Text

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
    NotificationKind.PROFILE_REMINDER: NotificationTemplate(
        Topic.PROFILE_REMINDER,
        pushes=False,
        title=Text("Complete your profile", "प्रोफाइल पूरा गर्नुहोस्"),
        message=Text(
            "Add your name, date of birth and address. Then you can rent a power bank.",
            "नाम, जन्म मिति र ठेगाना भर्नुहोस्। त्यसपछि पावर बैंक लिन मिल्छ।",
        ),
    ),
    NotificationKind.STATION_ISSUE_RESOLVED: NotificationTemplate(
        Topic.ISSUE_STATUS,
        pushes=False,
        title=Text("Problem solved", "समस्या समाधान भयो"),
        message=Text(
            "The problem you reported at {station} is fixed. Thank you.",
            "{station} मा तपाईंले खबर गर्नुभएको समस्या समाधान भयो। धन्यवाद।",
        ),
    ),
    NotificationKind.RENTAL_ISSUE_RESOLVED: NotificationTemplate(
        Topic.ISSUE_STATUS,
        pushes=False,
        title=Text("Report handled", "तपाईंको उजुरी टुङ्गियो"),
        message=Text(
            "We have dealt with your report about rental {code}. Thank you.",
            "भाडा {code} बारे तपाईंको उजुरी हामीले हेर्‍यौं। धन्यवाद।",
        ),
    ),
}
