"""Additions to wallets by operators, by user."""

from collections.abc import Iterator

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.money.balance_addition import AdditionState, BalanceAddition, owner_of
from chalicelib.domain.operators.numbered_page import MAX_LISTED, NumberedPage
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import fetch_many, storage
from chalicelib.tables.newest_first import newest_rows
from chalicelib.tables.rows import Key, KeysOnlyIndex, Row, entity, values


class AdditionsByState(KeysOnlyIndex, name="by_state"):
    """Additions by state and id, which sorts by time, for the lists of operators. No decision reads it."""

    state = UnicodeAttribute(hash_key=True)
    addition_id = UnicodeAttribute(range_key=True)


class BalanceAdditionRow(Row):
    class Meta:
        table_name = "balance_additions"

    user_id = UnicodeAttribute(hash_key=True)
    addition_id = UnicodeAttribute(range_key=True)
    amount_paisa = IntAttribute()
    reason = UnicodeAttribute()
    requested_by = UnicodeAttribute()
    requested_at = TimeAttribute()
    state = EnumAttribute(AdditionState)
    seq = IntAttribute(null=True)
    balance_after_paisa = IntAttribute(null=True)
    notes = UnicodeAttribute(null=True)
    decided_by = UnicodeAttribute(null=True)
    decided_at = TimeAttribute(null=True)
    version = IntAttribute()
    by_state = AdditionsByState()


def addition_key(addition_id: str) -> Key[BalanceAddition]:
    """The key of an addition. Its id contains the user id; for a malformed id no row exists."""
    return Key(
        BalanceAdditionRow, owner_of(addition_id) or "-", addition_id, lambda row: entity(row, BalanceAddition)
    )


def save(ops: Transaction, addition: BalanceAddition) -> None:
    ops.save(BalanceAdditionRow(**values(addition)), addition.version, sole_creator=True)


def in_state(state: AdditionState, *, newest_first: bool, page: NumberedPage) -> tuple[list[BalanceAddition], int]:
    """A page of the additions in a state, by the time of their request, and their number, at most MAX_LISTED."""
    with storage():
        rows = BalanceAdditionRow.by_state.query(
            state.value, scan_index_forward=not newest_first, limit=MAX_LISTED, page_size=MAX_LISTED
        )
        ids = [str(row.addition_id) for row in rows]
    additions = fetch_many([addition_key(addition_id) for addition_id in page.of(ids)])
    return [addition for addition in additions if addition.state is state], len(ids)


def each_of_user(user_id: str) -> Iterator[BalanceAddition]:
    """All additions to a user's wallet, oldest first, a page at a time. The read is strongly consistent."""
    with storage():
        for row in BalanceAdditionRow.query(user_id, consistent_read=True):
            yield entity(row, BalanceAddition)


def newest(user_id: str, limit: int) -> list[BalanceAddition]:
    """A user's newest additions. Raises Problem("storage_unavailable")."""
    return [entity(row, BalanceAddition) for row in newest_rows(BalanceAdditionRow, user_id, limit=limit)]
