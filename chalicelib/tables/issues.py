"""Issues by user, and which problem a user has reported last."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.stations.issue import (
    IssueClaim,
    IssueImage,
    IssuePriority,
    IssueStatus,
    StationIssue,
    StationIssueType,
)
from chalicelib.tables.atomic import MAX_ITEMS, Transaction
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import fetch_many, storage
from chalicelib.tables.newest_first import LATEST, OLDEST, newest_positions, newest_rows
from chalicelib.tables.rows import Key, KeysOnlyIndex, Row, entity, shard_of, values


class IssuesOfStation(KeysOnlyIndex, name="of_station"):
    """Issues by station. No decision reads it: the rows that it names are read again."""

    station_sn = UnicodeAttribute(hash_key=True)
    issue_id = UnicodeAttribute(range_key=True)


class AllStationIssues(KeysOnlyIndex, name="newest"):
    """All issues with stations by shard and id, for operators. Ids sort by the time of the issue."""

    list_shard = UnicodeAttribute(hash_key=True)
    issue_id = UnicodeAttribute(range_key=True)


class StationIssuesByStatus(KeysOnlyIndex, name="by_status"):
    """Issues by status, for operators. No decision reads it: the rows that it names are read again."""

    status = EnumAttribute(IssueStatus, hash_key=True)
    issue_id = UnicodeAttribute(range_key=True)


class StationIssueRow(Row):
    """Issue ids sort by time, so the table's own key lists a user's issues newest first."""

    class Meta:
        table_name = "station_issues"

    user_id = UnicodeAttribute(hash_key=True)
    issue_id = UnicodeAttribute(range_key=True)
    station_sn = UnicodeAttribute()
    station_name = UnicodeAttribute()
    issue_type = EnumAttribute(StationIssueType)
    description = UnicodeAttribute()
    images: DocumentAttribute[tuple[IssueImage, ...]] = DocumentAttribute(tuple[IssueImage, ...])
    reported_at = TimeAttribute()
    status = EnumAttribute(IssueStatus)
    resolved_at = TimeAttribute(null=True)
    list_shard = UnicodeAttribute(null=True)
    priority = EnumAttribute(IssuePriority, null=True)
    version = IntAttribute()
    by_status = StationIssuesByStatus()
    of_station = IssuesOfStation()
    newest = AllStationIssues()


class IssueClaimRow(Row):
    """One row for each user and subject. It ends by itself: only recent reports are compared with a new one."""

    class Meta:
        table_name = "issue_claims"

    user_id = UnicodeAttribute(hash_key=True)
    subject = UnicodeAttribute(range_key=True)
    issue_id = UnicodeAttribute()
    until = TimeAttribute()
    expires = IntAttribute()
    version = IntAttribute()


def station_issue_key(user_id: str, issue_id: str) -> Key[StationIssue]:
    return Key(StationIssueRow, user_id, issue_id, lambda row: entity(row, StationIssue))


def claim_key(user_id: str, subject: str) -> Key[IssueClaim]:
    return Key(IssueClaimRow, user_id, subject, lambda row: entity(row, IssueClaim))


def save_station_issue(ops: Transaction, issue: StationIssue) -> None:
    row = StationIssueRow(**values(issue), list_shard=shard_of(issue.issue_id))
    ops.save(row, issue.version, sole_creator=True)


def save_claim(ops: Transaction, claim: IssueClaim) -> None:
    """Stage the claim. Stale when the user has reported the same problem since it was read."""
    ops.save(IssueClaimRow(**values(claim), expires=int(claim.until.timestamp())), claim.version)


def newest_of_user(user_id: str, *, before: str | None, limit: int) -> list[StationIssue]:
    """A user's issues with stations, newest first, older than `before`. Raises Problem("storage_unavailable")."""
    older = StationIssueRow.issue_id < before if before is not None else None
    return [entity(row, StationIssue) for row in newest_rows(StationIssueRow, user_id, older, limit=limit)]


def newest_of_all(limit: int) -> list[StationIssue]:
    """The newest issues with stations of all users. An issue of the last second may be missing."""
    index, position = StationIssueRow.newest, AllStationIssues.issue_id
    rows = newest_positions(index, position, after=OLDEST, before=LATEST, limit=limit)
    return fetch_many([station_issue_key(row.user_id, row.issue_id) for row in rows])


def any_of_user(user_id: str) -> bool:
    """Whether a user has reported anything."""
    return bool(newest_of_user(user_id, before=None, limit=1))


def newest_at_station(sn: str, *, before: str | None, limit: int) -> tuple[list[StationIssue], str | None]:
    """Issues with a station, newest first, older than `before`, and the last id of a full page, else None.

    Raises Problem("storage_unavailable").
    """
    older = IssuesOfStation.issue_id < before if before is not None else None
    with storage():
        rows = StationIssueRow.of_station.query(sn, older, scan_index_forward=False, limit=limit, page_size=limit)
        keys = [station_issue_key(row.user_id, row.issue_id) for row in rows]
    last = str(keys[-1].range_key) if len(keys) == limit else None
    return fetch_many(keys), last


def newest_with(status: IssueStatus, *, limit: int) -> list[Key[StationIssue]]:
    """The keys of issues in this status, newest first. Raises Problem("storage_unavailable")."""
    with storage():
        rows = StationIssueRow.by_status.query(status.value, scan_index_forward=False, limit=limit, page_size=limit)
        return [station_issue_key(row.user_id, row.issue_id) for row in rows]


def key_of(issue_id: str, status: IssueStatus) -> Key[StationIssue] | None:
    """The key of the issue with this id, if it is in this status."""
    with storage():
        rows = StationIssueRow.by_status.query(status.value, StationIssuesByStatus.issue_id == issue_id, limit=1)
        return next((station_issue_key(row.user_id, row.issue_id) for row in rows), None)


def stage_deletion_of_station_issues(ops: Transaction, user_id: str, limit: int = MAX_ITEMS) -> int:
    """Stage the deletion of a user's first `limit` issues with stations. Returns their number."""
    return ops.remove_first(StationIssueRow, user_id, limit)


def stage_deletion_of_claims(ops: Transaction, user_id: str, limit: int = MAX_ITEMS) -> int:
    """Stage the deletion of a user's first `limit` claims. Returns their number."""
    return ops.remove_first(IssueClaimRow, user_id, limit)
