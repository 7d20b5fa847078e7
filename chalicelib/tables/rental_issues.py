"""Issues with rentals, by user and by status."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.stations.issue import IssueImage, IssueStatus, RentalIssue, RentalIssueType
from chalicelib.tables.atomic import MAX_ITEMS, Transaction
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, KeysOnlyIndex, Row, entity, values


class RentalIssuesByStatus(KeysOnlyIndex, name="by_status"):
    """Issues by status, for operators. No decision reads it: the rows that it names are read again."""

    status = EnumAttribute(IssueStatus, hash_key=True)
    issue_id = UnicodeAttribute(range_key=True)


class RentalIssueRow(Row):
    """Issue ids sort by time, so the table's own key lists a user's issues newest first."""

    class Meta:
        table_name = "rental_issues"

    user_id = UnicodeAttribute(hash_key=True)
    issue_id = UnicodeAttribute(range_key=True)
    rental_id = UnicodeAttribute()
    powerbank_sn = UnicodeAttribute()
    station_sn = UnicodeAttribute()
    station_name = UnicodeAttribute()
    issue_type = EnumAttribute(RentalIssueType)
    description = UnicodeAttribute()
    images: DocumentAttribute[tuple[IssueImage, ...]] = DocumentAttribute(tuple[IssueImage, ...])
    reported_at = TimeAttribute()
    status = EnumAttribute(IssueStatus)
    resolved_at = TimeAttribute(null=True)
    swap_until = TimeAttribute(null=True)
    version = IntAttribute()
    by_status = RentalIssuesByStatus()


def rental_issue_key(user_id: str, issue_id: str) -> Key[RentalIssue]:
    return Key(RentalIssueRow, user_id, issue_id, lambda row: entity(row, RentalIssue))


def save(ops: Transaction, issue: RentalIssue) -> None:
    ops.save(RentalIssueRow(**values(issue)), issue.version, sole_creator=True)


def any_of_user(user_id: str) -> bool:
    """Whether a user has reported a problem with a rental. Raises Problem("storage_unavailable")."""
    with storage():
        return any(True for _ in RentalIssueRow.query(user_id, consistent_read=True, limit=1, page_size=1))


def newest_with(status: IssueStatus, *, limit: int) -> list[Key[RentalIssue]]:
    """The keys of issues in this status, newest first. Raises Problem("storage_unavailable")."""
    with storage():
        rows = RentalIssueRow.by_status.query(status.value, scan_index_forward=False, limit=limit, page_size=limit)
        return [rental_issue_key(row.user_id, row.issue_id) for row in rows]


def key_of(issue_id: str, status: IssueStatus) -> Key[RentalIssue] | None:
    """The key of the issue with this id, if it is in this status."""
    with storage():
        rows = RentalIssueRow.by_status.query(status.value, RentalIssuesByStatus.issue_id == issue_id, limit=1)
        return next((rental_issue_key(row.user_id, row.issue_id) for row in rows), None)


def stage_deletion(ops: Transaction, user_id: str, limit: int = MAX_ITEMS) -> int:
    """Stage the deletion of a user's first `limit` issues with rentals. Returns their number."""
    return ops.remove_first(RentalIssueRow, user_id, limit)
