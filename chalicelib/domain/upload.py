"""An upload: a file of a user's at the media store, known here from before it is there until it is forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from chalicelib.domain.settings import Settings

UploadKind = Literal["image", "video"]
FORMATS: dict[UploadKind, tuple[str, ...]] = {"image": ("jpg", "png", "webp"), "video": ("mp4", "mov", "webm")}
"""As the media store calls them."""
KIND_BY_CONTENT_TYPE: dict[str, UploadKind] = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/webp": "image",
    "video/mp4": "video",
    "video/quicktime": "video",
    "video/webm": "video",
}
"""By the content types a direct upload may be announced with."""
FOLDER = "uploads"


class Purpose(StrEnum):
    """What a file is for. Papers are private and images only."""

    GENERAL = "general"
    KYC = "kyc"


class UploadState(StrEnum):
    """Signed: there is a place for it, and nobody here has seen what lies there. Let go: it was forgotten, though its
    user may still put a file there."""

    SIGNED = "signed"
    STORED = "stored"
    DELETED = "deleted"


@dataclass(frozen=True)
class Upload:
    """`format` and `bytes_count` are known once it is stored."""

    user_id: str
    upload_id: str
    kind: UploadKind
    purpose: Purpose
    public_id: str
    private: bool
    created_at: datetime
    next_check_at: datetime | None = None
    """When the sweep looks at it (again); None once it is in use, or was told to somebody who may use it."""
    state: UploadState = UploadState.SIGNED
    format: str | None = None
    bytes_count: int | None = None
    direct: bool = False
    """Its user has a form with which to put it there."""
    version: int = 0

    def stored(self, format_: str, bytes_count: int) -> "Upload":
        """Seen at the media store."""
        return replace(self, state=UploadState.STORED, format=format_, bytes_count=bytes_count)

    def in_use(self) -> "Upload":
        """No sweep takes it away any more."""
        return replace(self, next_check_at=None)


@dataclass(frozen=True)
class StoredFile:
    """A file the media store keeps: `public_id` names it there; `bytes_count` as the store counted."""

    public_id: str
    format: str
    bytes_count: int


@dataclass(frozen=True)
class DirectUpload:
    """Where and with which form fields a client sends a file to the media store itself, within the hour."""

    url: str
    fields: Mapping[str, str]


def public_id_of(user_id: str, upload_id: str) -> str:
    """Where an upload lies at the media store: chosen here, never by a caller."""
    return f"{FOLDER}/{user_id}/{upload_id}"


def upload_id_of(user_id: str, public_id: str) -> str | None:
    """The user's own upload that lies there; None for anything else."""
    head, _, upload_id = public_id.rpartition("/")
    return upload_id if upload_id and head == f"{FOLDER}/{user_id}" else None


def max_direct_bytes(kind: UploadKind, settings: Settings) -> int:
    """What a file that goes straight to the media store may weigh."""
    return settings.direct_video_max_bytes if kind == "video" else settings.direct_image_max_bytes


def matches_announcement(upload: Upload, format_: str, bytes_count: int, settings: Settings) -> bool:
    """Whether what lies at the media store is what was announced: its store can check a format, but no size."""
    return format_ in FORMATS[upload.kind] and bytes_count <= max_direct_bytes(upload.kind, settings)
