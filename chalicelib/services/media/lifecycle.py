"""Checks uploads at their first use, and deletes those that nothing uses."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice

from chalicelib import log
from chalicelib.domain.account import Status
from chalicelib.domain.problem_reasons import Reason
from chalicelib.domain.problems import Problem
from chalicelib.domain.upload import Purpose, StoredFile, Upload, UploadState, matches_announcement, upload_id_of
from chalicelib.domain.validation_messages import validation_message
from chalicelib.services import outbox
from chalicelib.services.caller import Caller
from chalicelib.services.media import deletion
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.tables import accounts, uploads
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.outbox import Message
from chalicelib.world import Unavailable, World

SWEEP_LIMIT = 100
DELETION_BATCH = 10
UPLOAD_WINDOW = timedelta(minutes=75)
"""How long a direct upload may still arrive: the hour that Cloudinary accepts a signature for, and time for a slow
upload."""


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
        _drop(world, upload)
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


def remove_file(ops: Transaction, world: World, user_id: str, public_id: str) -> Message:
    """Stage the deletion of a private image that nothing refers to any more."""
    upload_id = upload_id_of(user_id, public_id)
    if upload_id is not None:
        upload = fetch_one(uploads.upload_key(user_id, upload_id))
        if upload is not None:
            return _stage_removal(ops, world, upload)
    return deletion.stage_deletion(ops, world, public_id, kind="image", private=True)


def _stage_removal(ops: Transaction, world: World, upload: Upload) -> Message:
    """Stage deletion of file and row. While a direct-upload signature is valid, keep the row and delete the file
    again when it expires."""
    until = upload.created_at + UPLOAD_WINDOW
    if upload.direct and world.now() < until:
        uploads.save(ops, replace(upload, state=UploadState.DELETED, next_check_at=until))
    else:
        uploads.remove(ops, upload)
    repeated = upload.state is UploadState.DELETED
    return deletion.stage_deletion(
        ops, world, upload.public_id, kind=upload.kind, private=upload.private, repeated=repeated
    )


def delete_some(world: World, user_id: str) -> bool:
    """Delete up to DELETION_BATCH files of a deleted user, by messages. True while more files may be left.

    A file that may still arrive is left to the sweep, which runs after the signature has expired.
    """
    deletable = (upload for upload in uploads.each_of_user(user_id) if not _upload_may_arrive(world, upload))
    part = [*islice(deletable, DELETION_BATCH)]
    if part:
        outbox.publish(world, atomic(world, partial(_stage_removals, world=world, part=part)))
    return len(part) == DELETION_BATCH


def _stage_removals(ops: Transaction, world: World, part: list[Upload]) -> list[Message]:
    messages = []
    for upload in part:
        current = fetch_one(uploads.upload_key(upload.user_id, upload.upload_id)) if ops.attempt else upload
        if current is not None:
            messages.append(_stage_removal(ops, world, current))
    return messages


def _upload_may_arrive(world: World, upload: Upload) -> bool:
    waiting = upload.state is not UploadState.STORED and upload.next_check_at is not None
    return waiting and world.now() < upload.created_at + UPLOAD_WINDOW


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
        _drop(world, upload)
        return
    stored_file = world.media.fetch_file(upload.public_id, kind=upload.kind, private=upload.private)
    if stored_file is not None and not matches_announcement(
        upload, stored_file.format, stored_file.bytes_count, world.settings()
    ):
        _drop(world, upload)
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


def _drop(world: World, upload: Upload) -> None:
    """Delete the upload, unless another request has used it since it was read."""
    key = uploads.upload_key(upload.user_id, upload.upload_id)

    def decide(ops: Transaction) -> Message | None:
        current = fetch_one(key) if ops.attempt else upload
        if current is None or current.next_check_at is None:
            return None
        return _stage_removal(ops, world, current)

    message = atomic(world, decide)
    if message is not None:
        outbox.publish(world, [message])
        log.fact("upload_dropped", user_id=upload.user_id, about=upload.upload_id)


def _fetch_file(world: World, upload: Upload) -> StoredFile | None:
    try:
        return world.media.fetch_file(upload.public_id, kind=upload.kind, private=upload.private)
    except Unavailable as error:
        raise Problem("media_unavailable", retry_after_seconds=error.retry_after_seconds) from error
