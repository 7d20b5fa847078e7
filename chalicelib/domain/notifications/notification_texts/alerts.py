"""Notifications to operators about what needs a person."""

from collections.abc import Mapping

from chalicelib.domain.notifications.notification_kinds import NotificationKind, Topic
from chalicelib.domain.notifications.notification_texts.template import NotificationTemplate
from chalicelib.domain.text.texts import Text


def _alert(title: Text, message: Text) -> NotificationTemplate:
    return NotificationTemplate(Topic.ALERT, pushes=False, title=title, message=message)


TEMPLATES: Mapping[NotificationKind, NotificationTemplate] = {
    NotificationKind.ALERT_STATION_OFFLINE: _alert(
        Text("Station offline", "स्टेसन अफलाइन"),
        Text("{station} does not report any more.", "{station} बाट खबर आउन छाड्यो।"),
    ),
    NotificationKind.ALERT_STATION_NEVER_REPORTED: _alert(
        Text("New station is silent", "नयाँ स्टेसनबाट खबर छैन"),
        Text("{station} has never reported. Please check it.", "{station} बाट अहिलेसम्म खबर आएको छैन। जाँच्नुहोस्।"),
    ),
    NotificationKind.ALERT_STATION_EMPTY: _alert(
        Text("No power banks", "पावर बैंक छैन"),
        Text("{station} has no power bank to rent.", "{station} मा भाडामा दिने पावर बैंक छैन।"),
    ),
    NotificationKind.ALERT_STATION_FULL: _alert(
        Text("No free slots", "खाली स्लट छैन"),
        Text("{station} can't take a return: every slot is taken.", "{station} का सबै स्लट भरिए। फिर्ता लिन मिल्दैन।"),
    ),
    NotificationKind.ALERT_SLOT_JAMMED: _alert(
        Text("Slot jammed", "स्लट अड्कियो"),
        Text("Slot {slot_number} of {station} does not open.", "{station} को {slot_number} नम्बर स्लट खुल्दैन।"),
    ),
    NotificationKind.ALERT_SLOT_FORCED: _alert(
        Text("Slot forced open", "स्लट जबरजस्ती खोलियो"),
        Text(
            "Somebody opened slot {slot_number} of {station} by force.",
            "{station} को {slot_number} नम्बर स्लट कसैले जबरजस्ती खोल्यो।",
        ),
    ),
    NotificationKind.ALERT_DEAD_LETTERS: _alert(
        Text("Messages failed", "सन्देशहरू असफल"),
        Text(
            "Messages wait in the queue {queue}. Please look at them.", "{queue} मा सन्देशहरू अड्किएका छन्। कृपया हेर्नुहोस्।"
        ),
    ),
    NotificationKind.ALERT_RECONCILIATION_DIFFERS: _alert(
        Text("Payments differ", "भुक्तानी मिलेन"),
        Text(
            "The payments of {day} at {gateway} differ from our records.",
            "{day} मा {gateway} को हिसाब हाम्रो रेकर्डसँग मिलेन।",
        ),
    ),
    NotificationKind.ALERT_PAYMENT_REVERSED: _alert(
        Text("Payment reversed", "भुक्तानी फिर्ता गयो"),
        Text(
            "Rs. {amount} of a credited top-up went back at {gateway}. It needs a decision.",
            "जम्मा भइसकेको रकममध्ये रु. {amount} {gateway} बाट फिर्ता गयो। निर्णय चाहियो।",
        ),
    ),
    NotificationKind.ALERT_PAYMENT_RESTORED: _alert(
        Text("Reversed money is back", "फिर्ता गएको रकम आयो"),
        Text(
            "{gateway} has Rs. {amount} again that was decided as reversed. It needs a decision.",
            "फिर्ता गएको भनी निर्णय भइसकेको रु. {amount} {gateway} मा फेरि आयो। निर्णय चाहियो।",
        ),
    ),
    NotificationKind.ALERT_PAYMENT_IN_REVIEW: _alert(
        Text("Payment to review", "भुक्तानी जाँच्नुपर्ने"),
        Text(
            "A payment of Rs. {amount} at {gateway} needs a decision.", "{gateway} को रु. {amount} बारे निर्णय चाहियो।"
        ),
    ),
}
