"""The media store, and the decoder of images."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.domain.users.file_type import DecodedImage
from chalicelib.domain.users.upload import DirectUpload, StoredFile, UploadKind


class Media(Protocol):
    """The media store. It delivers a private file only by a signed link."""

    def store(self, content: bytes, *, public_id: str, kind: UploadKind, private: bool) -> StoredFile:
        """Store a file. Storing the same content under the same id twice is harmless. Raises Unavailable or
        Rejected."""
        ...

    def sign(self, public_id: str, *, kind: UploadKind, private: bool, formats: Sequence[str]) -> DirectUpload:
        """Let a client store one file under the id, once, in one of these formats. Makes no call."""
        ...

    def fetch_file(self, public_id: str, *, kind: UploadKind, private: bool) -> StoredFile | None:
        """The file under the id, by a call to the store. None when there is none. Raises Unavailable."""
        ...

    def link(self, public_id: str, format_: str, *, kind: UploadKind) -> str:
        """The permanent URL of a public file. Makes no call."""
        ...

    def public_id_from_url(self, url: str) -> str | None:
        """The id of a public image whose URL `link` made; None for another URL. Makes no call."""
        ...

    def private_link(self, public_id: str, format_: str, *, until: datetime) -> str:
        """A signed URL of a private image, valid to `until`. Makes no call."""
        ...

    def delete(self, public_id: str, *, kind: UploadKind, private: bool) -> None:
        """Delete the file and purge it from the CDN. An unknown id is no error.

        Raises Unavailable: the file may be deleted or not, and the same call again is harmless.
        """
        ...


class Images(Protocol):
    """The decoder of images. Makes no call."""

    def clean(self, content: bytes, *, max_pixels: int) -> DecodedImage:
        """The picture itself, upright, without metadata and without any other bytes of the file.

        Raises Rejected for what is not a sound JPEG, PNG or WebP, or has more than `max_pixels` pixels. Pixels are
        counted before any is decoded.
        """
        ...
