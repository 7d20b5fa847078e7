"""The log of what operators did."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import TimeAttribute
from chalicelib.tables.rows import Row


class AuditRow(Row):
    """One write by an operator. `month` is `YYYY-MM`, `entry` sorts by time."""

    class Meta:
        table_name = "audit_log"

    month = UnicodeAttribute(hash_key=True)
    entry = UnicodeAttribute(range_key=True)
    admin_id = UnicodeAttribute()
    action = UnicodeAttribute()
    target = UnicodeAttribute()
    changes = JSONAttribute()
    at = TimeAttribute()


def add_entry(
    ops: Transaction, *, entry: str, admin_id: str, action: str, target: str, changes: dict[str, Any], at: datetime
) -> None:
    """In the same transaction as what the operator did."""
    ops.add(
        AuditRow(
            month=f"{at:%Y-%m}",
            entry=entry,
            admin_id=admin_id,
            action=action,
            target=target,
            changes=changes,
            at=at,
        )
    )
