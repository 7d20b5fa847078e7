"""The template of every kind of notification."""

from collections.abc import Mapping

from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.notifications.notification_texts import alerts, dues, payments, people, rentals, rewards
from chalicelib.domain.notifications.notification_texts.template import NotificationTemplate

TEMPLATES: Mapping[NotificationKind, NotificationTemplate] = {
    **people.TEMPLATES,
    **payments.TEMPLATES,
    **rentals.TEMPLATES,
    **dues.TEMPLATES,
    **rewards.TEMPLATES,
    **alerts.TEMPLATES,
}
