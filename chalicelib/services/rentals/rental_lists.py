"""Rentals as operators list and read them, with their customers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.text.days import Span
from chalicelib.domain.text.ids import first_id_of
from chalicelib.domain.users.user import User
from chalicelib.services.newest_pages import NewestPage, Position, read_page
from chalicelib.tables import rental_lists, rentals, users
from chalicelib.tables.dynamodb import fetch_all, fetch_one
from chalicelib.tables.newest_first import LATEST, OLDEST
from chalicelib.tables.rows import Key
from chalicelib.world import World


@dataclass(frozen=True)
class RentalRecord:
    """A rental and its customer. `user` is None once the account is deleted."""

    rental: Rental
    user: User | None


@dataclass(frozen=True)
class RentalsFilter:
    """What the listed rentals have in common. None leaves a field open. `span` holds the requests."""

    span: Span
    status: RentalState | None = None
    overdue: bool | None = None
    user_id: str | None = None
    station_sn: str | None = None

    def matcher(self, now: datetime) -> Callable[[Rental], bool] | None:
        """What no index answers; None when the index answers it all."""
        if (self.status, self.overdue) == (None, None) and not (self.user_id and self.station_sn):
            return None
        return lambda rental: (
            self.status in (None, rental.state)
            and self.overdue in (None, rental.overdue(now) and rental.out)
            and self.station_sn in (None, rental.station.sn)
        )


def page_of(
    world: World, criteria: RentalsFilter, page: NumberedPage, *, before: str | None
) -> NewestPage[RentalRecord]:
    """The rentals older than the rental `before`, or the page by number, the newest first."""

    def read(limit: int) -> list[Position[Key[Rental]]]:
        keys = _keys(criteria, before=before, limit=limit + 1)
        return [Position(str(key.range_key), key) for key in keys if key.range_key != before][:limit]

    found = read_page(read, _load, page, by_cursor=before is not None, matches=criteria.matcher(world.now()))
    return NewestPage(_with_users(found.items), found.following, found.listed)


def read(rental_id: str) -> RentalRecord:
    """Any customer's rental. Raises Problem("not_found")."""
    rental = must_exist(rentals.find(rental_id))
    return _with_users([rental])[0]


def with_user(rental: Rental) -> RentalRecord:
    return RentalRecord(rental, fetch_one(users.user_key(rental.user_id)))


def _keys(criteria: RentalsFilter, *, before: str | None, limit: int) -> Sequence[Key[Rental]]:
    after = first_id_of(criteria.span.start) if criteria.span.start else OLDEST
    latest = f"{first_id_of(criteria.span.end)[:10]}{LATEST}" if criteria.span.end else LATEST
    until = min(before, latest) if before is not None else latest
    if until < after:
        return []
    if criteria.user_id is not None:
        return rental_lists.of_user(criteria.user_id, after=after, before=until, limit=limit)
    if criteria.station_sn is not None:
        return rental_lists.of_station(criteria.station_sn, after=after, before=until, limit=limit)
    return rental_lists.of_all(after=after, before=until, limit=limit)


def _load(keys: Sequence[Key[Rental]]) -> Mapping[Key[Rental], Rental]:
    found = fetch_all(keys)
    return {key: rental for key in keys if (rental := found[key]) is not None}


def _with_users(listed: Sequence[Rental]) -> Sequence[RentalRecord]:
    keys = {rental.user_id: users.user_key(rental.user_id) for rental in listed}
    found = fetch_all([*keys.values()])
    return [RentalRecord(rental, found[keys[rental.user_id]]) for rental in listed]
