"""Pillow: a picture is decoded and written anew, so that nothing comes through but its pixels, upright."""

import threading
import warnings
from io import BytesIO
from typing import Any

from chalicelib.domain.file_type import DecodedImage, ImageFormat, image_format
from chalicelib.domain.reasons import Reason
from chalicelib.world import Rejected

COSTS = {"jpeg": 1, "png": 1, "webp": 2}
"""WebP's decoder holds the canvas twice over beside the picture: 16 bytes a pixel, where the others need 8."""
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


class PillowImages:
    """World's Images. One picture at a time: memory has a bound, and Python's warnings are the whole process's."""

    def __init__(self) -> None:
        self._alone = threading.Lock()

    def clean(self, content: bytes, *, max_pixels: int) -> DecodedImage:
        """Of several pictures in one file (animations, MPO) the first is kept. Raises Rejected."""
        format_ = image_format(content)
        if format_ is None:
            raise Rejected(Reason.NOT_A_PHOTO)
        # Whatever Pillow warns of (a torn EXIF, an odd palette) is gone from what it writes.
        with self._alone, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return _rewritten(content, format_, max_pixels // COSTS[format_])
            except Rejected:
                raise
            except Exception as error:
                # Whatever a decoder stumbles over, it is no sound picture.
                raise Rejected(Reason.PHOTO_DAMAGED) from error


def _rewritten(content: bytes, format_: ImageFormat, max_pixels: int) -> DecodedImage:
    # Each plugin by name: for an unregistered one Pillow would load all forty.
    from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    # Above twice this Pillow stops by itself: WebP's decoder takes its memory as soon as it has read the header.
    Image.MAX_IMAGE_PIXELS = max_pixels
    image: Any = Image.open(BytesIO(content), formats=(format_.upper(),))
    if image.width * image.height > max_pixels:
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
    # Pillow writes some of what it has read if it finds it here: comments, XMP, profiles.
    image.info = {}
    written = BytesIO()
    image.save(written, format_.upper(), **options)
    return DecodedImage(written.getvalue(), format_, image.width, image.height)


def _options(content: bytes, format_: ImageFormat, image: Any) -> dict[str, Any]:
    """What keeps the quality as it was."""
    if format_ == "jpeg":
        from PIL.JpegImagePlugin import get_sampling

        # What `quality="keep"` does, which a picture that was turned may not be asked for.
        return {"qtables": image.quantization, "subsampling": get_sampling(image)}
    if format_ == "webp":
        return {"lossless": True, "method": 0} if b"VP8L" in content[:64] else {"quality": WEBP_QUALITY, "method": 0}
    return {}


def _orientation(image: Any) -> int:
    """1 where nothing sound says otherwise."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001  EXIF is an appendix: a torn one makes no picture unsound
        return 1


def _plain(image: Any) -> Any:
    """Palettes, keyed transparency and print colours as RGB or RGBA."""
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_common_colours(image: Any, profile: bytes) -> Any:
    """As sRGB, so that the profile can go: it may hold anything, also somebody's web page."""
    from PIL import ImageCms

    if len(profile) > MAX_PROFILE_BYTES or image.mode not in ("RGB", "RGBA"):
        return image
    try:
        source: Any = ImageCms.ImageCmsProfile(BytesIO(profile))
        ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), inPlace=True)
    except (ImageCms.PyCMSError, OSError):
        # Of other colours than the picture's, or none at all.
        return image
    return image
