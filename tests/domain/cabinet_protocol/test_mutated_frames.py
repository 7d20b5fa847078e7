"""Mutated frames of real cabinets: each gives a frame or the one typed error, and nothing else.

`--mutated-frames N` decodes N of them.
"""

import random

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.description import fields_of, name_of
from chalicelib.domain.cabinets.cabinet_protocol.frames import Frame, FrameError, checksum, decode
from tests.conftest import MUTATED_FRAMES, SEED
from tests.domain.cabinet_protocol import frame_vectors

REAL = [*frame_vectors.ALL.values()]
SHORT = [raw for raw in REAL if len(raw) < 50]
COMMANDS = [0x10, 0x14, 0x16, 0x21, 0x28, 0x31, 0x40, 0x7A, 0xCF]


def mutated(chance: random.Random) -> bytes:
    """A real frame after one to four mutations. Two of three have a length and a checksum that fit."""
    raw = bytearray(chance.choice(REAL if chance.random() < 0.3 else SHORT))
    for _ in range(chance.randint(1, 4)):
        mutate(raw, chance)
    if chance.random() < 0.66 and len(raw) >= 5:
        raw[0], raw[1:3] = 0xA8, len(raw).to_bytes(2, "big")
        raw[-1] = checksum(bytes(raw[:-1]))
    return bytes(raw)


def mutate(raw: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(raw) + 1)
    match chance.randrange(7):
        case 0 if raw:
            raw[at % len(raw)] ^= 1 << chance.randrange(8)
        case 1 if raw:
            raw[at % len(raw)] = chance.choice((0x00, 0x01, 0xFF, chance.randrange(256)))
        case 2:
            raw[at:at] = chance.randbytes(chance.randint(1, 16))
        case 3:
            del raw[at : at + chance.randint(1, 16)]
        case 4:
            raw[at:] = chance.choice(REAL)[at:]
        case 5:
            raw[at:at] = raw[at : at + 15]
        case 6 if len(raw) > 3:
            raw[3] = chance.choice(COMMANDS)


def decoded(raw: bytes) -> Frame | FrameError:
    try:
        return decode(raw)
    except FrameError as error:
        return error


def test_a_mutated_frame_is_a_frame_or_its_error(pytestconfig: pytest.Config) -> None:
    chance = random.Random(SEED)
    frames_count = errors_count = 0
    for _ in range(pytestconfig.getoption(MUTATED_FRAMES)):
        raw = mutated(chance)
        result = decoded(raw)
        assert result.raw == raw
        if isinstance(result, FrameError):
            errors_count += 1
        else:
            frames_count += 1
            assert {"command", "checksum_ok"} <= fields_of(result).keys(), name_of(result)
    assert min(frames_count, errors_count) > 1_000
