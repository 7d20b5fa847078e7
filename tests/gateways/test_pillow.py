"""Pillow as World's Images: its output is an image and nothing else."""

import warnings
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat, PngImagePlugin

from chalicelib.domain.users.file_type import DecodedImage, video_format
from infra.local.seeds.images import citizenship_front
from tests.gateways.pillow_images import clean
from tests.world.pictures import (
    GPS_IFD,
    HTML,
    PLACE,
    film,
    phone_photo,
    saved,
    scenery,
    with_page,
)


def seen(picture: DecodedImage) -> Image.Image:
    image = Image.open(BytesIO(picture.content))
    image.load()
    assert image.size == (picture.width, picture.height)
    return image


def alike(first: Image.Image, other: Image.Image) -> bool:
    """Whether all channels are close on average. An encoder blurs where two colours meet."""
    return max(ImageStat.Stat(ImageChops.difference(first.convert("RGB"), other.convert("RGB"))).mean) <= 8


def test_a_phone_photo_becomes_upright_and_loses_its_location() -> None:
    photo = phone_photo()
    assert PLACE.encode() in photo
    picture = clean(photo)
    image = seen(picture)
    assert (picture.format, picture.width, picture.height) == ("jpeg", 48, 64)
    assert dict(image.getexif()) == {}
    assert dict(image.getexif().get_ifd(GPS_IFD)) == {}
    assert PLACE.encode() not in picture.content
    assert alike(image, scenery().transpose(Image.Transpose.ROTATE_270))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_becomes_upright(orientation: int) -> None:
    from PIL import ImageOps

    photo = phone_photo(orientation=orientation)
    upright = ImageOps.exif_transpose(Image.open(BytesIO(photo)))
    assert alike(seen(clean(photo)), upright)


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_a_rotated_jpeg_keeps_its_quality(quality: int) -> None:
    noisy = Image.effect_noise((256, 192), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 3
    before = saved(noisy, quality=quality, exif=exif)
    after = clean(before)
    assert abs(len(after.content) - len(before)) < len(before) * 0.1
    assert Image.open(BytesIO(after.content)).quantization == Image.open(BytesIO(before)).quantization  # type: ignore[attr-defined]


def test_a_jpeg_with_a_web_page_loses_the_page() -> None:
    hidden = with_page(saved(scenery()))
    assert hidden.count(HTML) == 2
    assert HTML not in clean(hidden).content


def test_a_web_page_in_a_colour_profile_is_removed_and_colours_stay() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for hidden in (profile, HTML, profile[:200] + HTML):
        after = clean(saved(scenery(), icc_profile=hidden))
        assert "icc_profile" not in seen(after).info
        assert HTML not in after.content
        assert alike(seen(after), scenery())


def test_colours_of_another_profile_become_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # This profile's red is blue.
    swapped = profile.replace(b"rXYZ", b"?XYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"?XYZ", b"bXYZ", 1)
    after = seen(clean(saved(Image.new("RGB", (64, 48), (220, 10, 10)), "PNG", icc_profile=swapped)))
    red, _, blue = after.getpixel((30, 20))  # type: ignore[misc]
    assert red < 60
    assert blue > 180
    assert "icc_profile" not in after.info


@pytest.mark.parametrize("format_", ["PNG", "WEBP"])
def test_png_stays_png_and_webp_stays_webp_without_loss(format_: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = PLACE
    more: dict[str, Any] = {"lossless": True, "exact": True} if format_ == "WEBP" else {}
    before = saved(scenery().convert("RGBA"), format_, exif=exif, xmp=PLACE.encode(), **more)
    after = clean(before)
    assert after.format == format_.lower()
    assert PLACE.encode() not in after.content
    assert seen(after).convert("RGBA").tobytes() == scenery().convert("RGBA").tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_any_mode_is_accepted(mode: str) -> None:
    image = scenery().convert("L").convert("I").convert("I;16") if mode == "I;16" else scenery().convert(mode)
    before = saved(image, "PNG")
    after = clean(before)
    assert seen(after).convert("RGBA").tobytes() == Image.open(BytesIO(before)).convert("RGBA").tobytes()


def test_a_transparent_palette_keeps_its_look() -> None:
    image = scenery().quantize(4)
    before = saved(image, "PNG", transparency=bytes([0, 128, 255]))
    assert seen(clean(before)).tobytes() == Image.open(BytesIO(before)).convert("RGBA").tobytes()


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_cmyk_jpegs_are_accepted(mode: str) -> None:
    assert seen(clean(saved(scenery().convert(mode)))).mode in ("L", "RGB")


def test_text_chunks_of_a_png_are_removed() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", PLACE)
    texts.add_itxt("XML:com.adobe.xmp", PLACE)
    before = saved(scenery(), "PNG", pnginfo=texts) + HTML
    after = clean(before)
    assert PLACE.encode() not in after.content
    assert HTML not in after.content


@pytest.mark.parametrize("format_", ["PNG", "WEBP"])
def test_an_animation_becomes_its_first_image(format_: str) -> None:
    other = Image.new("RGB", (64, 48), (0, 250, 0))
    moving = saved(scenery(), format_, save_all=True, append_images=[other], duration=100)
    still = seen(clean(moving))
    assert getattr(still, "n_frames", 1) == 1
    assert alike(still, scenery())


def test_a_multi_image_jpeg_becomes_its_first_image() -> None:
    several = saved(scenery(), "MPO", save_all=True, append_images=[Image.new("RGB", (640, 480), (0, 250, 0))])
    assert Image.open(BytesIO(several)).format == "MPO"
    still = seen(clean(several))
    assert (still.format, still.size) == ("JPEG", (64, 48))
    assert alike(still, scenery())


def test_the_smallest_jpeg_and_a_broken_exif_are_accepted() -> None:
    assert clean(citizenship_front()).width == 1
    torn = saved(scenery(), exif=b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff\x12\x01\x03\x00")
    assert seen(clean(torn)).size == (64, 48)


def test_warnings_of_pillow_are_silenced_and_ours_are_not() -> None:
    with warnings.catch_warnings(record=True) as warnings_seen:
        warnings.simplefilter("always")
        clean(saved(scenery(), exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x09"))
        assert [str(warning.message) for warning in warnings_seen] == []
        warnings.warn("ours", stacklevel=1)
        assert len(warnings_seen) == 1


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (film(100), "mp4"),
        (film(100, b"mp42"), "mp4"),
        (film(100, b"qt  "), "mov"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "webm"),
        (film(100, b"heic"), None),
        (film(100, b"avif"), None),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", None),
        (HTML, None),
        (b"", None),
    ],
)
def test_a_film_is_recognised_by_its_first_bytes(content: bytes, format_: str | None) -> None:
    assert video_format(content) == format_
