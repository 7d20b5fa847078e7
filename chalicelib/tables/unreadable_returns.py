"""Returns whose power bank no cabinet could read, in one list for operators."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.unreadable_return import UnreadableReturn, UnreadableReturnState
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values

EVERYONE = "all"


class UnreadableReturnRow(Row):
    """`subject` is the same for all rows: they are few, and one query lists the newest."""

    class Meta:
        table_name = "unreadable_returns"

    subject = UnicodeAttribute(hash_key=True, default=EVERYONE)
    return_id = UnicodeAttribute(range_key=True)
    station_sn = UnicodeAttribute()
    slot_number = IntAttribute()
    reported_at = TimeAttribute()
    possible_sns: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...])
    state = EnumAttribute(UnreadableReturnState)
    powerbank_sn = UnicodeAttribute(null=True)
    assigned_by = UnicodeAttribute(null=True)
    assigned_at = TimeAttribute(null=True)
    version = IntAttribute()


def return_key(return_id: str) -> Key[UnreadableReturn]:
    return Key(UnreadableReturnRow, EVERYONE, return_id, lambda row: entity(row, UnreadableReturn))


def save(ops: Transaction, unreadable: UnreadableReturn) -> None:
    ops.save(UnreadableReturnRow(subject=EVERYONE, **values(unreadable)), unreadable.version)


def newest(state: UnreadableReturnState, limit: int) -> list[UnreadableReturn]:
    """At most `limit` in a state, the newest first, read strongly. Raises Problem("storage_unavailable")."""
    in_state = UnreadableReturnRow.state == state
    with storage():
        rows = UnreadableReturnRow.query(
            EVERYONE, filter_condition=in_state, consistent_read=True, scan_index_forward=False, limit=limit
        )
        return [entity(row, UnreadableReturn) for row in rows]
