"""Removes uploads: their files by messages, and their rows, which stay while a direct upload may still arrive."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice

from chalicelib import log
from chalicelib.domain.users.upload import Upload, UploadState, upload_id_of
from chalicelib.services.media import store_deletion
from chalicelib.tables import uploads
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World

DELETION_BATCH = 10
UPLOAD_WINDOW = timedelta(minutes=75)
"""How long a direct upload may still arrive: the hour that Cloudinary accepts a signature for, and time for a slow
upload."""


def remove_file(ops: Transaction, world: World, user_id: str, public_id: str) -> None:
    """Stage the deletion of a private image that nothing refers to any more."""
    upload_id = upload_id_of(user_id, public_id)
    if upload_id is not None:
        upload = fetch_one(uploads.upload_key(user_id, upload_id))
        if upload is not None:
            _stage_removal(ops, world, upload)
            return
    store_deletion.stage_deletion(ops, world, public_id, kind="image", private=True)


def delete_some(world: World, user_id: str) -> bool:
    """Delete up to DELETION_BATCH files of a deleted user, by messages. True while more files may be left.

    A file that may still arrive is left to the sweep, which runs after the signature has expired.
    """
    deletable = (upload for upload in uploads.each_of_user(user_id) if not _upload_may_arrive(world, upload))
    part = [*islice(deletable, DELETION_BATCH)]
    if part:
        atomic(world, partial(_stage_removals, world=world, part=part))
    return len(part) == DELETION_BATCH


def drop(world: World, upload: Upload) -> None:
    """Delete the upload, unless another request has used it since it was read."""
    key = uploads.upload_key(upload.user_id, upload.upload_id)

    def decide(ops: Transaction) -> bool:
        current = fetch_one(key) if ops.attempt else upload
        if current is None or current.next_check_at is None:
            return False
        _stage_removal(ops, world, current)
        return True

    if atomic(world, decide):
        log.fact("upload_dropped", user_id=upload.user_id, about=upload.upload_id)


def _stage_removal(ops: Transaction, world: World, upload: Upload) -> None:
    """Stage deletion of file and row. While a direct-upload signature is valid, keep the row and delete the file
    again when it expires."""
    until = upload.created_at + UPLOAD_WINDOW
    if upload.direct and world.now() < until:
        uploads.save(ops, replace(upload, state=UploadState.DELETED, next_check_at=until))
    else:
        uploads.remove(ops, upload)
    repeated = upload.state is UploadState.DELETED
    store_deletion.stage_deletion(
        ops, world, upload.public_id, kind=upload.kind, private=upload.private, repeated=repeated
    )


def _stage_removals(ops: Transaction, world: World, part: list[Upload]) -> None:
    for upload in part:
        current = fetch_one(uploads.upload_key(upload.user_id, upload.upload_id)) if ops.attempt else upload
        if current is not None:
            _stage_removal(ops, world, current)


def _upload_may_arrive(world: World, upload: Upload) -> bool:
    waiting = upload.state is not UploadState.STORED and upload.next_check_at is not None
    return waiting and world.now() < upload.created_at + UPLOAD_WINDOW
