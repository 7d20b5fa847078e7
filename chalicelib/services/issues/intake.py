"""What every issue shares: its images, its limit a day, and that the same problem is reported once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.stations.issue import IssueClaim, IssueImage, RentalIssue, StationIssue
from chalicelib.domain.text.days import day_of, start_of_day
from chalicelib.domain.users.upload import Purpose, Upload
from chalicelib.services.caller import Caller
from chalicelib.services.media import upload_checks
from chalicelib.tables import accounts, issues, rate_limits, uploads
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.rows import Key
from chalicelib.world import World

T = TypeVar("T", StationIssue, RentalIssue)


def prefetch_keys(user_id: str, subject: str, image_ids: Sequence[str]) -> tuple[Key[Any], ...]:
    """The rows to read together with the caller: the last issue of the same problem, and the images."""
    images = (uploads.upload_key(user_id, image_id) for image_id in image_ids)
    return issues.claim_key(user_id, subject), *images


def usable_images(world: World, caller: Caller, image_ids: Sequence[str]) -> list[Upload]:
    """The caller's own images, read with the caller. Raises Problem: upload_unusable, media_unavailable."""
    rows = [caller.rows[uploads.upload_key(caller.user_id, image_id)] for image_id in image_ids]
    return [upload_checks.must_be_usable(world, upload, purpose=Purpose.GENERAL) for upload in rows]


def earlier_issue_id(world: World, caller: Caller, subject: str) -> str | None:
    """The caller's recent issue of the same problem, if there is one."""
    claim = caller.rows[issues.claim_key(caller.user_id, subject)]
    return claim.issue_id if claim is not None and world.now() < claim.until else None


def is_repeated(earlier: StationIssue | RentalIssue, description: str, images: tuple[IssueImage, ...]) -> bool:
    """Whether the same issue comes again, in the same words and with the same images."""
    return (earlier.description, earlier.images) == (description, images)


def must_be_repeated(earlier: T, description: str, images: tuple[IssueImage, ...]) -> T:
    """The earlier issue. Raises Problem("issue_already_reported") for the same problem in other words."""
    if not is_repeated(earlier, description, images):
        raise Problem("issue_already_reported", issue_id=earlier.issue_id)
    return earlier


def stage(ops: Transaction, world: World, caller: Caller, subject: str, issue_id: str, images: list[Upload]) -> None:
    """Stage what a new issue writes besides its own row. Raises Problem: issue_limit_reached, upload_unusable."""
    now, settings = world.now(), world.settings()
    earlier = caller.rows[issues.claim_key(caller.user_id, subject)]
    until = now + timedelta(hours=settings.issue_repeat_hours)
    version = earlier.version if earlier is not None else 0
    issues.save_claim(ops, IssueClaim(caller.user_id, subject, issue_id, until, version))
    tomorrow = start_of_day(day_of(now) + timedelta(days=1))
    limit = Problem("issue_limit_reached", retry_after_seconds=int((tomorrow - now).total_seconds()) + 1)
    window = f"issues#{caller.user_id}#{day_of(now)}"
    rate_limits.count(ops, window, settings.issues_per_user_day, tomorrow, conflict=limit)
    for image in images:
        if image.next_check_at is not None:
            upload_checks.mark_used(ops, image)
    # Writing the account row makes this transaction conflict with a concurrent deletion of the account.
    accounts.save(ops, caller.account)


def image_addresses(world: World, images: Sequence[IssueImage]) -> list[str]:
    """The public addresses of an issue's images."""
    return [world.media.link(image.public_id, image.format, kind="image") for image in images]
