"""Returns whose power bank no cabinet could read, in one list for operators."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, LocalSecondaryIndex

from chalicelib.domain.rentals.unreadable_return import UnreadableReturn, UnreadableReturnState
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.newest_first import newest_rows
from chalicelib.tables.rows import Key, Row, entity, values

EVERYONE = "all"


class UnreadableReturnsByState(LocalSecondaryIndex["UnreadableReturnRow"]):  # type: ignore[no-untyped-call]
    """Returns by state and time. A local index is read strongly consistent."""

    class Meta:
        index_name = "in_state"
        projection = AllProjection()

    subject = UnicodeAttribute(hash_key=True)
    state_id = UnicodeAttribute(range_key=True)


class UnreadableReturnRow(Row):
    """`subject` is the same for all rows: they are few. `state_id` is the state and the return's id."""

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
    state_id = UnicodeAttribute()
    in_state = UnreadableReturnsByState()


def return_key(return_id: str) -> Key[UnreadableReturn]:
    return Key(UnreadableReturnRow, EVERYONE, return_id, lambda row: entity(row, UnreadableReturn))


def save(ops: Transaction, unreadable: UnreadableReturn) -> None:
    state_id = f"{unreadable.state}#{unreadable.return_id}"
    ops.save(UnreadableReturnRow(subject=EVERYONE, state_id=state_id, **values(unreadable)), unreadable.version)


def newest(state: UnreadableReturnState, limit: int) -> list[UnreadableReturn]:
    """At most `limit` in a state, the newest first, read strongly. Raises Problem("storage_unavailable")."""
    in_state = UnreadableReturnsByState.state_id.startswith(f"{state}#")
    rows = newest_rows(UnreadableReturnRow.in_state, EVERYONE, in_state, limit=limit)
    return [entity(row, UnreadableReturn) for row in rows]
