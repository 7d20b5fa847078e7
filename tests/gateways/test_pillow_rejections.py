"""Files that Pillow's adapter rejects: no images, broken images and images that are too big."""

import zlib

import pytest
from PIL import Image, PngImagePlugin

from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.gateways.pillow import MAX_SCANS, PillowImages
from chalicelib.world import Rejected
from tests.gateways.pillow_images import clean
from tests.world.pictures import (
    HTML,
    bomb_png,
    chunk,
    film,
    saved,
    scenery,
    with_chunk,
)

GOOD = {name: saved(scenery(), name) for name in ("JPEG", "PNG", "WEBP")}


BAD = {
    "nothing": b"",
    "a page": HTML,
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "a GIF": saved(scenery(), "GIF"),
    "a BMP": saved(scenery(), "BMP"),
    "a TIFF": saved(scenery(), "TIFF"),
    "a film": film(1000),
    "a page behind a JPEG's first bytes": b"\xff\xd8\xff\xe0" + HTML,
    "a page behind a PNG's first bytes": b"\x89PNG\r\n\x1a\n" + HTML,
    "a page behind a WebP's first bytes": b"RIFF\x00\x01\x00\x00WEBPVP8 " + HTML,
    **{f"half a {name}": good[: len(good) // 2] for name, good in GOOD.items()},
    "a PNG whose pixels are torn": GOOD["PNG"].replace(b"IDAT", b"IDAT\x00", 1),
    "a text of a hundred megabytes in a PNG": with_chunk(
        GOOD["PNG"], b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(100_000_000), 9)
    ),
    "a colour profile of a hundred megabytes in a PNG": with_chunk(
        GOOD["PNG"], b"iCCP", b"p\x00\x00" + zlib.compress(bytes(100_000_000), 9)
    ),
}


def wide_webp() -> bytes:
    """An animation of small frames on a canvas of 268 million pixels."""
    moving = bytearray(saved(scenery(), "WEBP", save_all=True, append_images=[scenery().rotate(180)]))
    assert moving[12:16] == b"VP8X"
    moving[24:30] = (16382).to_bytes(3, "little") * 2
    return bytes(moving)


BAD["a WebP whose canvas would fill the memory"] = wide_webp()
TOO_BIG = {
    "a text of a hundred megabytes in a PNG",
    "a colour profile of a hundred megabytes in a PNG",
    "a WebP whose canvas would fill the memory",
}


@pytest.mark.parametrize("name", [b"zTXt", b"iTXt", b"iCCP"])
@pytest.mark.parametrize("behind_the_pixels", [True, False])
def test_a_long_packed_text_of_a_png_is_too_big(name: bytes, behind_the_pixels: bool) -> None:
    start = b"Comment\x00\x01\x00\x00\x00" if name == b"iTXt" else b"Comment\x00\x00"
    packed = start + zlib.compress(bytes(1_100_000), 9)
    png = GOOD["PNG"]
    content = png[:-12] + chunk(name, packed) + png[-12:] if behind_the_pixels else with_chunk(png, name, packed)
    with pytest.raises(Rejected, match=Reason.PHOTO_TOO_BIG):
        clean(content)


def test_a_long_plain_text_of_a_png_is_removed() -> None:
    assert len(clean(with_chunk(GOOD["PNG"], b"tEXt", b"Comment\x00" + b"x" * 2_000_000)).content) < 10_000


@pytest.mark.parametrize("size", [(12_000, 9_000), (8_000, 7_000)])
def test_a_jpeg_of_too_many_pixels_is_too_big(size: tuple[int, int]) -> None:
    with pytest.raises(Rejected, match=Reason.PHOTO_TOO_BIG):
        clean(saved(Image.new("L", size)))


def with_scans(jpeg: bytes, count: int, between: bytes) -> bytes:
    """A progressive JPEG whose last scan comes again behind these bytes, until it has this number of scans."""
    start = jpeg.rindex(b"\xff\xda")
    return jpeg[:-2] + (between + jpeg[start:-2]) * (count - jpeg.count(b"\xff\xda")) + jpeg[-2:]


@pytest.mark.parametrize("between", [b"", b"\xff\x01", b"\xff\xff\xff"], ids=["nothing", "a mark", "filling"])
def test_a_jpeg_of_many_scans_is_too_big(between: bytes) -> None:
    """Half a megabyte with a scan in each hundred bytes would be decoded for minutes."""
    progressive = saved(Image.new("L", (64, 48), 128), progressive=True)
    assert clean(with_scans(progressive, MAX_SCANS, between)).width == 64
    with pytest.raises(Rejected, match=Reason.PHOTO_TOO_BIG):
        clean(with_scans(progressive, MAX_SCANS + 1, between))


def test_scans_in_a_thumbnail_and_behind_the_end_of_a_jpeg_do_not_count() -> None:
    noise = b"\xff\xda\x00\x02" * (MAX_SCANS + 1)
    jpeg = GOOD["JPEG"]
    thumbnail = b"\xff\xe1" + (len(noise) + 2).to_bytes(2) + noise
    assert clean(jpeg[:2] + thumbnail + jpeg[2:] + noise).width == 64


@pytest.mark.parametrize("kind", sorted(BAD))
def test_a_broken_image_is_rejected_with_its_reason(kind: str) -> None:
    with pytest.raises(Rejected) as rejected:
        clean(BAD[kind])
    assert (rejected.value.reason is Reason.PHOTO_TOO_BIG) == (kind in TOO_BIG)


@pytest.mark.parametrize("format_", sorted(GOOD))
def test_a_damaged_image_is_rejected_or_decoded_completely(format_: str) -> None:
    """Each flipped byte and each length gives an image or a rejection, never another error or a warning."""
    good = GOOD[format_]
    images = PillowImages()
    for place in range(0, len(good), 7):
        for torn in (good[:place], good[:place] + bytes([good[place] ^ 0xFF]) + good[place + 1 :]):
            try:
                images.clean(torn, max_pixels=10_000_000)
            except Rejected:
                continue


def test_a_decompression_bomb_is_rejected_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", lambda image: decoded.append("a pixel"))
    for size in ((100_000, 100_000), (12_000, 9_000), (20_000, 10_000)):
        with pytest.raises(Rejected, match=Reason.PHOTO_TOO_BIG):
            clean(bomb_png(*size))
    with pytest.raises(Rejected, match=Reason.PHOTO_TOO_BIG):
        clean(bomb_png(8_000, 6_251))
    assert decoded == []


@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_the_limit_of_pixels_is_exact(format_: str) -> None:
    content = saved(scenery(100, 50), format_)
    assert clean(content, 5000).width == 100
    with pytest.raises(Rejected, match=Reason.PHOTO_TOO_BIG):
        clean(content, 4999)


def test_a_webp_has_half_the_pixel_limit() -> None:
    content = saved(scenery(100, 50), "WEBP")
    assert clean(content, 10_000).width == 100
    with pytest.raises(Rejected, match=Reason.PHOTO_TOO_BIG):
        clean(content, 9_999)
