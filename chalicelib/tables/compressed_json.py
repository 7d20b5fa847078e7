"""Large values of a row, as compressed JSON."""

import json
import zlib
from typing import Any


def compressed(content: Any) -> bytes:
    """The content as compressed JSON."""
    return zlib.compress(json.dumps(content, separators=(",", ":")).encode())


def decompressed(raw: bytes) -> Any:
    """The content that `compressed` compressed. Tuples come back as lists."""
    return json.loads(zlib.decompress(raw))
