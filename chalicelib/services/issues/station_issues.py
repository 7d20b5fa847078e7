"""Issues at stations: taken in once each, and listed."""

from typing import Any

from chalicelib import log
from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.stations.issue import IssueDetails, IssueStatus, StationIssue, StationIssueType, issue_images
from chalicelib.domain.stations.station import Station
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.issues import intake
from chalicelib.tables import issues, stations
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import World


def prefetch_keys(user_id: str, sn: str, details: IssueDetails) -> tuple[Key[Any], ...]:
    """The rows to read together with the caller of `report_issue`."""
    subject = _subject(sn, details.issue_type)
    return stations.station_key(sn), *intake.prefetch_keys(user_id, subject, details.image_ids)


def station_keys(sn: str) -> tuple[Key[Station]]:
    """The row to read together with the caller of `at_station`."""
    return (stations.station_key(sn),)


def report_issue(world: World, caller: Caller, sn: str, details: IssueDetails) -> StationIssue:
    """Take in an issue. The same issue that comes again within `issue_repeat_hours` returns the first one.

    Raises Problem: not_found, issue_already_reported for the same problem in other words, issue_limit_reached,
    upload_unusable, media_unavailable.
    """
    subject, issue_id = _subject(sn, details.issue_type), world.new_id()
    station = must_exist(caller.rows[stations.station_key(sn)])
    uploads = intake.usable_images(world, caller, details.image_ids)
    new = StationIssue(
        caller.user_id,
        issue_id,
        station.sn,
        station.name,
        StationIssueType(details.issue_type),
        details.description,
        issue_images(uploads),
        reported_at=world.now(),
    )

    def decide(ops: Transaction) -> StationIssue:
        current_caller = fresh_caller(world, caller, ops)
        earlier_id = intake.earlier_issue_id(world, current_caller, subject)
        earlier = fetch_one(issues.station_issue_key(caller.user_id, earlier_id)) if earlier_id else None
        if earlier is not None and earlier.status is not IssueStatus.RESOLVED:
            return intake.must_be_repeated(earlier, new.description, new.images)
        intake.stage(ops, world, current_caller, subject, issue_id, uploads)
        issues.save_station_issue(ops, new)
        return new

    issue = atomic(world, decide)
    if issue is new:
        log.fact("station_issue_reported", sn=sn, about=issue_id, user_id=caller.user_id)
    return issue


def of_caller(caller: Caller, *, limit: int, before: str | None) -> tuple[list[StationIssue], str | None]:
    """The caller's issues older than `before`, newest first, and the `before` of the next page (None at the end)."""
    newest = issues.newest_of_user(caller.user_id, before=before, limit=limit + 1)
    page = newest[:limit]
    return page, page[-1].issue_id if len(newest) > limit else None


def at_station(caller: Caller, sn: str, *, limit: int, before: str | None) -> tuple[list[StationIssue], str | None]:
    """Issues of everybody about a station, paged like `of_caller`. `caller` was read with `station_keys`.

    Raises Problem("not_found").
    """
    must_exist(caller.rows[stations.station_key(sn)])
    return issues.newest_at_station(sn, before=before, limit=limit)


def _subject(sn: str, issue_type: str) -> str:
    return f"station#{sn}#{issue_type}"
