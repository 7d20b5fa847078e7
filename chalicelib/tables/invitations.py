"""Which customers claimed the referral code of a user: one row for each."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Row

MAX_COUNTED = 1000


class InvitationRow(Row):
    """`user_id` is the referrer. The rows replace a counter, which every claim of a popular code would write."""

    class Meta:
        table_name = "invitations"

    user_id = UnicodeAttribute(hash_key=True)
    invitee_id = UnicodeAttribute(range_key=True)
    claimed_at = TimeAttribute()


def add(ops: Transaction, *, referrer_id: str, invitee_id: str, claimed_at: datetime) -> None:
    """Stage the invitation. Stale when it exists."""
    ops.add(InvitationRow(user_id=referrer_id, invitee_id=invitee_id, claimed_at=claimed_at))


def count_of_user(user_id: str) -> int:
    """How many customers claimed the user's code, at most MAX_COUNTED. Raises Problem("storage_unavailable")."""
    with storage():
        return InvitationRow.count(user_id, consistent_read=True, limit=MAX_COUNTED)


def stage_deletion(ops: Transaction, user_id: str, limit: int) -> int:
    """Stage the deletion of a referrer's first `limit` invitations. Returns their number."""
    return ops.remove_first(InvitationRow, user_id, limit)
