"""Which notification a change of a rental brings its customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_clock import minutes_used
from chalicelib.domain.rentals.rental_notice import NoticeKind
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT
from chalicelib.domain.text.clock_text import whole_minutes
from chalicelib.domain.text.time_text import time_text

ENDED = (RentalState.COMPLETED, RentalState.DUE)


@dataclass(frozen=True)
class RentalNotification:
    """The kind and the values of its texts: sums in paisa, times as ISO 8601 text."""

    kind: NotificationKind
    values: Mapping[str, Any]


def of_change(before: Rental, after: Rental) -> RentalNotification | None:
    """What to tell about the step from `before` to `after`. None when the customer knows, or nothing changed."""
    if after.state is before.state:
        return _of_extension(after) if len(after.extensions) > len(before.extensions) else None
    if after.state is RentalState.ACTIVE:
        return _of_start(before, after)
    if after.state is RentalState.FAILED and not _paid_paisa(before):
        return RentalNotification(NotificationKind.EJECT_FAILED, {})
    if after.state in (RentalState.FAILED, RentalState.CANCELLED):
        return _of_end_without_charge(before)
    if after.state in ENDED and before.state not in ENDED:
        return _of_return(before, after)
    return None


def of_notice(kind: NoticeKind, rental: Rental, now: datetime, max_extensions: int) -> RentalNotification | None:
    """The notification of a notice that was just written. None for a rental without a due time."""
    if rental.due_at is None:
        return None
    if kind is NoticeKind.REMINDER:
        can_extend = len(rental.extensions) < max_extensions
        minutes = max(1, whole_minutes(rental.due_at - now))
        values = {"minutes": minutes, "due_at": time_text(rental.due_at)}
        return RentalNotification(NotificationKind.REMINDER if can_extend else NotificationKind.LAST_REMINDER, values)
    if kind is NoticeKind.OVERDUE:
        return RentalNotification(NotificationKind.OVERDUE, {})
    values = {"hours": rental.terms.lost_after_hours, "amount_paisa": rental.replacement_charge_paisa}
    return RentalNotification(NotificationKind.LOST, values)


def of_payment(amount_paisa: int) -> RentalNotification:
    """A due of `amount_paisa` was paid."""
    return RentalNotification(NotificationKind.DUE_PAID, {"amount_paisa": amount_paisa})


def _of_start(before: Rental, after: Rental) -> RentalNotification:
    if before.state is RentalState.COMPLETED:
        return RentalNotification(NotificationKind.RENTAL_CONTINUES, {})
    slot = {"slot_number": after.station.slot_number}
    if after.due_at is not None and after.swap is not None and not after.swap.open:
        return RentalNotification(NotificationKind.RENTAL_SWAPPED, {**slot, "due_at": time_text(after.due_at)})
    if after.due_at is None:
        return RentalNotification(NotificationKind.RENTAL_STARTED_POSTPAID, slot)
    return RentalNotification(NotificationKind.RENTAL_STARTED, {**slot, "due_at": time_text(after.due_at)})


def _of_extension(after: Rental) -> RentalNotification | None:
    if after.due_at is None:
        return None
    values = {"due_at": time_text(after.due_at), "amount_paisa": after.extensions[-1].price_paisa}
    return RentalNotification(NotificationKind.RENTAL_EXTENDED, values)


def _paid_paisa(rental: Rental) -> int:
    return rental.wallet_paid_paisa + rental.points_paid * PAISA_PER_POINT


def _of_end_without_charge(before: Rental) -> RentalNotification:
    """All that was paid goes back: the customer cancels, or the second power bank of a swap does not come out."""
    paid_paisa = _paid_paisa(before)
    if not paid_paisa:
        return RentalNotification(NotificationKind.RENTAL_CANCELLED, {})
    return RentalNotification(NotificationKind.RENTAL_CANCELLED_PAID, {"amount_paisa": paid_paisa})


def _of_return(before: Rental, after: Rental) -> RentalNotification:
    """The notification names the late fee or the due. After any other return it names the time of use."""
    ended_at = after.ended_at or after.requested_at
    used = {"used_minutes": minutes_used(after, ended_at)}
    if before.state is RentalState.LOST:
        was_paid = before.replacement_wallet_paisa or before.replacement_points
        kind = NotificationKind.FOUND_PAID if was_paid else NotificationKind.FOUND_UNPAID
        sums = {"amount_paisa": before.replacement_charge_paisa, "late_fee_paisa": after.late_fee_paisa}
        return RentalNotification(kind, sums)
    if after.state is RentalState.DUE and after.package.postpaid:
        return RentalNotification(NotificationKind.POSTPAID_DUE, {**used, "due_paisa": after.due_paisa})
    if after.state is RentalState.DUE:
        return RentalNotification(NotificationKind.DUE_NOTICED, {"due_paisa": after.due_paisa})
    if after.late_fee_paisa and after.due_at is not None:
        late_minutes = whole_minutes(ended_at - after.due_at)
        return RentalNotification(
            NotificationKind.LATE_FEE_TAKEN, {"late_minutes": late_minutes, "late_fee_paisa": after.late_fee_paisa}
        )
    if after.package.postpaid:
        return RentalNotification(NotificationKind.RENTAL_ENDED_FREE, {"minutes": after.terms.free_return_minutes})
    return RentalNotification(NotificationKind.RENTAL_ENDED, used)
