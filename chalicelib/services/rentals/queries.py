"""Reads a user's rentals."""

from collections.abc import Callable

from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services.caller import Caller
from chalicelib.services.filtered_pages import ListPart, read_matching
from chalicelib.tables import rentals
from chalicelib.tables.dynamodb import fetch_one


def read(user_id: str, rental_id: str) -> Rental:
    """A rental of the user. Raises Problem("not_found") when the user has no such rental."""
    return must_exist(fetch_one(rentals.rental_key(user_id, rental_id)))


def active(caller: Caller) -> Rental | None:
    """The caller's open rental, if any."""
    open_id = caller.account.open_rental_id
    return read(caller.user_id, open_id) if open_id else None


def rentals_of(
    caller: Caller,
    *,
    limit: int,
    before: str | None,
    matches: Callable[[Rental], bool],
) -> tuple[list[Rental], str | None]:
    """Matching rentals older than `before`, newest first, and the `before` of the next page (None at the end)."""

    def read_part(behind: str | None) -> ListPart[str, Rental]:
        part = rentals.newest(caller.user_id, before=behind, limit=limit + 1)
        return ListPart([(rental.rental_id, rental) for rental in part], more_follow=len(part) > limit)

    return read_matching(read_part, before, limit, matches)
