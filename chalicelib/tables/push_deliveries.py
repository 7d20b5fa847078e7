"""Push deliveries: each is stored before it is sent, and again with its result."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.notifications.notification import NOTIFICATION_TTL
from chalicelib.domain.notifications.push_delivery import PushDelivery, PushState, push_id_of
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.conditional_writes import put_if
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Row, entity, values


class PushDeliveryRow(Row):
    class Meta:
        table_name = "push_deliveries"

    user_id = UnicodeAttribute(hash_key=True)
    push_id = UnicodeAttribute(range_key=True)
    state = EnumAttribute(PushState)
    tried_at = TimeAttribute()
    tries_count = IntAttribute()
    retry_at = TimeAttribute(null=True)
    expires = IntAttribute()


def of_notification(user_id: str, notification_id: str) -> dict[str, PushDelivery]:
    """The deliveries of a notification by push id."""
    own_pushes = PushDeliveryRow.push_id.startswith(push_id_of(notification_id, ""))
    with storage():
        rows = PushDeliveryRow.query(user_id, own_pushes, consistent_read=True)
        return {str(row.push_id): entity(row, PushDelivery) for row in rows}


def begin(push: PushDelivery, given_up_before: datetime) -> bool:
    """Store that the push is being sent. False when it is done, or another process began after `given_up_before`."""
    row = PushDeliveryRow
    free = (row.state == PushState.WAITING) | ((row.state == PushState.SENDING) & (row.tried_at < given_up_before))
    return put_if(_row(push), row.user_id.does_not_exist() | free)


def finish(push: PushDelivery) -> None:
    """Store the result."""
    with storage():
        _row(push).save()


def _row(push: PushDelivery) -> PushDeliveryRow:
    return PushDeliveryRow(**values(push), expires=int((push.tried_at + NOTIFICATION_TTL).timestamp()))


def stage_deletion(ops: Transaction, user_id: str) -> int:
    """Stage the deletion of the first MAX_ITEMS deliveries to a user's devices. Returns their number."""
    return ops.remove_first(PushDeliveryRow, user_id)
