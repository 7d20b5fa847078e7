"""Notifications about late fees, dues and lost power banks."""

from collections.abc import Mapping

from chalicelib.domain.notifications.notification_kinds import NotificationKind, Topic
from chalicelib.domain.notifications.notification_texts.template import NotificationTemplate
from chalicelib.domain.text.texts import Text

TEMPLATES: Mapping[NotificationKind, NotificationTemplate] = {
    NotificationKind.LOST: NotificationTemplate(
        Topic.FINES_DUES,
        pushes=True,
        title=Text("Power bank not returned", "पावर बैंक फिर्ता भएन"),
        message=Text(
            "It is {hours} hours late, so Rs. {amount} is now due. Return it and you pay only the late fee.",
            "{hours} घण्टा ढिलो भएकाले रु. {amount} तिर्न बाँकी छ। फिर्ता गरे ढिलाइ शुल्क मात्र लाग्छ।",
        ),
        urgent=True,
    ),
    NotificationKind.FOUND_UNPAID: NotificationTemplate(
        Topic.FINES_DUES,
        pushes=True,
        title=Text("Power bank returned", "पावर बैंक फिर्ता भयो"),
        message=Text(
            "Thank you. You don't have to pay the Rs. {amount} any more. Late fee: Rs. {late_fee}.",
            "धन्यवाद। अब रु. {amount} तिर्नु पर्दैन। ढिलाइ शुल्क: रु. {late_fee}।",
        ),
        urgent=True,
    ),
    NotificationKind.FOUND_PAID: NotificationTemplate(
        Topic.FINES_DUES,
        pushes=True,
        title=Text("Power bank returned", "पावर बैंक फिर्ता भयो"),
        message=Text(
            "Thank you. Rs. {amount} is back in your account. Late fee: Rs. {late_fee}.",
            "धन्यवाद। रु. {amount} तपाईंको खातामा फिर्ता भयो। ढिलाइ शुल्क: रु. {late_fee}।",
        ),
        urgent=True,
    ),
    NotificationKind.POSTPAID_DUE: NotificationTemplate(
        Topic.FINES_DUES,
        pushes=True,
        title=Text("Power bank returned", "पावर बैंक फिर्ता भयो"),
        message=Text(
            "You used it for {used}. Please pay Rs. {due} in the app.",
            "तपाईंले {used} चलाउनुभयो। कृपया एपबाट रु. {due} तिर्नुहोस्।",
        ),
        urgent=True,
    ),
    NotificationKind.LATE_FEE_TAKEN: NotificationTemplate(
        Topic.FINES_DUES,
        pushes=True,
        title=Text("Late fee paid", "ढिलाइ शुल्क तिरियो"),
        message=Text(
            "You returned it {late} late. Rs. {late_fee} was taken from your points and wallet.",
            "{late} ढिलो फिर्ता भयो। पोइन्ट र वालेटबाट रु. {late_fee} काटियो।",
        ),
        urgent=True,
    ),
    NotificationKind.DUE_NOTICED: NotificationTemplate(
        Topic.FINES_DUES,
        pushes=True,
        title=Text("Rs. {due} to pay", "रु. {due} तिर्न बाँकी"),
        message=Text(
            "This is for your last rental. Please pay it in the app before you rent again.",
            "यो पछिल्लो भाडाको रकम हो। फेरि पावर बैंक लिनुअघि एपबाट तिर्नुहोस्।",
        ),
        urgent=True,
    ),
    NotificationKind.DUE_PAID: NotificationTemplate(
        Topic.FINES_DUES,
        pushes=True,
        title=Text("Payment received", "रकम तिरियो"),
        message=Text(
            "Rs. {amount} is paid. You can rent again.",
            "रु. {amount} तिरियो। अब फेरि पावर बैंक लिन सक्नुहुन्छ।",
        ),
        urgent=True,
    ),
}
