"""Reversals of top-ups by user, and the progress of the daily check that finds them."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.operators.numbered_page import MAX_LISTED
from chalicelib.domain.payments.reversal import Reversal, ReversalAction, ReversalState, ReversalWalk
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import fetch_many, storage
from chalicelib.tables.rows import SHARDS, Key, Row, SparseIndex, entity, shard_of, values


class ReversalsByState(SparseIndex, name="by_state"):
    """Reversals by state and time, for the list of operators. No decision reads it."""

    state_shard = UnicodeAttribute(hash_key=True)
    found_at = TimeAttribute(range_key=True)


class ReversalRow(Row):
    class Meta:
        table_name = "reversals"

    user_id = UnicodeAttribute(hash_key=True)
    intent_id = UnicodeAttribute(range_key=True)
    gateway = UnicodeAttribute()
    topup_paisa = IntAttribute()
    reason = UnicodeAttribute()
    found_at = TimeAttribute()
    reversed_paisa = IntAttribute(null=True)
    state = EnumAttribute(ReversalState)
    settled_paisa = IntAttribute()
    wallet_paisa = IntAttribute()
    due_paisa = IntAttribute()
    loss_paisa = IntAttribute()
    action = EnumAttribute(ReversalAction, null=True)
    decided_by = UnicodeAttribute(null=True)
    decided_at = TimeAttribute(null=True)
    state_shard = UnicodeAttribute()
    version = IntAttribute()
    by_state = ReversalsByState()


class ReversalWalkRow(Row):
    class Meta:
        table_name = "reversal_walks"

    gateway = UnicodeAttribute(hash_key=True)
    day = UnicodeAttribute(null=True)
    shard = IntAttribute()
    position = UnicodeAttribute(null=True)
    version = IntAttribute()


def reversal_key(user_id: str, intent_id: str) -> Key[Reversal]:
    return Key(ReversalRow, user_id, intent_id, lambda row: entity(row, Reversal))


def walk_key(gateway: str) -> Key[ReversalWalk]:
    return Key(ReversalWalkRow, gateway, None, lambda row: entity(row, ReversalWalk))


def of_user(user_id: str) -> list[Reversal]:
    """All reversals of a user's top-ups. The read is strongly consistent."""
    with storage():
        return [entity(row, Reversal) for row in ReversalRow.query(user_id, consistent_read=True)]


def save(ops: Transaction, reversal: Reversal) -> None:
    row = ReversalRow(**values(reversal), state_shard=f"{reversal.state.value}-{shard_of(reversal.intent_id)}")
    ops.save(row, reversal.version)


def save_walk(ops: Transaction, walk: ReversalWalk) -> None:
    ops.save(ReversalWalkRow(**values(walk)), walk.version)


def in_state(state: ReversalState) -> list[Reversal]:
    """At most MAX_LISTED reversals in a state, the one found last first."""
    keys: list[Key[Reversal]] = []
    for shard in range(SHARDS):
        with storage():
            rows = ReversalRow.by_state.query(
                f"{state.value}-{shard}", scan_index_forward=False, limit=MAX_LISTED, page_size=MAX_LISTED
            )
            keys += [reversal_key(row.user_id, row.intent_id) for row in rows]
    reversals = [reversal for reversal in fetch_many(keys) if reversal.state is state]
    return sorted(reversals, key=lambda reversal: reversal.found_at, reverse=True)[:MAX_LISTED]
