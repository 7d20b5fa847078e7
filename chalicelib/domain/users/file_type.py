"""Detects the type of a file by its first bytes, since its name and its headers prove nothing."""

from dataclasses import dataclass
from typing import Literal

ImageFormat = Literal["jpeg", "png", "webp"]
VideoFormat = Literal["mp4", "mov", "webm"]
FILM_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"}
)
"""The brands of MP4. HEIC and AVIF images use the same container."""


@dataclass(frozen=True)
class DecodedImage:
    """An image that was decoded and encoded again: upright, and without metadata."""

    content: bytes
    format: ImageFormat
    width: int
    height: int


def image_format(content: bytes) -> ImageFormat | None:
    """JPEG, PNG or WebP by the first bytes; None for anything else. Only decoding shows if the image is intact."""
    if content[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return None


def video_format(content: bytes) -> VideoFormat | None:
    """MP4, QuickTime or WebM by the first bytes; None for anything else."""
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        return "mov" if brand == b"qt  " else "mp4" if brand in FILM_BRANDS else None
    if content[:4] == b"\x1a\x45\xdf\xa3" and b"\x42\x82\x84webm" in content[:64]:
        return "webm"
    return None
