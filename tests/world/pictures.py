"""Images as phones, editors and attackers make them."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

GPS_IFD, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F
PLACE = "Patan Dhoka 27.6816"
HTML = b"<html><script>alert(document.cookie)</script></html>"


def scenery(width: int = 64, height: int = 48) -> Image.Image:
    """An image, red on the left and blue on the right, that shows its orientation."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (width // 2, 0, width, height))
    return image


def saved(image: Image.Image, format_: str = "JPEG", **options: Any) -> bytes:
    written = BytesIO()
    image.save(written, format_, **options)
    return written.getvalue()


def phone_photo(width: int = 64, height: int = 48, orientation: int = 6) -> bytes:
    """A photo taken upright and stored rotated, with its location."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = orientation, "Somebody's phone"
    gps = exif.get_ifd(GPS_IFD)
    gps[1], gps[2], gps[29] = "N", (27.0, 40.0, 53.0), PLACE
    return saved(scenery(width, height), quality=91, exif=exif, comment=PLACE.encode())


def with_page(picture: bytes) -> bytes:
    """A JPEG with a web page in a comment and after its end."""
    comment = b"\xff\xfe" + struct.pack(">H", len(HTML) + 2) + HTML
    return picture[:2] + comment + picture[2:] + HTML


def bomb_png(width: int = 100_000, height: int = 100_000) -> bytes:
    """A PNG whose header claims ten thousand million pixels, with rows that would decode to them."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def with_chunk(png: bytes, name: bytes, content: bytes) -> bytes:
    """A PNG with one more chunk after its header."""
    return png[:33] + chunk(name, content) + png[33:]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def film(size: int, brand: bytes = b"isom") -> bytes:
    """Bytes of that length that begin like an MP4."""
    head = struct.pack(">I4s4sI", 20, b"ftyp", brand, 512) + b"mp41"
    return head + bytes(size - len(head))
