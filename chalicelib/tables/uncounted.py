"""Rows that changed since the counters of days counted them. Each save of such a row puts it on a sparse index."""

from typing import Any

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operations.round_robin import in_turn
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.rentals.rental import Rental
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.conditional_writes import update_unless_changed
from chalicelib.tables.dynamodb import DUE_WINDOW, storage
from chalicelib.tables.intents import IntentRow, intent_key
from chalicelib.tables.rentals import RentalRow, rental_key
from chalicelib.tables.rows import Key, shard_of


def rental_keys(shard: str, limit: int, turn: int) -> list[Key[Rental]]:
    """Changed rentals of a shard, the oldest first, `in_turn`. Raises Problem("storage_unavailable")."""
    rows = _waiting(RentalRow.uncounted, shard, limit, turn)
    return [rental_key(row.user_id, row.rental_id) for row in rows]


def intent_keys(shard: str, limit: int, turn: int) -> list[Key[Intent]]:
    """Changed top-ups of a shard, as `rental_keys`. Raises Problem("storage_unavailable")."""
    rows = _waiting(IntentRow.uncounted, shard, limit, turn)
    return [intent_key(row.user_id, row.intent_id) for row in rows]


def user_ids(shard: str, limit: int, turn: int) -> list[str]:
    """Users of a shard whose account changed, as `rental_keys`. Raises Problem("storage_unavailable")."""
    return [row.user_id for row in _waiting(AccountRow.uncounted, shard, limit, turn)]


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


def _waiting(index: Any, shard: str, limit: int, turn: int) -> list[Any]:
    with storage():
        return in_turn([*index.query(shard, limit=DUE_WINDOW, page_size=DUE_WINDOW)], limit, turn)


def _mark_counted(row: Any, version: int) -> None:
    update_unless_changed(row, [type(row).count_shard.remove()], version)
