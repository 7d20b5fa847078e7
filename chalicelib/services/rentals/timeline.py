"""Reads what happened to one rental, in order, a page at a time."""

from collections.abc import Sequence

from chalicelib.domain.operators.numbered_page import MAX_LISTED, NumberedPage
from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.rentals import timeline
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.timeline import TimelineEntry
from chalicelib.services.caller import Caller
from chalicelib.tables import event_log, postings, rentals
from chalicelib.tables.rows import Key

MAX_POSTINGS = 100
"""A rental has far fewer: a hold, its end, three extensions, a late fee, a due and its payment."""


def prefetch_keys(user_id: str, rental_id: str) -> tuple[Key[Rental]]:
    """The rows to read together with the caller."""
    return (rentals.rental_key(user_id, rental_id),)


def of_caller(
    caller: Caller, rental_id: str, *, after: str | None, limit: int
) -> tuple[list[TimelineEntry], str | None]:
    """Entries of a rental of the caller, the oldest first, and where the next page begins (None at the end).

    Raises Problem("not_found") when the caller has no such rental.
    """
    (key,) = prefetch_keys(caller.user_id, rental_id)
    rental = must_exist(caller.rows[key])
    return _page(rental, after, limit)


def of_any(rental_id: str, *, after: str | None, limit: int) -> tuple[list[TimelineEntry], str | None]:
    """As `of_caller`, of any customer's rental."""
    rental = must_exist(rentals.find(rental_id))
    return _page(rental, after, limit)


def numbered_of_any(rental_id: str, page: NumberedPage) -> tuple[Sequence[TimelineEntry], int]:
    """A numbered page of the first MAX_LISTED entries of any customer's rental, and the number of all of these.

    Raises Problem("not_found").
    """
    entries, _ = of_any(rental_id, after=None, limit=MAX_LISTED)
    return page.with_total(entries)


def _page(rental: Rental, after: str | None, limit: int) -> tuple[list[TimelineEntry], str | None]:
    """Two calls: the page's part of the event log, and all postings of the rental, which are few."""
    logged = event_log.of_rental(rental.rental_id, after=after, limit=limit + 1)
    posted = postings.of_ref(rental.user_id, rental.rental_id, limit=MAX_POSTINGS)
    others = [*map(timeline.of_posting, posted), *timeline.states_of(rental, posted)]
    later = [entry for entry in others if after is None or entry.place > after]
    entries = sorted([*map(timeline.of_log, logged), *later], key=lambda entry: entry.place)
    page = entries[:limit]
    return page, page[-1].place if len(entries) > limit else None
