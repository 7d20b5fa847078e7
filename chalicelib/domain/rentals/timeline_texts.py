"""Texts of the entries of a rental's timeline."""

from collections.abc import Mapping

from chalicelib.domain.cabinets.event_log import CommandOutcome
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.money.transaction_texts import POSTING_TEXTS, TYPE_TEXTS
from chalicelib.domain.notifications.notification_templates import TEMPLATES
from chalicelib.domain.rentals.timeline import TimelineEntry, TimelineKind
from chalicelib.domain.text.texts import Text

CALL_TEXTS: Mapping[str, Text] = {
    "start": Text("Rental requested", "पावर बैंक मागियो"),
    "pay-due": Text("Payment of the amount due", "बाँकी रकमको भुक्तानी"),
    "extend": Text("More time requested", "थप समय मागियो"),
    "report-issue": Text("Problem reported", "समस्या खबर गरियो"),
    "cancel": Text("Cancellation requested", "रद्द गर्न मागियो"),
}
"""By the last part of the call's path."""
STATE_TEXTS: Mapping[str, Text] = {
    "starting": Text("Waiting for the station", "स्टेसनको जवाफ पर्खिँदै"),
    "active": Text("Power bank taken", "पावर बैंक लिइयो"),
    "failed": Text("The power bank did not come out", "पावर बैंक निस्किएन"),
    "completed": Text("Power bank returned", "पावर बैंक फिर्ता भयो"),
    "due": Text("Power bank returned, amount due", "पावर बैंक फिर्ता भयो, तिर्न बाँकी रकम छ"),
    "lost": Text("Power bank lost", "पावर बैंक हरायो"),
    "cancelled": Text("Rental cancelled", "रद्द भयो"),
}
MONEY_TEXTS: Mapping[str, Text] = {
    PostingKind.SETTLE: Text("Held money paid", "रोकिएको रकम तिरियो"),
    PostingKind.CHARGE: TYPE_TEXTS["rental"],
    PostingKind.EXTENSION: TYPE_TEXTS["extension"],
    PostingKind.LATE_FEE: TYPE_TEXTS["late_fee"],
    PostingKind.DUE: Text("Amount due", "तिर्न बाँकी रकम"),
    PostingKind.PAY_DUE: TYPE_TEXTS["due"],
    PostingKind.REFUND: TYPE_TEXTS["refund"],
    **{kind.value: text for kind, text in POSTING_TEXTS.items()},
}
COMMAND_TEXTS: Mapping[str, Text] = {
    "eject": Text("Station asked to give out the power bank", "स्टेसनलाई पावर बैंक दिन भनियो"),
    "check": Text("Station asked for the state of its slots", "स्टेसनलाई स्लटको अवस्था सोधियो"),
}
FRAME_TEXTS: Mapping[str, Text] = {
    "ejected": Text("Station: the power bank came out", "स्टेसन: पावर बैंक निस्कियो"),
    "eject_refused": Text("Station: the power bank did not come out", "स्टेसन: पावर बैंक निस्किएन"),
    "return_refused": Text("Station: the return did not work", "स्टेसन: फिर्ता हुन सकेन"),
    "return": Text("Station: the power bank is back", "स्टेसन: पावर बैंक फिर्ता आयो"),
    "slot_change": Text("Station: a slot changed", "स्टेसन: स्लट बदलियो"),
    "http_return": Text("Station: the power bank is back", "स्टेसन: पावर बैंक फिर्ता आयो"),
    "snapshot": Text("Station: state of its slots", "स्टेसन: स्लटको अवस्था"),
}
"""By the outcome of a frame, or by its name."""
NOTIFICATION_TEXTS: Mapping[str, Text] = {
    kind.value: Text(f"Notification: {template.title.en}", f"सूचना: {template.title.ne}")
    for kind, template in TEMPLATES.items()
    if "{" not in template.title.en
}
"""A title with values has only the default text."""
DEFAULT_TEXTS: Mapping[TimelineKind, Text] = {
    TimelineKind.API: Text("Request", "अनुरोध"),
    TimelineKind.STATE: Text("Rental changed", "भाडाको अवस्था बदलियो"),
    TimelineKind.POSTING: Text("Payment", "भुक्तानी"),
    TimelineKind.COMMAND: Text("Command to the station", "स्टेसनलाई निर्देशन"),
    TimelineKind.FRAME: Text("Report of the station", "स्टेसनको खबर"),
    TimelineKind.NOTIFICATION: Text("Notification", "सूचना"),
}
NOT_DONE = Text(" (not done)", " (भएन)")


def text_of(entry: TimelineEntry, language: str) -> str:
    """What happened, in a few words."""
    by_name: Mapping[str, Text] = {
        TimelineKind.API: CALL_TEXTS,
        TimelineKind.STATE: STATE_TEXTS,
        TimelineKind.POSTING: MONEY_TEXTS,
        TimelineKind.COMMAND: COMMAND_TEXTS,
        TimelineKind.FRAME: FRAME_TEXTS,
        TimelineKind.NOTIFICATION: NOTIFICATION_TEXTS,
    }.get(entry.kind, {})
    name = entry.name.rpartition("/")[2]
    text = by_name.get(entry.outcome) or by_name.get(name) or DEFAULT_TEXTS[entry.kind]
    return text.render(language) + (NOT_DONE.render(language) if _failed(entry) else "")


def _failed(entry: TimelineEntry) -> bool:
    return entry.kind is TimelineKind.COMMAND and entry.outcome == CommandOutcome.NOT_SENT
