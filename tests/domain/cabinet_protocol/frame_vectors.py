"""Frames of real cabinets and of the vendor's documents, as bytes."""

FOUR_SLOTS = bytes.fromhex(
    "A8 00 47 10 01 04 00 00 04 0F 01 00 00 00 00 00 00 00 00 00 01 00 00 00 80 02 00 00 00 00 00 00 00 "
    "00 00 01 00 00 00 80 03 01 00 E3 49 02 6E D5 84 64 16 00 00 19 00 04 00 00 00 00 00 00 00 00 00 01 "
    "00 00 00 80 D3"
)
FOUR_SLOTS_CHARGING = bytes.fromhex(
    "A8 00 47 10 01 04 00 00 04 0F 01 00 00 00 00 00 00 00 00 00 01 00 00 00 80 02 00 00 00 00 00 00 00 "
    "00 00 01 00 00 00 80 03 01 00 E4 49 02 6E D5 84 64 18 32 02 19 00 04 00 00 00 00 00 00 00 00 00 01 "
    "00 00 00 80 9C"
)
EIGHT_SLOTS = bytes.fromhex(
    "A8 00 89 10 01 FF FF 00 04 16 01 01 00 EC 00 05 11 49 F1 64 1F 32 01 0D 00 02 00 00 00 00 00 00 00 "
    "00 00 00 00 00 00 80 03 01 00 E8 00 05 11 46 AC 64 20 32 00 0D 00 04 00 00 00 00 00 00 00 00 00 00 "
    "00 00 00 80 02 FF FF 00 04 16 05 01 00 D7 00 04 C6 F0 96 64 1F 32 00 1A 00 06 00 00 00 00 00 00 00 "
    "00 00 00 00 00 00 80 07 01 00 E9 00 05 11 49 DB 64 1E 32 00 0D 00 08 00 00 00 00 00 00 00 00 00 00 "
    "00 00 00 80 D8"
)
THREE_EMPTY = bytes.fromhex(
    "A8 00 38 10 10 03 00 00 03 FF 01 00 00 00 00 00 00 00 00 FF FF 00 00 00 80 02 00 00 00 00 00 00 00 "
    "00 FF FF 00 00 00 80 03 00 00 00 00 00 00 00 00 FF FF 00 00 00 80 7B"
)
TWICE_SIX_EMPTY = bytes.fromhex(
    "A8 00 C5 10 10 00 00 00 3A 3A 01 00 00 00 00 00 00 00 00 FF FF 00 00 00 80 02 00 00 00 00 00 00 00 "
    "00 FF FF 00 00 00 80 03 00 00 00 00 00 00 00 00 FF FF 00 00 00 80 04 00 00 00 00 00 00 00 00 FF FF "
    "00 00 00 80 05 00 00 00 00 00 00 00 00 FF FF 00 00 00 80 06 00 00 00 00 00 00 00 00 FF FF 00 00 00 "
    "80 60 00 00 00 3A 3A 1F 00 00 00 00 00 00 00 00 FF FF 00 00 00 80 20 00 00 00 00 00 00 00 00 FF FF "
    "00 00 00 80 21 00 00 00 00 00 00 00 00 FF FF 00 00 00 80 22 00 00 00 00 00 00 00 00 FF FF 00 00 00 "
    "80 23 00 00 00 00 00 00 00 00 FF FF 00 00 00 80 24 00 00 00 00 00 00 00 00 FF FF 00 00 00 80 65"
)
EJECTED = bytes.fromhex("A8 00 0C 31 01 02 6E D5 80 01 02 52")
EJECTED_LATER_MODEL = bytes.fromhex("A8 00 0C 31 03 02 6E D5 84 01 02 4C")
EJECT_FAILED = bytes.fromhex("A8 00 0C 31 01 02 6E D5 84 00 00 51")
EJECTED_WRONG_CHECKSUM = bytes.fromhex("A8 00 0C 31 60 00 9B D2 10 01 00 3B")
EJECTED_BY_SLOT = bytes.fromhex("A8 00 09 21 10 01 01 02 1A")
RETURNED_TO_ONE = bytes.fromhex("A8 00 0F 40 10 01 04 05 8E 17 08 01 CA 5F 18")
RETURNED_TO_THREE = bytes.fromhex("A8 00 0F 40 01 03 49 02 6E D5 84 01 19 64 75")
SLOT_CHANGED = bytes.fromhex("A8 00 15 28 01 03 01 00 E3 49 02 6E D5 84 64 16 00 00 19 00 8E")
HEARTBEAT = bytes.fromhex("A8 00 11 7A 10 43 53 51 3A 32 37 3B 42 50 3A 30 FC")
WIFI = bytes.fromhex("A8 00 1D CF 5B 22 48 6F 6D 65 57 69 46 69 22 2C 22 43 61 66 65 20 32 2E 34 47 22 5D 9E")

SOUND = {
    "four slots": FOUR_SLOTS,
    "four slots, charging": FOUR_SLOTS_CHARGING,
    "eight slots": EIGHT_SLOTS,
    "three empty": THREE_EMPTY,
    "twice six empty": TWICE_SIX_EMPTY,
    "ejected": EJECTED,
    "ejected, later model": EJECTED_LATER_MODEL,
    "eject failed": EJECT_FAILED,
    "ejected by slot": EJECTED_BY_SLOT,
    "returned to one": RETURNED_TO_ONE,
    "returned to three": RETURNED_TO_THREE,
    "hole changed": SLOT_CHANGED,
    "heartbeat": HEARTBEAT,
    "wifi": WIFI,
}
ALL = {**SOUND, "wrong checksum": EJECTED_WRONG_CHECKSUM}


def sealed(command: int, data: bytes) -> bytes:
    """A frame around data, made without our encoder or decoder."""
    total = len(data) + 5
    body = b"\xa8" + bytes([total >> 8, total & 0xFF, command]) + data
    return body + bytes([(256 - sum(body) % 256) % 256])


def opened(frame: bytes) -> bytes:
    """The data of a frame."""
    return frame[4:-1]
