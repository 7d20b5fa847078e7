"""The log of the actions of operators."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import TimeAttribute
from chalicelib.tables.rows import Row


class AdminLogRow(Row):
    """One action of an operator. `month` is `YYYY-MM`, `entry` is an id that sorts by time."""

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
    """Stage an entry, in the transaction of the action."""
    ops.add(
        AdminLogRow(
            month=f"{at:%Y-%m}",
            entry=entry,
            admin_id=admin_id,
            action=action,
            target=target,
            changes=changes,
            at=at,
        )
    )
