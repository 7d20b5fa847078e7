"""What may forbid the deletion of an account, by user: one short row each, written with the row that it names.

A deletion reads these rows and not the user's whole history.
"""

from enum import StrEnum

from pynamodb.attributes import UnicodeAttribute

from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Row


class ItemKind(StrEnum):
    """What an item names by its id.

    The item of an open refund or of a top-up in review ends with it. The item of a power bank stays after its rental
    was released: the power bank itself says whether it may still be with the user.
    """

    POWERBANK = "powerbank"
    REFUND = "refund"
    REVIEW = "review"


class OpenItemRow(Row):
    class Meta:
        table_name = "open_items"

    user_id = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)


def add(ops: Transaction, user_id: str, kind: ItemKind, named_id: str) -> None:
    """Stage the item. It may be there already."""
    ops.put(OpenItemRow(user_id=user_id, item=item_of(kind, named_id)))


def discard(ops: Transaction, user_id: str, kind: ItemKind, named_id: str) -> None:
    """Stage the deletion of the item, if it is there."""
    ops.discard(OpenItemRow(user_id=user_id, item=item_of(kind, named_id)))


def has_any(user_id: str, kind: ItemKind) -> bool:
    """Whether a user has an item of this kind. The read is strongly consistent."""
    return bool(_query(user_id, kind, limit=1))


def ids_of(user_id: str, kind: ItemKind) -> list[str]:
    """The ids that a user's items of this kind name. The read is strongly consistent."""
    return [item.removeprefix(item_of(kind, "")) for item in _query(user_id, kind)]


def of_user(user_id: str) -> list[str]:
    """All of a user's items, as `item_of` writes them. The read is strongly consistent."""
    with storage():
        return [str(row.item) for row in OpenItemRow.query(user_id, consistent_read=True)]


def item_of(kind: ItemKind, named_id: str) -> str:
    return f"{kind.value}#{named_id}"


def _query(user_id: str, kind: ItemKind, *, limit: int | None = None) -> list[str]:
    of_kind = OpenItemRow.item.startswith(item_of(kind, ""))
    with storage():
        rows = OpenItemRow.query(user_id, of_kind, consistent_read=True, limit=limit, page_size=limit)
        return [str(row.item) for row in rows]
