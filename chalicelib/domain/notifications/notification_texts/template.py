"""The template of a kind of notification, and how it is filled for a reader."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.domain.notifications.notification_kinds import Topic
from chalicelib.domain.operators.rejection_reasons import reason_text
from chalicelib.domain.text.texts import Text

REASON = Text(" Reason: {reason}", " कारण: {reason}")
"""How a text with a reason ends."""
ONLY_MONEY = Text("Rs. {amount} is back in your wallet.", "रु. {amount} तपाईंको वालेटमा फिर्ता भयो।")
ONLY_POINTS = Text("{points} points are back in your account.", "{points} पोइन्ट तपाईंको खातामा फिर्ता भयो।")
ONE_POINT = Text("{points} point is back in your account.", ONLY_POINTS.ne)
WALLET_REFUND = Text(
    "Rs. {amount} and {points} points are back in your account.",
    "रु. {amount} र {points} पोइन्ट तपाईंको खातामा फिर्ता भयो।",
)


class RenderedText(NamedTuple):
    """Title and message as a reader sees them."""

    title: str
    message: str


class NotificationTemplate(NamedTuple):
    """The topic and the texts of a kind.

    A kind that `pushes` also goes to the user's devices. One that is not `urgent` waits for the end of the night.
    """

    topic: Topic
    pushes: bool
    title: Text
    message: Text
    urgent: bool = False

    def render(self, language: str, data: Mapping[str, Any], written_at: datetime | None = None) -> RenderedText:
        """The texts filled with the notification's data. Without a reason the sentence about it is left out.

        A time on another day than `written_at` is written with its day.
        """
        values = dict(data)
        template = _form(self, values)
        if values.get("reason"):
            values["reason"] = reason_text(str(values["reason"]), language)
        else:
            template = template._replace(message=_without_reason(template.message))
        return RenderedText(
            template.title.render(language, values, written_at), template.message.render(language, values, written_at)
        )


def _form(template: NotificationTemplate, data: Mapping[str, Any]) -> NotificationTemplate:
    """What came back to the wallet is named only where there is any: money, points or both."""
    if template.message is not WALLET_REFUND:
        return template
    if not data["points"]:
        return template._replace(message=ONLY_MONEY)
    if not data["amount_paisa"]:
        return template._replace(message=ONE_POINT if data["points"] == 1 else ONLY_POINTS)
    return template


def _without_reason(message: Text) -> Text:
    return Text(message.en.removesuffix(REASON.en), message.ne.removesuffix(REASON.ne))
