"""How long a rental has run, and when it reaches its reminder, its due time and its loss."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_notice import NoticeKind, RentalNotice
from chalicelib.domain.rentals.rental_state import RentalState

ORDER = tuple(NoticeKind)


def minutes_used(rental: Rental, now: datetime) -> int:
    """Whole minutes from the first eject to the return or to `now`."""
    if rental.used_from is None:
        return 0
    return max((rental.ended_at or now) - rental.used_from, timedelta()) // timedelta(minutes=1)


def next_notice_at(rental: Rental) -> datetime | None:
    """When the next notice is due. None for a rental that is not active or has no due time."""
    return min((at for _, at in _coming(rental)), default=None)


def loss_at(rental: Rental) -> datetime | None:
    """When the power bank of an active rental counts as lost."""
    return dict(_coming(rental)).get(NoticeKind.LOST)


def due_notice(rental: Rental, now: datetime) -> NoticeKind | None:
    """The notice to write at `now`. A sweep that comes late skips the earlier ones: they would be untrue by now."""
    passed = [kind for kind, at in _coming(rental) if at <= now]
    return passed[-1] if passed else None


def with_notice(rental: Rental, kind: NoticeKind, at: datetime) -> Rental:
    """The rental with a notice written at `at`."""
    notice = RentalNotice(kind, len(rental.extensions), at)
    return replace(rental, notices=(*rental.notices, notice))


def _coming(rental: Rental) -> list[tuple[NoticeKind, datetime]]:
    """The notices that are still to come, with their times."""
    if rental.state is not RentalState.ACTIVE or rental.due_at is None:
        return []
    terms, due_at = rental.terms, rental.due_at
    times = {
        NoticeKind.REMINDER: due_at - timedelta(minutes=terms.reminder_minutes),
        NoticeKind.OVERDUE: due_at,
        NoticeKind.LOST: due_at + timedelta(hours=terms.lost_after_hours),
    }
    written = {notice.kind for notice in rental.notices if notice.extensions_count == len(rental.extensions)}
    first = max((ORDER.index(kind) + 1 for kind in written), default=0)
    return [(kind, times[kind]) for kind in ORDER[first:]]
