"""What happened to one rental, in order: calls, states, postings, commands, frames and notifications."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.event_log import RANKS, EventKind, LogEntry, place_of
from chalicelib.domain.ledger import Posting, PostingKind
from chalicelib.domain.rental import Rental
from chalicelib.domain.rental_notice import NoticeKind
from chalicelib.domain.rental_state import CANCELLED_BEFORE_EJECT, RentalState


class TimelineKind(StrEnum):
    """What an entry of a timeline is about."""

    API = "api"
    STATE = "state"
    POSTING = "posting"
    COMMAND = "command"
    FRAME = "frame"
    NOTIFICATION = "notification"


KINDS: Mapping[EventKind, TimelineKind] = {
    EventKind.API: TimelineKind.API,
    EventKind.COMMAND: TimelineKind.COMMAND,
    EventKind.FRAME: TimelineKind.FRAME,
    EventKind.CONNECTION: TimelineKind.FRAME,
    EventKind.NOTIFICATION: TimelineKind.NOTIFICATION,
}
STATE_RANK, POSTING_RANK = RANKS[EventKind.API] + 1, RANKS[EventKind.API] + 2


@dataclass(frozen=True)
class TimelineEntry:
    """One entry. `place` sorts it among the entries of its rental, and is where the next page goes on.

    `name` is the posting's kind, the state, or the name in the event log. `source` is the posting or the entry of the
    log. It is None for a state.
    """

    place: str
    at: datetime
    kind: TimelineKind
    name: str
    source: Posting | LogEntry | None = None

    @property
    def outcome(self) -> str:
        """What became of a call, a command or a frame. Empty for others."""
        return self.source.outcome if isinstance(self.source, LogEntry) else ""


def of_log(entry: LogEntry) -> TimelineEntry:
    return TimelineEntry(entry.entry_id, entry.at, KINDS[entry.kind], entry.name, entry)


def of_posting(posting: Posting) -> TimelineEntry:
    place = place_of(posting.at, posting.at, POSTING_RANK, f"{posting.seq:09}")
    return TimelineEntry(place, posting.at, TimelineKind.POSTING, posting.kind.value, posting)


STATE_POSTINGS = (PostingKind.RELEASE, PostingKind.CANCEL)


def states_of(rental: Rental, postings: Sequence[Posting]) -> Iterator[TimelineEntry]:
    """The states whose times the rental's row holds. A failed eject has the time of the posting that released it."""
    times = {kind: [posting.at for posting in postings if posting.kind is kind] for kind in STATE_POSTINGS}
    before_eject = rental.failure == CANCELLED_BEFORE_EJECT
    cancelled = rental.state is RentalState.CANCELLED
    states: list[tuple[datetime | None, RentalState]] = [
        (rental.requested_at, RentalState.STARTING),
        *((at, RentalState.CANCELLED if before_eject else RentalState.FAILED) for at in times[PostingKind.RELEASE]),
        (rental.started_at, RentalState.ACTIVE),
        *((notice.at, RentalState.LOST) for notice in rental.notices if notice.kind is NoticeKind.LOST),
        (rental.ended_at, RentalState.COMPLETED if cancelled else rental.state),
        *((at, RentalState.CANCELLED) for at in times[PostingKind.CANCEL]),
    ]
    for at, state in states:
        if at is not None:
            place = place_of(at, at, STATE_RANK, state.value)
            yield TimelineEntry(place, at, TimelineKind.STATE, state.value)
