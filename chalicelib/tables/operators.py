"""Operators: names, creation, open setup token and second factor."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.operators.operator import Operator
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values

ALL = "all"
PAGE_ROWS = 1000
"""Rows of one call. A removed operator keeps a row of some hundred bytes, whose name the log shows."""


class OperatorRow(Row):
    """All operators have the same `partition`, so that one query lists them."""

    class Meta:
        table_name = "operators"

    partition = UnicodeAttribute(hash_key=True, default=ALL)
    user_id = UnicodeAttribute(range_key=True)
    username = UnicodeAttribute()
    email = UnicodeAttribute()
    created_at = TimeAttribute()
    created_by = UnicodeAttribute(null=True)
    setup_id = UnicodeAttribute(null=True)
    sealed_secret = UnicodeAttribute(null=True)
    second_factor_at = TimeAttribute(null=True)
    last_step = IntAttribute()
    recovery_digests: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...])
    removed_at = TimeAttribute(null=True)
    version = IntAttribute()


def operator_key(user_id: str) -> Key[Operator]:
    return Key(OperatorRow, ALL, user_id, lambda row: entity(row, Operator))


def not_removed() -> list[Operator]:
    """Every operator who was not removed, in the order of creation. Raises Problem("storage_unavailable")."""
    with storage():
        rows = OperatorRow.query(
            ALL, filter_condition=OperatorRow.removed_at.does_not_exist(), consistent_read=True, page_size=PAGE_ROWS
        )
        return [entity(row, Operator) for row in rows]


def save(ops: Transaction, operator: Operator) -> None:
    """Stage the operator. Stale when it has changed since it was read."""
    ops.save(OperatorRow(**values(operator)), operator.version)
