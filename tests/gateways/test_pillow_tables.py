"""Quantisation tables of JPEGs: whatever numbers they have, the cleaned image keeps its quality."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.gateways.pillow_images import clean
from tests.world.pictures import saved, scenery


def segments(jpeg: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment of the header, the start of the scan included."""
    place, marker = 2, 0
    while marker != 0xDA:
        marker, end = jpeg[place + 1], place + 2 + int.from_bytes(jpeg[place + 2 : place + 4])
        yield marker, place, end
        place = end


def renumbered(jpeg: bytes, numbers: dict[int, int]) -> bytes:
    """The JPEG with other numbers of its quantisation tables, in the tables and in the frame that names them."""
    content = bytearray(jpeg)
    for marker, start, end in segments(jpeg):
        if marker == 0xDB:
            for table in range(start + 4, end, 65):
                content[table] = numbers[content[table]]
        elif marker in (0xC0, 0xC1, 0xC2):
            for colour in range(start + 10, end, 3):
                content[colour + 2] = numbers[content[colour + 2]]
    return bytes(content)


def colour_by_colour(image: Image.Image) -> bytes:
    """A JPEG with a scan for each colour. The table of the second and third colour comes after the first scan."""
    greys = [saved(channel, quality=quality) for channel, quality in zip(image.split(), (90, 60, 60), strict=True)]
    first, *_ = greys
    content = bytearray(b"\xff\xd8")
    for marker, start, end in segments(first):
        if marker in (0xDB, 0xC4):
            content += first[start:end]
        elif marker == 0xC0:
            colours = b"\x01\x11\x00\x02\x11\x01\x03\x11\x01"
            content += b"\xff\xc0\x00\x11" + first[start + 4 : start + 9] + b"\x03" + colours
    for number, grey in enumerate(greys):
        if number == 1:
            table = next(grey[start:end] for marker, start, end in segments(grey) if marker == 0xDB)
            content += table[:4] + b"\x01" + table[5:]
        *_, (_, start, end) = segments(grey)
        content += grey[start : start + 5] + bytes([number + 1]) + grey[start + 6 : end] + grey[end:-2]
    return bytes(content + b"\xff\xd9")


COLOURS = {"RGB": Image.effect_noise((64, 48), 90).convert("RGB"), "L": Image.effect_noise((64, 48), 90)}


@pytest.mark.parametrize("numbers", [{0: 1, 1: 2}, {0: 2, 1: 3}, {0: 0, 1: 3}, {0: 3, 1: 1}, {0: 1, 1: 0}], ids=str)
@pytest.mark.parametrize("mode", COLOURS)
@pytest.mark.parametrize("progressive", [True, False])
def test_a_jpeg_whose_tables_have_other_numbers_keeps_its_quality(
    mode: str, progressive: bool, numbers: dict[int, int]
) -> None:
    usual = saved(COLOURS[mode], quality=60, progressive=progressive)
    assert clean(renumbered(usual, numbers)).content == clean(usual).content


def test_each_colour_of_a_jpeg_keeps_its_own_table() -> None:
    tables = [[3 + number] * 64 for number in range(3)]
    before = saved(COLOURS["RGB"], qtables=tables)
    after: Any = Image.open(BytesIO(clean(renumbered(before, {0: 3, 1: 1, 2: 2})).content))
    assert [after.quantization[number] for number in range(3)] == tables


def test_a_jpeg_whose_second_table_comes_after_its_first_scan_is_accepted() -> None:
    image = scenery(64, 48).convert("YCbCr")
    cleaned = Image.open(BytesIO(clean(colour_by_colour(image)).content)).convert("RGB")
    assert max(ImageStat.Stat(ImageChops.difference(cleaned, image.convert("RGB"))).mean) <= 8
