"""Top-up intents by user."""

from collections.abc import Iterator
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.text.days import day_of
from chalicelib.domain.text.time_text import sortable_time_text
from chalicelib.tables import intent_references, open_items
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import due_in, fetch_many, storage
from chalicelib.tables.open_items import ItemKind
from chalicelib.tables.rows import (
    SHARDS,
    DayIndex,
    Key,
    KeysOnlyIndex,
    Row,
    SparseIndex,
    WaitingIndex,
    entity,
    shard_of,
    values,
)


class IntentsOpen(WaitingIndex, name="open"):
    """Intents whose gateway the sweep has to ask."""


class IntentsInReview(SparseIndex, name="in_review"):
    """Intents that wait for an operator, oldest first."""

    review_shard = UnicodeAttribute(hash_key=True)
    review_since = TimeAttribute(range_key=True)


class IntentsMade(DayIndex, name="made"):
    """Intents by the day a customer created them."""

    made_in = UnicodeAttribute(hash_key=True)
    intent_id = UnicodeAttribute(range_key=True)


class IntentsCredited(DayIndex, name="credited"):
    """Intents by the day the wallet was credited."""

    credited_in = UnicodeAttribute(hash_key=True)
    intent_id = UnicodeAttribute(range_key=True)


class IntentsUncounted(SparseIndex, name="uncounted"):
    """Intents that changed since the counters of days counted them, the oldest first."""

    count_shard = UnicodeAttribute(hash_key=True)
    intent_id = UnicodeAttribute(range_key=True)


class IntentsByCredit(KeysOnlyIndex, name="by_credit"):
    """Credited intents of a gateway, oldest credit first. The daily check for reversals reads it."""

    credit_shard = UnicodeAttribute(hash_key=True)
    credit_order = UnicodeAttribute(range_key=True)


class IntentRow(Row):
    class Meta:
        table_name = "intents"

    user_id = UnicodeAttribute(hash_key=True)
    intent_id = UnicodeAttribute(range_key=True)
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
    credited_seq = IntAttribute(null=True)
    points_earned = IntAttribute()
    reason = UnicodeAttribute(null=True)
    checks_count = IntAttribute()
    next_check_at = TimeAttribute(null=True)
    verified_at = TimeAttribute(null=True)
    resolved_at = TimeAttribute(null=True)
    reported_paisa = IntAttribute(null=True)
    reported_reference = UnicodeAttribute(null=True)
    reported_refunded_paisa = IntAttribute(null=True)
    closed_at = TimeAttribute(null=True)
    shard = UnicodeAttribute(null=True)
    wait_until = TimeAttribute(null=True)
    review_shard = UnicodeAttribute(null=True)
    review_since = TimeAttribute(null=True)
    made_in = UnicodeAttribute(null=True)
    credited_in = UnicodeAttribute(null=True)
    credit_shard = UnicodeAttribute(null=True)
    credit_order = UnicodeAttribute(null=True)
    count_shard = UnicodeAttribute(null=True)
    version = IntAttribute()
    open = IntentsOpen()
    in_review = IntentsInReview()
    made = IntentsMade()
    credited = IntentsCredited()
    by_credit = IntentsByCredit()
    uncounted = IntentsUncounted()


MADE, CREDITED = "a", "b"
PLACES = [f"{of}{shard}#" for of in (MADE, CREDITED) for shard in range(SHARDS)]
"""The index partitions of a day, in the order in which `of_day` reads them."""


def intent_key(user_id: str, intent_id: str) -> Key[Intent]:
    return Key(IntentRow, user_id, intent_id, lambda row: entity(row, Intent))


def save(ops: Transaction, intent: Intent) -> None:
    shard = shard_of(intent.intent_id)
    row = IntentRow(**values(intent), made_in=_part(intent, intent.created_at), count_shard=shard)
    if intent.state is IntentState.SUCCESS and intent.resolved_at is not None:
        row.credited_in = _part(intent, intent.resolved_at)
        row.credit_shard = f"{intent.gateway}#{shard}"
        row.credit_order = f"{sortable_time_text(intent.resolved_at)}#{intent.intent_id}"
    if intent.next_check_at is not None:
        row.shard, row.wait_until = shard, intent.next_check_at
    if intent.needs_review:
        row.review_shard, row.review_since = shard, intent.resolved_at
        open_items.add(ops, intent.user_id, ItemKind.REVIEW, intent.intent_id)
    elif intent.resolved_at is not None:
        open_items.discard(ops, intent.user_id, ItemKind.REVIEW, intent.intent_id)
    ops.save(row, intent.version, sole_creator=True)


def add(ops: Transaction, intent: Intent) -> None:
    """Stage a new intent and the reference by its id."""
    save(ops, intent)
    intent_references.name_by_id(ops, intent)


def of_user(user_id: str, *, after: str) -> Iterator[Intent]:
    """A user's intents with ids above `after`, oldest first, read a page at a time and strongly consistent."""
    with storage():
        for row in IntentRow.query(user_id, IntentRow.intent_id > after, consistent_read=True):
            yield entity(row, Intent)


def needing_review(limit: int) -> list[Intent]:
    """At most `limit` intents that wait for an operator, the one sent to review last first."""
    keys: list[Key[Intent]] = []
    for shard in range(SHARDS):
        with storage():
            index_rows = IntentRow.in_review.query(str(shard), scan_index_forward=False, limit=limit, page_size=limit)
            keys += [intent_key(row.user_id, row.intent_id) for row in index_rows]
    waiting = [(intent.resolved_at, intent) for intent in fetch_many(keys) if intent.needs_review]
    by_time = sorted(
        ((at, intent) for at, intent in waiting if at is not None), key=lambda pair: pair[0], reverse=True
    )
    return [intent for _, intent in by_time[:limit]]


def of_day(day: str, gateway: str, *, after: str, limit: int) -> tuple[list[Intent], str | None]:
    """A gateway's intents that were created or credited on a day in Kathmandu, and the position after them.

    `after` is a position ("" for the start), which sorts as text; the returned position is None at the end. Intents
    are read strongly consistent. An intent may appear both as created and as credited.
    """
    for place in PLACES:
        if after[: len(place)] > place:
            continue
        index = IntentRow.made if place.startswith(MADE) else IntentRow.credited
        after_intent = after[len(place) :] if after.startswith(place) else ""
        hash_key = f"{day}#{gateway}#{place[1]}"
        with storage():
            rows = list(
                index.query(hash_key, type(index).intent_id > after_intent if after_intent else None, limit=limit)
            )
        if rows:
            intents = fetch_many([intent_key(row.user_id, row.intent_id) for row in rows])
            return intents, place + rows[-1].intent_id
    return [], None


def credited_since(
    gateway: str, shard: int, *, since: datetime, after: str, limit: int
) -> tuple[list[Intent], str | None]:
    """A gateway's intents of one shard that were credited since, oldest first, and the position after them.

    `after` is a position ("" for the start); the returned position is None at the end. Reads are strongly consistent.
    """
    index = IntentRow.by_credit
    start = max(after, sortable_time_text(since))
    with storage():
        rows = list(
            index.query(f"{gateway}#{shard}", IntentsByCredit.credit_order > start, limit=limit, page_size=limit)
        )
    credited = fetch_many([intent_key(row.user_id, row.intent_id) for row in rows])
    return credited, rows[-1].credit_order if len(rows) == limit else None


def _part(intent: Intent, at: datetime) -> str:
    """The partition of an index by day."""
    return f"{day_of(at).isoformat()}#{intent.gateway}#{shard_of(intent.intent_id)}"


def due(now: datetime, limit: int) -> list[Intent]:
    """Intents whose gateway the sweep has to ask by `now`."""
    intents = due_in(IntentRow.open, lambda row: intent_key(row.user_id, row.intent_id), now, limit)
    return [intent for intent in intents if intent.next_check_at is not None and intent.next_check_at <= now]
