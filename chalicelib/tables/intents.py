"""Top-up intents, and the gateway references that have been credited."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import KeysOnlyProjection

from chalicelib.domain.payment import Intent, IntentState
from chalicelib.tables.atomic import Ops
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.store import Key, Row, SparseIndex, due_in, entity, shard_of, values


class IntentsOpen(SparseIndex):
    class Meta:
        index_name = "open"
        projection = KeysOnlyProjection()

    shard = UnicodeAttribute(hash_key=True)
    wait_until = TimeAttribute(range_key=True)


class IntentRow(Row):
    class Meta:
        table_name = "intents"

    intent_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    gateway = UnicodeAttribute()
    amount_paisa = IntAttribute()
    order_ref = UnicodeAttribute()
    created_at = TimeAttribute()
    expires_at = TimeAttribute()
    state = EnumAttribute(IntentState)
    return_url = UnicodeAttribute(null=True)
    gateway_ref = UnicodeAttribute(null=True)
    payment_url = UnicodeAttribute(null=True)
    credited_ref = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    looks_count = IntAttribute()
    look_at = TimeAttribute(null=True)
    settled_at = TimeAttribute(null=True)
    shard = UnicodeAttribute(null=True)
    wait_until = TimeAttribute(null=True)
    version = IntAttribute()
    open = IntentsOpen()


class ReferenceRow(Row):
    """`reference` is `gateway#their name` for an attempt, or `gateway#credited#their transaction`, each ours once."""

    class Meta:
        table_name = "gateway_references"

    reference = UnicodeAttribute(hash_key=True)
    intent_id = UnicodeAttribute()


def intent_key(intent_id: str) -> Key[Intent]:
    return Key(IntentRow, intent_id, None, lambda row: entity(row, Intent))


def reference_key(gateway: str, reference: str) -> Key[str]:
    """Reads as the intent that is paid under `reference` at the gateway."""
    return Key(ReferenceRow, f"{gateway}#{reference}", None, lambda row: str(row.intent_id))


def save(ops: Ops, intent: Intent) -> None:
    row = IntentRow(**values(intent))
    if intent.look_at is not None:
        row.shard, row.wait_until = shard_of(intent.intent_id), intent.look_at
    ops.save(row, intent.version)


def claim_reference(ops: Ops, gateway: str, reference: str, intent_id: str, *, refused: Exception) -> None:
    ops.add(ReferenceRow(reference=f"{gateway}#{reference}", intent_id=intent_id), refused=refused)


def due(now: datetime, limit: int) -> list[Intent]:
    """Intents whose gateway is to be asked by `now`."""
    found = due_in(IntentRow.open, lambda row: intent_key(row.intent_id), now, limit)
    return [intent for intent in found if intent.look_at is not None and intent.look_at <= now]
