"""An upload: a file of a user at the media store. Its row exists before the file does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from chalicelib.domain.configuration.settings import Settings

UploadKind = Literal["image", "video"]
FORMATS: dict[UploadKind, tuple[str, ...]] = {"image": ("jpg", "png", "webp"), "video": ("mp4", "mov", "webm")}
"""The media store's names of the kinds."""
KIND_BY_CONTENT_TYPE: dict[str, UploadKind] = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/webp": "image",
    "video/mp4": "video",
    "video/quicktime": "video",
    "video/webm": "video",
}
"""Formats by the content types that a direct upload may announce."""
FOLDER = "uploads"


class Purpose(StrEnum):
    """The purpose of a file. KYC files are private, and images only."""

    GENERAL = "general"
    KYC = "kyc"


class UploadState(StrEnum):
    """The state of an upload.

    `signed`: the user may send the file, and the service has not seen it yet. `deleted`: the file was deleted, though
    the user's signature may still be valid.
    """

    SIGNED = "signed"
    STORED = "stored"
    DELETED = "deleted"


@dataclass(frozen=True)
class Upload:
    """`format` and `bytes_count` are set once the file is stored."""

    user_id: str
    upload_id: str
    kind: UploadKind
    purpose: Purpose
    public_id: str
    private: bool
    created_at: datetime
    next_check_at: datetime | None = None
    """The next time the sweep checks it; None once it is in use."""
    state: UploadState = UploadState.SIGNED
    format: str | None = None
    bytes_count: int | None = None
    direct: bool = False
    """The user has a signed form to send the file with."""
    version: int = 0

    def stored(self, format_: str, bytes_count: int) -> "Upload":
        """The service has seen the file at the media store."""
        return replace(self, state=UploadState.STORED, format=format_, bytes_count=bytes_count)

    def in_use(self) -> "Upload":
        """The sweep no longer deletes it."""
        return replace(self, next_check_at=None)


@dataclass(frozen=True)
class StoredFile:
    """A file at the media store. `bytes_count` is the store's figure."""

    public_id: str
    format: str
    bytes_count: int


@dataclass(frozen=True)
class DirectUpload:
    """The address and the form fields with which a client sends a file to the media store itself, within an hour."""

    url: str
    fields: Mapping[str, str]


def public_id_of(user_id: str, upload_id: str) -> str:
    """The upload's id at the media store. The service chooses it, never the caller."""
    return f"{FOLDER}/{user_id}/{upload_id}"


def upload_id_of(user_id: str, public_id: str) -> str | None:
    """The id of the user's upload with that public id; None for any other public id."""
    head, _, upload_id = public_id.rpartition("/")
    return upload_id if upload_id and head == f"{FOLDER}/{user_id}" else None


def max_direct_bytes(kind: UploadKind, settings: Settings) -> int:
    """The size limit of a direct upload, in bytes."""
    return settings.direct_video_max_bytes if kind == "video" else settings.direct_image_max_bytes


def matches_announcement(upload: Upload, format_: str, bytes_count: int, settings: Settings) -> bool:
    """Whether the stored file matches the announcement. The media store checks the format, but not the size."""
    return format_ in FORMATS[upload.kind] and bytes_count <= max_direct_bytes(upload.kind, settings)
