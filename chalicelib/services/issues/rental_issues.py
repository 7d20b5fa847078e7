"""Issues with rentals, taken in once each. A faulty power bank is not handed out again."""

from datetime import timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_swap import came_out, reported_powerbank, swap_until, with_report
from chalicelib.domain.stations.issue import (
    FAULTY_POWERBANK,
    SWAPPABLE,
    IssueDetails,
    IssueImage,
    IssueStatus,
    RentalIssue,
    RentalIssueType,
    issue_images,
)
from chalicelib.domain.text.days import day_of
from chalicelib.services import event_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.issues import intake
from chalicelib.tables import powerbanks, rate_limits, rental_issues, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import World

COUNTED_FOR = timedelta(days=32)
"""At least the month in which a fault issue counts."""


def prefetch_keys(user_id: str, rental_id: str, details: IssueDetails) -> tuple[Key[Any], ...]:
    """The rows to read together with the caller of `report_issue`."""
    subject = _subject(rental_id, details.issue_type)
    return rentals.rental_key(user_id, rental_id), *intake.prefetch_keys(user_id, subject, details.image_ids)


def report_issue(world: World, caller: Caller, rental_id: str, details: IssueDetails) -> RentalIssue:
    """Take in an issue. The same issue that comes again within `issue_repeat_hours` returns the first one.

    After a swap the other power bank may have the same problem, which is an issue of its own.

    Raises Problem: not_found, rental_issue_too_late, issue_already_reported for the same problem in other words,
    issue_limit_reached, rental_issue_limit_reached, upload_unusable, media_unavailable.
    """
    rental_key, subject = rentals.rental_key(caller.user_id, rental_id), _subject(rental_id, details.issue_type)
    issue_id = world.new_id()
    must_exist(caller.rows[rental_key])
    uploads = intake.usable_images(world, caller, details.image_ids)
    images = issue_images(uploads)

    def decide(ops: Transaction) -> tuple[RentalIssue, bool]:
        current_caller = fresh_caller(world, caller, ops)
        rental = must_exist(current_caller.rows[rental_key])
        powerbank_sn = reported_powerbank(rental, details.powerbank_sn)
        earlier_id = intake.earlier_issue_id(world, current_caller, subject)
        earlier = fetch_one(rental_issues.rental_issue_key(caller.user_id, earlier_id)) if earlier_id else None
        if earlier is not None and _is_about(earlier, powerbank_sn, details, images):
            return intake.must_be_repeated(earlier, details.description, images), False
        issue = _new_issue(world, rental, powerbank_sn, details, issue_id, images)
        _must_be_reportable(world, rental)
        intake.stage(ops, world, current_caller, subject, issue_id, uploads)
        _stage(ops, world, rental, issue)
        return issue, True

    issue, is_new = atomic(world, decide)
    if is_new:
        log.fact("rental_issue_reported", rental_id=rental_id, about=issue_id, user_id=caller.user_id)
    return issue


def _is_about(earlier: RentalIssue, powerbank_sn: str, details: IssueDetails, images: tuple[IssueImage, ...]) -> bool:
    """Whether the earlier issue, while operators have not resolved it, is about the power bank that is meant now.

    A repeated request that names no power bank means that of its first try, also after a swap.
    """
    if earlier.status is IssueStatus.RESOLVED:
        return False
    repeated = intake.is_repeated(earlier, details.description, images)
    return earlier.powerbank_sn == powerbank_sn or (repeated and details.powerbank_sn is None)


def _new_issue(
    world: World,
    rental: Rental,
    powerbank_sn: str,
    details: IssueDetails,
    issue_id: str,
    images: tuple[IssueImage, ...],
) -> RentalIssue:
    is_out = powerbank_sn == rental.powerbank_sn
    until = swap_until(rental, world.now()) if is_out and details.issue_type in SWAPPABLE else None
    return RentalIssue(
        rental.user_id,
        issue_id,
        rental.rental_id,
        powerbank_sn,
        rental.station.sn,
        rental.station.name,
        RentalIssueType(details.issue_type),
        details.description,
        images,
        reported_at=world.now(),
        swap_until=until,
    )


def _must_be_reportable(world: World, rental: Rental) -> None:
    """Raises Problem: rental_issue_too_late for a rental that ended more than `rental_issue_days` ago."""
    days = world.settings().rental_issue_days
    over = not rental.open and not rental.out
    if over and world.now() - (rental.ended_at or rental.requested_at) > timedelta(days=days):
        raise Problem("rental_issue_too_late", days=days)


def _stage(ops: Transaction, world: World, rental: Rental, issue: RentalIssue) -> None:
    settings, limit = world.settings(), Problem("rental_issue_limit_reached")
    until = world.now() + timedelta(days=settings.rental_issue_days) + COUNTED_FOR
    rate_limits.count(ops, f"issues#{rental.rental_id}", settings.issues_per_rental, until, conflict=limit)
    rental_issues.save(ops, issue)
    if issue.swap_until is not None and rental.swap is None:
        rentals.save(ops, with_report(rental, world.now()))
    event_log.stage_call(ops, world, rental.rental_id)
    if issue.issue_type in FAULTY_POWERBANK and came_out(rental, issue.powerbank_sn):
        _count_fault(ops, world, rental, issue.powerbank_sn)


def _count_fault(ops: Transaction, world: World, rental: Rental, powerbank_sn: str) -> None:
    """Stage that the power bank was reported as faulty, unless its customer reported too many this month.

    The first attempt changes the rows without a read. It is stale when one of them does not take the issue.
    """
    now, cap = world.now(), world.settings().fault_reports_per_user_month
    name = f"faults#{rental.user_id}#{day_of(now):%Y-%m}"
    if ops.attempt:
        counter_key, bank_key = rate_limits.counter_key(name), powerbanks.powerbank_key(powerbank_sn)
        rows = fetch(counter_key, bank_key)
        powerbank = rows[bank_key]
        if (rows[counter_key] or 0) >= cap or powerbank is None or not powerbank.takes_fault_of(rental.rental_id):
            return
    rate_limits.count(ops, name, cap, now + COUNTED_FOR, conflict=None)
    powerbanks.count_fault(ops, powerbank_sn, rental.rental_id)


def _subject(rental_id: str, issue_type: str) -> str:
    return f"rental#{rental_id}#{issue_type}"
