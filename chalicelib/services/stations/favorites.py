"""A user's favourite stations: adds, removes and reads them. The user row holds their serial numbers."""

from collections.abc import Callable
from typing import Any

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.users.user import User
from chalicelib.services.caller import Caller, OptionalCaller, fresh_caller
from chalicelib.tables import stations, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.rows import Key
from chalicelib.world import World


def favorites_keys(user_id: str) -> tuple[Key[User]]:
    """The key of the row that holds the favourites."""
    return (users.user_key(user_id),)


def change_keys(user_id: str, sn: str) -> tuple[Key[Any], ...]:
    """The keys of the rows that a change of the favourites needs."""
    return users.user_key(user_id), stations.station_key(sn)


def favorites_of(caller: OptionalCaller) -> tuple[str, ...]:
    """The serial numbers of the caller's favourites, the newest first. Empty without a caller and for an operator.

    The caller was read with `favorites_keys`.
    """
    user = caller.rows[users.user_key(caller.user_id)] if caller is not None else None
    return user.favorite_sns[::-1] if user is not None else ()


def add(world: World, caller: Caller, sn: str) -> None:
    """Make the station a favourite. A second call changes nothing. Raises Problem: not_found, favorites_full."""
    _change(world, caller, sn, lambda user: user.with_favorite(sn))


def remove(world: World, caller: Caller, sn: str) -> None:
    """Make the station no favourite. A second call changes nothing.

    Raises Problem("not_found") for a station that exists no more and was no favourite.
    """
    _change(world, caller, sn, lambda user: user.without_favorite(sn))


def _change(world: World, caller: Caller, sn: str, change: Callable[[User], User]) -> None:
    """Change the favourites. `caller` was read with `change_keys`.

    A deletion of the account removes the user row, so that this write conflicts with it.
    """

    def decide(ops: Transaction) -> None:
        rows = fresh_caller(world, caller, ops).rows
        user = rows[users.user_key(caller.user_id)]
        if user is None or (rows[stations.station_key(sn)] is None and sn not in user.favorite_sns):
            raise Problem("not_found")
        changed = change(user)
        if changed != user:
            users.save_user(ops, changed)

    atomic(world, decide)
