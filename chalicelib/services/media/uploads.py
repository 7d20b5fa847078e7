"""Takes in uploads: small files through the service, large files directly to the media store.

The row is written before the file, so that the media store holds no file that the service does not know.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.users.file_type import image_format, video_format
from chalicelib.domain.users.upload import (
    FORMATS,
    KIND_BY_CONTENT_TYPE,
    DirectUpload,
    Purpose,
    Upload,
    UploadKind,
    max_direct_bytes,
    public_id_of,
)
from chalicelib.services.caller import Caller
from chalicelib.services.media import store_deletion
from chalicelib.services.media.removal import UPLOAD_WINDOW
from chalicelib.tables import rate_limits, uploads
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import Rejected, Unavailable, World


@dataclass(frozen=True)
class MediaFile:
    """A checked file."""

    kind: UploadKind
    content: bytes


def receive(world: World, caller: Caller, content: bytes, purpose: Purpose) -> Upload:
    """Store a file of a request. Raises Problem as `inspect_file` and `store`."""
    return store(world, caller.user_id, inspect_file(world, content, purpose), purpose)


def inspect_file(world: World, content: bytes, purpose: Purpose) -> MediaFile:
    """The type of a file by its bytes. Raises Problem: too_large, unsupported_media_type, image_invalid."""
    if image_format(content) is not None:
        return clean_image(world, content)
    if purpose is Purpose.GENERAL and video_format(content) is not None:
        return MediaFile("video", _within_limit(world, content))
    raise Problem("unsupported_media_type", allowed=_allowed(purpose))


def clean_image(world: World, content: bytes) -> MediaFile:
    """The image, encoded again without metadata. Raises Problem: too_large, image_invalid."""
    try:
        cleaned = world.images.clean(_within_limit(world, content), max_pixels=world.settings().image_max_pixels)
    except Rejected as refused:
        raise Problem("image_invalid", reason=refused.reason) from refused
    return MediaFile("image", cleaned.content)


def store(world: World, user_id: str, file: MediaFile, purpose: Purpose) -> Upload:
    """Raises Problem: upload_limit_reached, media_unavailable, image_invalid, upload_unusable."""
    upload = _begin(world, user_id, file.kind, purpose, direct=False)
    try:
        stored_file = world.media.store(
            file.content, public_id=upload.public_id, kind=upload.kind, private=upload.private
        )
    except Unavailable as error:
        raise Problem("media_unavailable", retry_after_seconds=error.retry_after_seconds) from error
    except Rejected as refused:
        if file.kind == "image":
            raise Problem("image_invalid", reason=Reason.PHOTO_DAMAGED) from refused
        raise Problem("unsupported_media_type") from refused
    stored = upload.stored(stored_file.format, stored_file.bytes_count)
    # A KYC image stays only if its user submits it.
    stored = stored if upload.private else stored.in_use()
    return _save_stored(world, stored)


def sign(world: World, caller: Caller, content_type: str, size: int, purpose: Purpose) -> tuple[Upload, DirectUpload]:
    """An upload and a signed form, with which a client sends a file of `size` bytes to the media store within an
    hour.

    Raises Problem: unsupported_media_type, too_large, upload_limit_reached.
    """
    kind = KIND_BY_CONTENT_TYPE.get(content_type.lower())
    if kind is None or (purpose is Purpose.KYC and kind != "image"):
        raise Problem("unsupported_media_type", allowed=_allowed(purpose))
    max_bytes = max_direct_bytes(kind, world.settings())
    if size > max_bytes:
        raise Problem("too_large", limit_bytes=max_bytes)
    upload = _begin(world, caller.user_id, kind, purpose, direct=True)
    return upload, world.media.sign(upload.public_id, kind=kind, private=upload.private, formats=FORMATS[kind])


def public_url(world: World, upload: Upload) -> str | None:
    """The public address; None for a private file, and for a file that the service has not seen."""
    if upload.private or upload.format is None:
        return None
    return world.media.link(upload.public_id, upload.format, kind=upload.kind)


def _begin(world: World, user_id: str, kind: UploadKind, purpose: Purpose, *, direct: bool) -> Upload:
    now, upload_id = world.now(), world.new_id()
    upload = Upload(
        user_id,
        upload_id,
        kind,
        purpose,
        public_id_of(user_id, upload_id),
        private=purpose is Purpose.KYC,
        created_at=now,
        next_check_at=now + UPLOAD_WINDOW,
        direct=direct,
    )
    limit = Problem("upload_limit_reached", retry_after_seconds=3600 - now.minute * 60 - now.second)

    def decide(ops: Transaction) -> None:
        window = f"uploads#{user_id}#{now:%Y-%m-%dT%H}"
        max_per_hour = world.settings().uploads_per_user_hour
        rate_limits.count(ops, window, max_per_hour, now + timedelta(hours=2), conflict=limit)
        uploads.save(ops, upload)

    atomic(world, decide)
    return replace(upload, version=1)


def _save_stored(world: World, upload: Upload) -> Upload:
    """Save the stored upload. If the account was deleted meanwhile, the file is deleted again."""
    key = uploads.upload_key(upload.user_id, upload.upload_id)

    def decide(ops: Transaction) -> bool:
        if ops.attempt and fetch_one(key) is None:
            store_deletion.stage_deletion(ops, world, upload.public_id, kind=upload.kind, private=upload.private)
            return False
        uploads.save(ops, upload)
        return True

    if not atomic(world, decide):
        raise Problem("upload_unusable", reason=Reason.FILE_MISSING)
    log.fact("upload_stored", user_id=upload.user_id, about=upload.upload_id)
    return replace(upload, version=upload.version + 1)


def _within_limit(world: World, content: bytes) -> bytes:
    max_bytes = world.settings().upload_max_bytes
    if len(content) > max_bytes:
        raise Problem("too_large", limit_bytes=max_bytes)
    return content


def _allowed(purpose: Purpose) -> list[str]:
    return [name for name, kind in KIND_BY_CONTENT_TYPE.items() if purpose is Purpose.GENERAL or kind == "image"]
