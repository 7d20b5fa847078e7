"""Pillow's adapter for tests, with the pixel limit of the settings."""

from chalicelib.domain.users.file_type import DecodedImage
from chalicelib.gateways.pillow import PillowImages

MAX_PIXELS = 50_000_000


def clean(content: bytes, max_pixels: int = MAX_PIXELS) -> DecodedImage:
    return PillowImages().clean(content, max_pixels=max_pixels)
