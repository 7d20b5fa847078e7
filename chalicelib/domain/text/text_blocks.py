"""Many short texts, compressed in small blocks, so that reading one text decompresses few others."""

import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate

BLOCK = 8
"""How many texts a block holds."""
SEPARATOR = "\n"
"""Stands between two texts of a block. No text contains it."""
COUNT = struct.Struct("<I")


def pack_blocks(texts: Sequence[str]) -> bytes:
    """The number of texts, the length of each block, the compressed first text, and the blocks.

    Every block is compressed with the first text as its dictionary, since the texts resemble each other.
    """
    dictionary = texts[0].encode() if texts else b""
    blocks = [zlib.compress(dictionary)]
    for start in range(0, len(texts), BLOCK):
        compressor = zlib.compressobj(zdict=dictionary)
        block = compressor.compress(SEPARATOR.join(texts[start : start + BLOCK]).encode())
        blocks.append(block + compressor.flush())
    return b"".join((COUNT.pack(len(texts)), *(COUNT.pack(len(block)) for block in blocks), *blocks))


class TextBlocks:
    """The texts that `pack_blocks` packed, by their position. Raises ValueError for what it did not pack."""

    def __init__(self, packed: bytes) -> None:
        self._count: int
        try:
            (self._count,) = COUNT.unpack_from(packed)
            blocks_count = 1 - -self._count // BLOCK
            lengths = struct.unpack_from(f"<{blocks_count}I", packed, COUNT.size)
        except struct.error as error:
            raise ValueError("the texts are damaged") from error
        *starts, end = accumulate(lengths, initial=COUNT.size * (blocks_count + 1))
        if end != len(packed):
            raise ValueError("the texts are damaged")
        self._packed, self._starts, self._end = packed, starts, end
        self._dictionary = zlib.decompress(self._block(0))

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, position: int) -> str:
        if not 0 <= position < self._count:
            raise IndexError(position)
        decompressor = zlib.decompressobj(zdict=self._dictionary)
        texts = decompressor.decompress(self._block(position // BLOCK + 1)).decode().split(SEPARATOR)
        return texts[position % BLOCK]

    def _block(self, number: int) -> bytes:
        ends = [*self._starts[number + 1 : number + 2], self._end]
        return self._packed[self._starts[number] : ends[0]]
