"""Pillow: decodes an image and encodes it again, so that only its pixels remain, upright."""

import re
import threading
import warnings
from io import BytesIO
from typing import Any

from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.users.file_type import DecodedImage, ImageFormat, image_format
from chalicelib.world import Rejected

COSTS = {"jpeg": 1, "png": 1, "webp": 2}
"""The memory cost of a pixel in units of 8 bytes. WebP's decoder holds the canvas twice, in addition to the image."""
KEPT_MODES = {"jpeg": {"L", "RGB"}, "png": {"1", "L", "LA", "RGB", "RGBA", "I;16"}, "webp": {"RGB", "RGBA"}}
ORIENTATION = 0x0112
TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
MAX_PROFILE_BYTES = 64 * 1024
WEBP_QUALITY = 90
JPEG_QUALITY = 90
"""Of a JPEG whose header does not hold the tables that its colours use."""
MAX_SCANS = 100
"""Each scan of a progressive JPEG goes through the whole image again: a hundred take seconds. Cameras write ten."""
SCAN, END = 0xDA, 0xD9
NEXT_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
"""A marker with a length, or the end. Inside a scan FF is followed by 00, or by a restart marker."""
PACKED_TOO_MUCH = "MAX_TEXT"
"""The name of a limit in Pillow's error about a text or a profile of a PNG that unpacks to more than a megabyte."""


class PillowImages:
    """World's Images. It handles one image at a time: memory is limited, and Python's warning filters belong to the
    process."""

    def __init__(self) -> None:
        self._alone = threading.Lock()

    def clean(self, content: bytes, *, max_pixels: int) -> DecodedImage:
        """The cleaned image. Of several images in one file (animations, MPO) it is the first. Raises Rejected with
        a Reason."""
        format_ = image_format(content)
        if format_ is None:
            raise Rejected(Reason.NOT_A_PHOTO)
        # What Pillow warns about (broken EXIF, an odd palette) is not in the encoded image.
        with self._alone, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return _rewritten(content, format_, max_pixels // COSTS[format_])
            except Rejected:
                raise
            except Exception as error:  # Pillow's decoders raise errors of many types for a damaged file
                raise Rejected(_reason(error)) from error


def _reason(error: Exception) -> Reason:
    """Too big if Pillow stopped at a limit of its own. Any other error of a decoder means a damaged image."""
    from PIL.Image import DecompressionBombError

    is_too_big = isinstance(error, DecompressionBombError | MemoryError) or PACKED_TOO_MUCH in str(error)
    return Reason.PHOTO_TOO_BIG if is_too_big else Reason.PHOTO_DAMAGED


def _rewritten(content: bytes, format_: ImageFormat, max_pixels: int) -> DecodedImage:
    # The import names the three plugins: without them Pillow loads all forty.
    from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    # Above twice this limit Pillow stops by itself. WebP's decoder allocates its memory after the header.
    Image.MAX_IMAGE_PIXELS = max_pixels
    image: Any = Image.open(BytesIO(content), formats=(format_.upper(),))
    if image.width * image.height > max_pixels:
        raise Rejected(Reason.PHOTO_TOO_BIG)
    if format_ == "jpeg" and _scans_count(content) > MAX_SCANS:
        raise Rejected(Reason.PHOTO_TOO_BIG)
    options = _options(content, format_, image)
    image.load()
    turn = TURNS.get(_orientation(image))
    profile = image.info.get("icc_profile")
    if image.mode not in KEPT_MODES[format_] or "transparency" in image.info:
        image, options = _plain(image), {name: item for name, item in options.items() if name == "lossless"}
    if profile:
        image = _in_common_colours(image, profile)
    if turn is not None:
        image = image.transpose(Image.Transpose[turn])
    # Pillow would copy comments, XMP and profiles from here into the new file.
    image.info = {}
    written = BytesIO()
    image.save(written, format_.upper(), **options)
    return DecodedImage(written.getvalue(), format_, image.width, image.height)


def _scans_count(jpeg: bytes) -> int:
    """How many scans a JPEG has up to its end. What follows the end is never decoded."""
    count, place = 0, 2
    while (match := NEXT_MARKER.search(jpeg, place)) is not None and jpeg[match.end() - 1] != END:
        count += jpeg[match.end() - 1] == SCAN
        place = match.end() + int.from_bytes(jpeg[match.end() : match.end() + 2])
    return count


def _options(content: bytes, format_: ImageFormat, image: Any) -> dict[str, Any]:
    """The options that keep the quality."""
    if format_ == "jpeg":
        from PIL.JpegImagePlugin import get_sampling

        # This is what `quality="keep"` does, which Pillow refuses for a rotated image.
        tables = _tables_of_colours(image)
        quality = {"qtables": tables} if tables else {"quality": JPEG_QUALITY}
        return {**quality, "subsampling": get_sampling(image)}
    if format_ == "webp":
        return {"lossless": True, "method": 0} if b"VP8L" in content[:64] else {"quality": WEBP_QUALITY, "method": 0}
    return {}


def _tables_of_colours(image: Any) -> list[list[int]]:
    """The quantisation table of each colour of a JPEG, without those at the end that repeat the one before.

    Empty if the header lacks one. A file numbers its tables as it likes. Pillow writes them in the order of colours.
    """
    numbers = [colour[3] for colour in image.layer]
    if not all(number in image.quantization for number in numbers):
        return []
    tables = [image.quantization[number] for number in numbers]
    while len(tables) > 1 and tables[-1] == tables[-2]:
        tables.pop()
    return tables


def _orientation(image: Any) -> int:
    """The EXIF orientation; 1 if there is none or it is broken."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001  EXIF is an appendix: a torn one makes no picture unsound
        return 1


def _plain(image: Any) -> Any:
    """The image as RGB or RGBA, without a palette, keyed transparency or print colours."""
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_common_colours(image: Any, profile: bytes) -> Any:
    """The image in sRGB, so that its colour profile can be dropped. A profile may hold any data."""
    from PIL import ImageCms

    if len(profile) > MAX_PROFILE_BYTES or image.mode not in ("RGB", "RGBA"):
        return image
    try:
        source: Any = ImageCms.ImageCmsProfile(BytesIO(profile))
        ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), inPlace=True)
    except (ImageCms.PyCMSError, OSError):
        # The profile is broken, or it is for other colours than the image's.
        return image
    return image
