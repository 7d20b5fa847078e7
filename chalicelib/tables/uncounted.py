"""Rows that changed since the counters of days counted them. Each save of such a row puts it on a sparse index."""

from typing import Any

from pynamodb.exceptions import UpdateError

from chalicelib.domain.account import Account
from chalicelib.domain.rental import Rental
from chalicelib.domain.topup_intent import Intent
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.dynamodb import fetch_many, storage
from chalicelib.tables.dynamodb_errors import CONDITION_FAILED, error_code
from chalicelib.tables.intents import IntentRow, intent_key
from chalicelib.tables.rentals import RentalRow, rental_key
from chalicelib.tables.rows import shard_of


def rentals(shard: str, limit: int) -> list[Rental]:
    """Changed rentals of a shard, the oldest first, read strongly. Raises Problem("storage_unavailable")."""
    return fetch_many([rental_key(row.user_id, row.rental_id) for row in _waiting(RentalRow.uncounted, shard, limit)])


def intents(shard: str, limit: int) -> list[Intent]:
    """Changed top-ups of a shard, the oldest first, read strongly. Raises Problem("storage_unavailable")."""
    return fetch_many([intent_key(row.user_id, row.intent_id) for row in _waiting(IntentRow.uncounted, shard, limit)])


def user_ids(shard: str, limit: int) -> list[str]:
    """Users of a shard whose account changed. Raises Problem("storage_unavailable")."""
    return [row.user_id for row in _waiting(AccountRow.uncounted, shard, limit)]


def is_waiting(subject: str) -> bool:
    """Whether the rental or top-up `subject` still waits to be counted. The index may be a second behind."""
    kind, _, row_id = subject.partition("#")
    model: Any = RentalRow if kind == "rental" else IntentRow
    own_id = model.rental_id if kind == "rental" else model.intent_id
    with storage():
        return any(model.uncounted.query(shard_of(row_id), own_id == row_id, limit=1))


def mark_rental_counted(rental: Rental) -> None:
    """Take the rental off the index, unless it has changed since it was read. Raises Problem."""
    _mark_counted(RentalRow(user_id=rental.user_id, rental_id=rental.rental_id), rental.version)


def mark_intent_counted(intent: Intent) -> None:
    """Take the top-up off the index, unless it has changed since it was read. Raises Problem."""
    _mark_counted(IntentRow(user_id=intent.user_id, intent_id=intent.intent_id), intent.version)


def mark_account_counted(account: Account) -> None:
    """Take the account off the index, unless it has changed since it was read. Raises Problem."""
    _mark_counted(AccountRow(account.user_id), account.version)


def _waiting(index: Any, shard: str, limit: int) -> list[Any]:
    with storage():
        return list(index.query(shard, limit=limit, page_size=limit))


def _mark_counted(row: Any, version: int) -> None:
    """The version and the write id stay, so that no other transaction is delayed or takes this write for its own."""
    model = type(row)
    try:
        with storage():
            row.update([model.count_shard.remove()], condition=model.version == version)
    except UpdateError as error:
        if error_code(error) != CONDITION_FAILED:
            raise
