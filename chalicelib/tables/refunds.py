"""Refunds by user, and the refund totals of each transaction."""

from collections.abc import Iterator
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.operators.numbered_page import MAX_LISTED, NumberedPage
from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState, owner_of
from chalicelib.domain.payments.refund_totals import RefundTotals
from chalicelib.tables import open_items
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import due_in, fetch_many, storage
from chalicelib.tables.newest_first import newest_rows
from chalicelib.tables.open_items import ItemKind
from chalicelib.tables.rows import SHARDS, Key, Row, SparseIndex, WaitingIndex, entity, shard_of, values


class RefundsByState(SparseIndex, name="by_state"):
    """All refunds by state and time, for the lists of operators. No decision reads it."""

    state_shard = UnicodeAttribute(hash_key=True)
    requested_at = TimeAttribute(range_key=True)


class RefundsWaiting(WaitingIndex, name="waiting"):
    """Refunds whose gateway the sweep has to ask."""


class RefundRow(Row):
    class Meta:
        table_name = "refunds"

    user_id = UnicodeAttribute(hash_key=True)
    refund_id = UnicodeAttribute(range_key=True)
    seq = IntAttribute()
    amount_paisa = IntAttribute()
    points = IntAttribute()
    reason = UnicodeAttribute()
    requested_by = UnicodeAttribute()
    requested_at = TimeAttribute()
    intent_id = UnicodeAttribute(null=True)
    gateway = UnicodeAttribute(null=True)
    rental_id = UnicodeAttribute(null=True)
    state = EnumAttribute(RefundState)
    method = EnumAttribute(RefundMethod, null=True)
    previously_refunded_paisa = IntAttribute()
    decided_by = UnicodeAttribute(null=True)
    decided_at = TimeAttribute(null=True)
    admin_notes = UnicodeAttribute(null=True)
    reference = UnicodeAttribute(null=True)
    sent_at = TimeAttribute(null=True)
    sends_count = IntAttribute()
    checks_count = IntAttribute()
    next_check_at = TimeAttribute(null=True)
    manual_close_reason = UnicodeAttribute(null=True)
    payer_mobile = UnicodeAttribute(null=True)
    failure = UnicodeAttribute(null=True)
    ended_at = TimeAttribute(null=True)
    state_shard = UnicodeAttribute()
    shard = UnicodeAttribute(null=True)
    wait_until = TimeAttribute(null=True)
    version = IntAttribute()
    by_state = RefundsByState()
    waiting = RefundsWaiting()


class RefundTotalsRow(Row):
    """One row for each transaction of which a refund was requested."""

    class Meta:
        table_name = "refund_totals"

    user_id = UnicodeAttribute(hash_key=True)
    seq = IntAttribute(range_key=True)
    refunded_paisa = IntAttribute()
    refunded_points = IntAttribute()
    paid_out_paisa = IntAttribute()
    open_refund_id = UnicodeAttribute(null=True)
    version = IntAttribute()


def refund_key(refund_id: str) -> Key[Refund]:
    """The key of a refund. Its id contains the user id; for a malformed id no row exists."""
    return Key(RefundRow, owner_of(refund_id) or "-", refund_id, lambda row: entity(row, Refund))


def totals_key(user_id: str, seq: int) -> Key[RefundTotals]:
    return Key(RefundTotalsRow, user_id, seq, lambda row: entity(row, RefundTotals))


def save(ops: Transaction, refund: Refund) -> None:
    row = RefundRow(**values(refund), state_shard=_state_shard(refund.state, shard_of(refund.refund_id)))
    if refund.next_check_at is not None:
        row.shard, row.wait_until = shard_of(refund.refund_id), refund.next_check_at
    ops.save(row, refund.version, sole_creator=True)
    if not refund.open:
        open_items.discard(ops, refund.user_id, ItemKind.REFUND, refund.refund_id)
    elif not refund.version:
        open_items.add(ops, refund.user_id, ItemKind.REFUND, refund.refund_id)


def save_totals(ops: Transaction, totals: RefundTotals) -> None:
    """Stage the totals. Stale when a refund of this transaction was requested or decided since they were read."""
    ops.save(RefundTotalsRow(**values(totals)), totals.version)


def newest(user_id: str, *, before: str | None, limit: int) -> list[Refund]:
    """A user's refunds, newest first, older than `before`. Raises Problem("storage_unavailable")."""
    older = RefundRow.refund_id < before if before is not None else None
    return [entity(row, Refund) for row in newest_rows(RefundRow, user_id, older, limit=limit)]


def each_of_user(user_id: str) -> Iterator[Refund]:
    """All of a user's refunds, oldest first, a page at a time. The read is strongly consistent."""
    with storage():
        for row in RefundRow.query(user_id, consistent_read=True):
            yield entity(row, Refund)


def each_totals_of_user(user_id: str) -> Iterator[RefundTotals]:
    """The totals of all of a user's transactions of which a refund was requested, a page at a time.

    The read is strongly consistent.
    """
    with storage():
        for row in RefundTotalsRow.query(user_id, consistent_read=True):
            yield entity(row, RefundTotals)


def in_state(state: RefundState, *, newest_first: bool, page: NumberedPage) -> tuple[list[Refund], int]:
    """A page of the refunds in a state, by the time of their request, and their number, at most MAX_LISTED."""
    ids_by_time: list[tuple[datetime, str]] = []
    for shard in range(SHARDS):
        with storage():
            ids_by_time += [
                (row.requested_at, row.refund_id)
                for row in RefundRow.by_state.query(
                    _state_shard(state, str(shard)), scan_index_forward=not newest_first, limit=MAX_LISTED
                )
            ]
    ids_by_time = sorted(ids_by_time, reverse=newest_first)[:MAX_LISTED]
    refunds = fetch_many([refund_key(refund_id) for _, refund_id in page.of(ids_by_time)])
    return [refund for refund in refunds if refund.state is state], len(ids_by_time)


def due(now: datetime, limit: int) -> list[Refund]:
    """Refunds whose gateway the sweep has to ask by `now`."""
    refunds = due_in(RefundRow.waiting, lambda row: refund_key(row.refund_id), now, limit)
    return [refund for refund in refunds if refund.next_check_at is not None and refund.next_check_at <= now]


def _state_shard(state: RefundState, shard: str) -> str:
    return f"{state.value}-{shard}"
