"""Erases what customers and operators wrote in rows of a deleted account that stay: refunds, additions, rentals.

A refund or an addition that an operator decides later loses its text then.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.money.balance_addition import BalanceAddition
from chalicelib.domain.payments.refund import Refund
from chalicelib.domain.rentals.rental import Rental
from chalicelib.tables import balance_additions, refunds, rentals
from chalicelib.tables.atomic import MAX_ITEMS, Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import World

BATCH_TIME = timedelta(seconds=1)
"""A batch goes on for this time. Each batch reads the rows from their beginning, so short batches would read a long
history again and again."""


@dataclass(frozen=True)
class FreeText:
    """One kind of row: how a user's rows are read, all and the newest ones, and how one is saved without its text."""

    of_user: Callable[[str], Iterable[Any]]
    newest: Callable[[str], Iterable[Any]]
    key_of: Callable[[Any], Key[Any]]
    without_text: Callable[[Any], Any]
    save: Callable[[Transaction, Any], None]


REFUNDS = FreeText(
    refunds.each_of_user,
    lambda user_id: refunds.newest(user_id, before=None, limit=MAX_ITEMS),
    lambda refund: refunds.refund_key(refund.refund_id),
    Refund.without_free_text,
    refunds.save,
)
ADDITIONS = FreeText(
    balance_additions.each_of_user,
    lambda user_id: balance_additions.newest(user_id, MAX_ITEMS),
    lambda addition: balance_additions.addition_key(addition.addition_id),
    BalanceAddition.without_free_text,
    balance_additions.save,
)


def _without_cancel_reason(rental: Rental) -> Rental:
    return replace(rental, cancel_reason=None)


RENTALS = FreeText(
    rentals.each_with_cancel_reason,
    lambda user_id: rentals.newest(user_id, before=None, limit=MAX_ITEMS),
    lambda rental: rentals.rental_key(rental.user_id, rental.rental_id),
    _without_cancel_reason,
    rentals.save,
)
TEXTS = (REFUNDS, ADDITIONS, RENTALS)


def whole(text: FreeText) -> Callable[[World, str], bool]:
    """An eraser of a user's texts, a batch at a time. It returns True while more of them are left."""
    return lambda world, user_id: _erase(world, text, text.of_user(user_id))


def newest(text: FreeText) -> Callable[[World, str], None]:
    """An eraser of the newest rows' texts, which reads no whole history."""

    def erase(world: World, user_id: str) -> None:
        _erase(world, text, text.newest(user_id))

    return erase


def _erase(world: World, text: FreeText, rows: Iterable[Any]) -> bool:
    """Delete the texts of these rows, MAX_ITEMS at least, and more for BATCH_TIME. True when some are left."""
    until, count = world.now() + BATCH_TIME, 0
    for row in rows:
        if row == text.without_text(row):
            continue
        if count >= MAX_ITEMS and world.now() >= until:
            return True
        _erase_one(world, text, text.key_of(row))
        count += 1
    return False


def _erase_one(world: World, text: FreeText, key: Key[Any]) -> None:
    def decide(ops: Transaction) -> None:
        row = fetch_one(key)
        if row is not None and row != text.without_text(row):
            text.save(ops, text.without_text(row))

    atomic(world, decide)
