"""Operators list customers' issues, and say how far they are with them (decision 0067)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.numbered_page import MAX_LISTED, NumberedPage
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.rentals.rental import rental_code
from chalicelib.domain.stations.issue import IssuePriority, IssueStatus, RentalIssue, StationIssue
from chalicelib.domain.text.ids import is_id
from chalicelib.domain.users.user import User
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.notifications.inbox import notify
from chalicelib.tables import accounts, issues, rental_issues, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_all, fetch_many, fetch_one
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World

T = TypeVar("T", StationIssue, RentalIssue)


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of report: its rows, and the notification of its reporter once it is resolved."""

    name: str
    newest_with: Callable[[IssueStatus, int], Sequence[Key[T]]]
    key_of: Callable[[str, IssueStatus], Key[T] | None]
    save: Callable[[Transaction, T], None]
    resolved: NotificationKind
    facts_of: Callable[[T], Mapping[str, Any]]


STATIONS: Kind[StationIssue] = Kind(
    "station_issue",
    lambda status, limit: issues.newest_with(status, limit=limit),
    issues.key_of,
    issues.save_station_issue,
    NotificationKind.STATION_ISSUE_RESOLVED,
    lambda issue: {"station": issue.station_name},
)
RENTALS: Kind[RentalIssue] = Kind(
    "rental_issue",
    lambda status, limit: rental_issues.newest_with(status, limit=limit),
    rental_issues.key_of,
    rental_issues.save,
    NotificationKind.RENTAL_ISSUE_RESOLVED,
    lambda issue: {"code": rental_code(issue.rental_id)},
)


@dataclass(frozen=True)
class ReportedIssue(Generic[T]):
    """An issue, and its reporter. None while the account is being deleted."""

    issue: T
    reporter: User | None


def page_of(kind: Kind[T], status: IssueStatus | None, page: NumberedPage) -> list[ReportedIssue[T]]:
    """A page of the newest MAX_LISTED reports, newest first. None lists those of every status."""
    statuses = [status] if status is not None else list(IssueStatus)
    limit = min(page.first + page.size, MAX_LISTED)
    keys = [key for each in statuses for key in kind.newest_with(each, limit)]
    of_page = page.of(sorted(keys, key=lambda key: str(key.range_key), reverse=True)[:limit])
    found = sorted(fetch_many(of_page), key=lambda issue: issue.issue_id, reverse=True)
    reporters = fetch_all([users.user_key(user_id) for user_id in {issue.user_id for issue in found}])
    return [_reported(issue, reporters) for issue in found]


def _reported(issue: T, reporters: Found) -> ReportedIssue[T]:
    return ReportedIssue(issue, reporters[users.user_key(issue.user_id)])


def read(kind: Kind[T], issue_id: str) -> ReportedIssue[T]:
    """Raises Problem("not_found")."""
    issue = must_exist(fetch_one(_key(kind, issue_id)))
    return ReportedIssue(issue, fetch_one(users.user_key(issue.user_id)))


def change(
    world: World,
    caller: Caller,
    kind: Kind[T],
    issue_id: str,
    status: IssueStatus | None,
    priority: IssuePriority | None = None,
) -> ReportedIssue[T]:
    """Set how far operators are with an issue. Its reporter is notified once it is resolved, which is its end.

    What an issue did to a power bank stays: an operator takes the power bank back (decision 0058).
    Raises Problem: not_found, issue_closed.
    """
    key = _key(kind, issue_id)

    def decide(ops: Transaction) -> None:
        fresh_caller(world, caller, ops)
        before = must_exist(fetch_one(key))
        after = _changed(world, before, status or before.status, priority)
        if after == before:
            return
        if before.status is IssueStatus.RESOLVED:
            raise Problem("issue_closed")
        kind.save(ops, after)
        changes = {"before": _facts(before), "after": _facts(after)}
        audit_log.record(ops, world, caller.user_id, AdminAction(f"{kind.name}_changed", issue_id, changes))
        if after.status is IssueStatus.RESOLVED:
            _notify(ops, world, kind, after)

    atomic(world, decide)
    return read(kind, issue_id)


def _changed(world: World, issue: T, status: IssueStatus, priority: IssuePriority | None) -> T:
    changed = issue
    if status is not issue.status:
        resolved_at = world.now() if status is IssueStatus.RESOLVED else None
        changed = replace(changed, status=status, resolved_at=resolved_at)
    if priority is not None and isinstance(changed, StationIssue):
        changed = replace(changed, priority=priority)
    return changed


def _notify(ops: Transaction, world: World, kind: Kind[T], issue: T) -> None:
    """Writing the account row makes this transaction conflict with a concurrent deletion of the account."""
    account = fetch_one(accounts.account_key(issue.user_id))
    if account is not None and account.status is not Status.DELETED:
        accounts.save(ops, account)
        notify(ops, world, issue.user_id, kind.resolved, kind.facts_of(issue))


def _facts(issue: StationIssue | RentalIssue) -> dict[str, Any]:
    priority = {"priority": issue.priority.value} if isinstance(issue, StationIssue) else {}
    return {"status": issue.status.value} | priority


def _key(kind: Kind[T], issue_id: str) -> Key[T]:
    """The key of the issue. Raises Problem("not_found")."""
    keys = (kind.key_of(issue_id, status) for status in IssueStatus) if is_id(issue_id) else ()
    return must_exist(next((key for key in keys if key is not None), None))
