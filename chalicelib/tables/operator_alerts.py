"""Alerts of operators whose condition lasts, or was over a moment ago."""

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.domain.notifications.operator_alert import AlertKind, OperatorAlert
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values

MAX_OPEN = 2_000
"""How many alerts of one scope are read. A listing page has a few hundred stations."""


class OperatorAlertRow(Row):
    """A scope is what one step of the schedule looks at: a listing page, the queues, or money."""

    class Meta:
        table_name = "operator_alerts"

    scope = UnicodeAttribute(hash_key=True)
    alert_id = UnicodeAttribute(range_key=True)
    kind = EnumAttribute(AlertKind)
    data = JSONAttribute()
    raised_at = TimeAttribute()
    last_notified_id = UnicodeAttribute(attr_name="told_until")
    announced = BooleanAttribute()
    ended_at = TimeAttribute(null=True)
    version = IntAttribute()


def alert_key(scope: str, alert_id: str) -> Key[OperatorAlert]:
    return Key(OperatorAlertRow, scope, alert_id, lambda row: entity(row, OperatorAlert))


def stored_in(scope: str) -> list[OperatorAlert]:
    """The alerts of a scope, at most MAX_OPEN. Raises Problem("storage_unavailable")."""
    with storage():
        rows = OperatorAlertRow.query(scope, consistent_read=True, limit=MAX_OPEN)
        return [entity(row, OperatorAlert) for row in rows]


def save(ops: Transaction, alert: OperatorAlert) -> None:
    ops.save(OperatorAlertRow(**values(alert)), alert.version)


def remove(ops: Transaction, alert: OperatorAlert) -> None:
    """Stage the deletion. Stale when the alert has changed since it was read."""
    ops.remove(OperatorAlertRow(alert.scope, alert.alert_id), version=alert.version)
