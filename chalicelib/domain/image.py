"""What an upload really is, by its first bytes; a name or a header proves nothing."""

from typing import Literal

ImageFormat = Literal["jpeg", "png", "webp"]


def image_format(content: bytes) -> ImageFormat | None:
    """JPEG, PNG or WebP; None for anything else."""
    if content[:3] == b"\xff\xd8\xff" and content.rstrip(b"\x00")[-2:] == b"\xff\xd9":
        return "jpeg"
    if content[:8] == b"\x89PNG\r\n\x1a\n" and b"IEND" in content[-16:]:
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return None
