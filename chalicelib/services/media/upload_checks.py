"""Checks uploads at their first use and in a sweep. An upload that differs from its announcement is removed."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.users.upload import (
    Purpose,
    StoredFile,
    Upload,
    UploadState,
    matches_announcement,
    upload_id_of,
)
from chalicelib.services.caller import Caller
from chalicelib.services.media import removal
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.tables import accounts, uploads
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import Unavailable, World

SWEEP_LIMIT = 100


def require_usable(world: World, user_id: str, upload_id: str, *, purpose: Purpose) -> Upload:
    """The user's image with that purpose. It is checked at the media store if the service has not seen it yet.

    An image that differs from its announcement is deleted. Raises Problem: upload_unusable, media_unavailable.
    """
    return must_be_usable(world, fetch_one(uploads.upload_key(user_id, upload_id)), purpose=purpose)


def must_be_usable(world: World, upload: Upload | None, *, purpose: Purpose) -> Upload:
    """As `require_usable`, for the row of an upload that was just read. None stands for a missing row."""
    if upload is None or upload.purpose is not purpose or upload.kind != "image":
        raise Problem("upload_unusable", reason=Reason.FILE_MISSING)
    if upload.state is UploadState.DELETED:
        raise Problem("upload_unusable", reason=Reason.FILE_MISSING)
    if upload.state is UploadState.STORED:
        return upload
    stored_file = _fetch_file(world, upload)
    if stored_file is None:
        raise Problem("upload_unusable", reason=Reason.FILE_MISSING)
    if not matches_announcement(upload, stored_file.format, stored_file.bytes_count, world.settings()):
        removal.drop(world, upload)
        raise Problem("upload_unusable", reason=Reason.FILE_DIFFERS)
    return upload.stored(stored_file.format, stored_file.bytes_count)


def mark_used(ops: Transaction, upload: Upload) -> None:
    """Stage that the upload is in use. Raises Problem("upload_unusable") when it was deleted."""
    if ops.attempt:
        current = fetch_one(uploads.upload_key(upload.user_id, upload.upload_id))
        if current is None or current.state is UploadState.DELETED:
            raise Problem("upload_unusable", reason=Reason.FILE_MISSING)
        upload = replace(upload, version=current.version)
    uploads.save(ops, upload.in_use())


def avatar(world: World, caller: Caller, url: str) -> str:
    """The address of the caller's own public image, which stays from now on.

    Raises Problem: invalid_input, media_unavailable.
    """
    not_yours = Problem("invalid_input", errors={"avatar_url": [validation_message("avatar_not_yours")]})
    public_id = world.media.public_id_from_url(url)
    upload_id = upload_id_of(caller.user_id, public_id) if public_id else None
    if upload_id is None:
        raise not_yours
    try:
        upload = require_usable(world, caller.user_id, upload_id, purpose=Purpose.GENERAL)
        if upload.next_check_at is not None:
            atomic(world, lambda ops: mark_used(ops, upload))
    except Problem as problem:
        raise (not_yours if problem.code == "upload_unusable" else problem) from problem
    return world.media.link(upload.public_id, str(upload.format), kind=upload.kind)


def sweep(world: World) -> int:
    """Check the uploads that are due. Returns their number."""
    due = uploads.due(world.now(), SWEEP_LIMIT)
    return for_each_isolated(due, lambda upload: _review(world, upload), lambda upload: upload.upload_id)


def _review(world: World, upload: Upload) -> None:
    """Delete an upload that was unused for a day, or whose user is deleted, or that differs from its announcement."""
    ends = upload.created_at + timedelta(hours=world.settings().upload_unused_hours)
    account = fetch_one(accounts.account_key(upload.user_id))
    user_is_deleted = account is None or account.status is Status.DELETED
    if world.now() >= ends or user_is_deleted or upload.state is UploadState.DELETED:
        removal.drop(world, upload)
        return
    stored_file = world.media.fetch_file(upload.public_id, kind=upload.kind, private=upload.private)
    if stored_file is not None and not matches_announcement(
        upload, stored_file.format, stored_file.bytes_count, world.settings()
    ):
        removal.drop(world, upload)
        return
    _postpone(world, replace(upload, next_check_at=ends))


def _postpone(world: World, upload: Upload) -> None:
    """Another request has used the upload since the sweep read it, so the file stays."""
    key = uploads.upload_key(upload.user_id, upload.upload_id)

    def decide(ops: Transaction) -> None:
        if ops.attempt:
            current = fetch_one(key)
            if current is None or current.next_check_at is None:
                return
            uploads.save(ops, replace(current, next_check_at=upload.next_check_at))
        else:
            uploads.save(ops, upload)

    atomic(world, decide)


def _fetch_file(world: World, upload: Upload) -> StoredFile | None:
    try:
        return world.media.fetch_file(upload.public_id, kind=upload.kind, private=upload.private)
    except Unavailable as error:
        raise Problem("media_unavailable", retry_after_seconds=error.retry_after_seconds) from error
