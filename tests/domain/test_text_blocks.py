"""Texts that are packed in blocks come out as they went in, and reading one decompresses only its block."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.text.text_blocks import BLOCK, TextBlocks, pack_blocks

TEXT = st.text().map(lambda text: text.replace("\n", " "))


@given(st.lists(TEXT, max_size=3 * BLOCK))
def test_texts_come_out_as_they_went_in(texts: list[str]) -> None:
    blocks = TextBlocks(pack_blocks(texts))
    assert [blocks[position] for position in range(len(blocks))] == texts


@pytest.mark.parametrize("position", [-1, 3, 1_000])
def test_there_is_no_text_beyond_the_last(position: int) -> None:
    with pytest.raises(IndexError):
        TextBlocks(pack_blocks(["a", "b", "c"]))[position]


def test_a_text_is_read_while_all_other_blocks_are_damaged() -> None:
    texts = [f"station {number}" for number in range(5 * BLOCK)]
    packed = bytearray(pack_blocks(texts))
    first_block = zlib.compress(texts[0].encode())
    lengths = struct.unpack_from("<6I", packed, 4)
    start = 4 + 24 + len(first_block) + lengths[1]
    packed[start:] = bytes(len(packed) - start)
    blocks = TextBlocks(bytes(packed))
    assert [blocks[position] for position in range(BLOCK)] == texts[:BLOCK]
    with pytest.raises(zlib.error):
        blocks[BLOCK]


def test_similar_texts_take_little_space() -> None:
    texts = [f'["Station {number} at the shopping centre","Ward {number % 33}, Kathmandu"]' for number in range(500)]
    assert len(pack_blocks(texts)) < len("".join(texts)) / 2


@pytest.mark.parametrize("packed", [b"", b"abc", b"\x05\x00\x00\x00", pack_blocks(["a", "b"])[:-1]])
def test_damaged_blocks_are_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        TextBlocks(packed)
