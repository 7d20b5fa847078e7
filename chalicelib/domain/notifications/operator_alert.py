"""What operators are alerted of, once for each occurrence (decision 0067)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.cabinets.powerbank_choice import ready_slots
from chalicelib.domain.cabinets.slot import SlotStatus
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.stations.station import Station

STUCK, FORCED = 0x04, 0x05
"""The manufacturer's states of a slot: its latch does not open; its latch was opened by force."""


class AlertKind(StrEnum):
    """What may need a person."""

    STATION_OFFLINE = "station_offline"
    STATION_NEVER_REPORTED = "station_never_reported"
    STATION_EMPTY = "station_empty"
    STATION_FULL = "station_full"
    SLOT_JAMMED = "slot_jammed"
    SLOT_FORCED = "slot_forced"
    DEAD_LETTERS = "dead_letters"
    RECONCILIATION_DIFFERS = "reconciliation_differs"
    PAYMENT_IN_REVIEW = "payment_in_review"
    PAYMENT_REVERSED = "payment_reversed"
    PAYMENT_RESTORED = "payment_restored"

    @property
    def notification(self) -> NotificationKind:
        return NotificationKind(f"alert_{self.value}")


PERMISSIONS: Mapping[AlertKind, str] = {
    **dict.fromkeys(AlertKind, "stations"),
    AlertKind.DEAD_LETTERS: "system",
    AlertKind.RECONCILIATION_DIFFERS: "money",
    AlertKind.PAYMENT_IN_REVIEW: "money",
    AlertKind.PAYMENT_REVERSED: "money",
    AlertKind.PAYMENT_RESTORED: "money",
}
"""The permission of the operators who are alerted."""
DAMPED = frozenset(
    {
        AlertKind.STATION_OFFLINE,
        AlertKind.STATION_EMPTY,
        AlertKind.STATION_FULL,
        AlertKind.SLOT_JAMMED,
        AlertKind.DEAD_LETTERS,
    }
)
"""Kinds whose condition may end and recur without an operator. Such an alert is sent once a window at most."""


@dataclass(frozen=True)
class Condition:
    """Something that needs a person now. `subject` tells conditions of one kind apart; `data` fills the texts."""

    kind: AlertKind
    subject: str
    data: Mapping[str, Any]

    @property
    def alert_id(self) -> str:
        return f"{self.kind.value}#{self.subject}"


@dataclass(frozen=True)
class OperatorAlert:
    """A condition that lasts. Operators are notified in the order of their ids: those up to `last_notified_id` have
    their notifications, and `announced` says that all have.

    The row is deleted when the condition is over, so that its next occurrence is another alert. The row of a damped
    kind stays until its window has passed: `ended_at` says that the condition is over.
    """

    scope: str
    alert_id: str
    kind: AlertKind
    data: Mapping[str, Any]
    raised_at: datetime
    last_notified_id: str = ""
    announced: bool = False
    ended_at: datetime | None = None
    version: int = 0

    def with_notified(self, user_id: str, *, is_last: bool) -> "OperatorAlert":
        """The alert of which the operators up to `user_id` have notifications. An empty id adds none."""
        return replace(self, last_notified_id=user_id or self.last_notified_id, announced=is_last)

    def is_damped(self, now: datetime, settings: Settings) -> bool:
        """Whether operators are not notified again of a condition that ends and recurs now."""
        window = timedelta(minutes=settings.alert_damping_minutes)
        return self.kind in DAMPED and now - self.raised_at < window

    def with_end(self, now: datetime) -> "OperatorAlert":
        return replace(self, ended_at=now)

    def recurred(self, condition: Condition, now: datetime, settings: Settings) -> "OperatorAlert":
        """The alert of a condition that recurs: the same one in its window, and a new occurrence after it."""
        if self.is_damped(now, settings):
            return replace(self, ended_at=None)
        return OperatorAlert(self.scope, self.alert_id, self.kind, dict(condition.data), now, version=self.version)


def conditions_of(station: Station, cabinet: Cabinet, now: datetime, settings: Settings) -> Iterator[Condition]:
    """What needs a person at a station. One in maintenance, and a new one before its first report, is worked on."""
    if station.maintenance:
        return
    names = {"station": station.name}
    if cabinet.last_seen_at is None:
        hours = timedelta(hours=settings.station_first_report_hours)
        if station.created_at is not None and now - station.created_at >= hours:
            yield Condition(AlertKind.STATION_NEVER_REPORTED, station.sn, names)
        return
    slots = cabinet.slots.values()
    if not cabinet.reachable(now, settings):
        yield Condition(AlertKind.STATION_OFFLINE, station.sn, names)
        return
    if slots and not ready_slots(cabinet, settings):
        yield Condition(AlertKind.STATION_EMPTY, station.sn, names)
    if slots and not any(slot.status is SlotStatus.EMPTY for slot in slots):
        yield Condition(AlertKind.STATION_FULL, station.sn, names)
    set_aside = {number for number, fault in cabinet.slot_faults.items() if fault.sets_aside(settings)}
    for slot in slots:
        in_slot = names | {"slot_number": slot.slot_number}
        if slot.state == STUCK or slot.slot_number in set_aside:
            yield Condition(AlertKind.SLOT_JAMMED, f"{station.sn}#{slot.slot_number}", in_slot)
        if slot.state == FORCED:
            yield Condition(AlertKind.SLOT_FORCED, f"{station.sn}#{slot.slot_number}", in_slot)
