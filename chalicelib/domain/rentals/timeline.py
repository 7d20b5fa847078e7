"""What happened to one rental, in order: calls, states, postings, commands, frames and notifications."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.cabinets.event_log import RANKS, EventKind, LogEntry, place_of
from chalicelib.domain.money.ledger import Posting, PostingKind
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState


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


def states_of(rental: Rental, postings: Iterable[Posting]) -> Iterator[TimelineEntry]:
    """The states of a rental: those whose times its row holds, and those that a posting made."""
    back = RentalState.DUE if rental.state is RentalState.DUE else RentalState.COMPLETED
    swap = rental.swap
    first = (
        [(swap.requested_at, RentalState.STARTING), (swap.first_out_at, RentalState.ACTIVE)]
        if swap and not swap.open
        else []
    )
    states: list[tuple[datetime | None, RentalState]] = [
        *first,
        (rental.requested_at, RentalState.STARTING),
        (rental.started_at, RentalState.ACTIVE),
        *_made_by_postings(rental, [*postings]),
        (rental.ended_at, back),
    ]
    for at, state in states:
        if at is not None:
            place = place_of(at, at, STATE_RANK, state.value)
            yield TimelineEntry(place, at, TimelineKind.STATE, state.value)


def _made_by_postings(rental: Rental, postings: Sequence[Posting]) -> Iterator[tuple[datetime, RentalState]]:
    """A released hold ends a failed or a cancelled start. The last due before a power bank is found is its loss."""
    never_out = RentalState.CANCELLED if rental.state is RentalState.CANCELLED else RentalState.FAILED
    found_at = next((posting.at for posting in postings if posting.kind is PostingKind.FOUND), None)
    lost_at: datetime | None = None
    for posting in postings:
        if posting.kind is PostingKind.RELEASE or posting.kind in (PostingKind.CANCEL, PostingKind.CHARGE_UNDONE):
            yield posting.at, never_out
        elif posting.kind is PostingKind.DUE and (found_at is None or posting.at <= found_at):
            lost_at = posting.at
    if lost_at is not None and (rental.state is RentalState.LOST or found_at is not None):
        yield lost_at, RentalState.LOST
