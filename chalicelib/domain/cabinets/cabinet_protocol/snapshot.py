"""The snapshot frame: all slots of a cabinet, on boards whose sizes have to be inferred from the bytes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from chalicelib.domain.cabinets.cabinet_protocol.frame_parts import (
    MAX_SLOTS,
    SLOT_BYTES,
    Frame,
    FrameError,
    SlotReading,
    slot_of,
)

SNAPSHOT = 0x10
BOARD_BYTES = 6
MAX_SLOTS_PER_BOARD = 12
MAX_BYTES = MAX_SLOTS * (BOARD_BYTES + SLOT_BYTES)
SLOT_NUMBERS = range(1, MAX_SLOTS + 1)
NO_AREA = frozenset({0x00, 0x0B, 0xFF})
BY_SIZE = ((81, 5), (96, 6), (126, 8), (66, 4), (51, 3))
"""The manufacturer's table, in its order: bytes of one board, and its number of slots."""

Layout = tuple[int, ...]
"""The number of slots of each board, in the frame's order."""


@dataclass(frozen=True)
class Board:
    """A control board of a cabinet, from its header. The temperature is in degrees Celsius."""

    address: int
    celsius: int
    soft_version: int
    hard_version: int
    slot_numbers: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Snapshot(Frame):
    """The slots that a cabinet reports. A missing slot says nothing: old firmware lists only five."""

    boards: tuple[Board, ...]
    slots: tuple[SlotReading, ...]

    def slot(self, slot_number: int) -> SlotReading | None:
        return next((slot for slot in self.slots if slot.slot_number == slot_number), None)


def read_snapshot(raw: bytes, data: bytes, *, command: int, checksum_ok: bool) -> Snapshot:
    """Raises FrameError when no layout of boards fits, or a slot number appears twice.

    Only the frame that the manufacturer documents is read by guessed layouts.
    """
    if not BOARD_BYTES < len(data) <= MAX_BYTES:
        raise FrameError("snapshot of an impossible size", raw)
    readers = LAYOUT_READERS if command == SNAPSHOT else LAYOUT_READERS[:1]
    for read_layout in readers:
        layout = read_layout(data)
        boards, slots = _read(data, layout or ())
        numbers = {slot.slot_number for slot in slots}
        if numbers and len(numbers) == len(slots) and numbers <= set(SLOT_NUMBERS):
            return Snapshot(raw=raw, command=command, checksum_ok=checksum_ok, boards=boards, slots=slots)
    raise FrameError("snapshot whose boards can't be told apart", raw)


def _read(data: bytes, layout: Layout) -> tuple[tuple[Board, ...], tuple[SlotReading, ...]]:
    boards: list[Board] = []
    slots: list[SlotReading] = []
    start = 0
    for count in layout:
        head = data[start : start + BOARD_BYTES]
        area_high = 0 if head[2] in NO_AREA else head[2]
        first, start = start + BOARD_BYTES, start + BOARD_BYTES + count * SLOT_BYTES
        readings = [slot_of(data[at : at + SLOT_BYTES], area_high) for at in range(first, start, SLOT_BYTES)]
        boards.append(Board(head[0], head[3], head[4], head[5], tuple(slot.slot_number for slot in readings)))
        slots.extend(readings)
    return tuple(boards), tuple(slots)


def _layout_by_numbering(data: bytes, *, usual: bool) -> Layout | None:
    """The layout in which the slot numbers of each board are consecutive and no byte is left over.

    `usual` allows only the known addresses of boards. That excludes layouts that fit by chance.
    """
    fits: dict[int, Layout] = {len(data): ()}
    # From the end, so that each position is examined once for all possible layouts.
    for start in range(len(data) - BOARD_BYTES - SLOT_BYTES, -1, -1):
        if usual and not _usual_address(data[start]):
            continue
        for count in _counts(data, start):
            rest = fits.get(start + BOARD_BYTES + count * SLOT_BYTES)
            if rest is not None:
                fits[start] = (count, *rest)
                break
    return fits.get(0)


def _usual_address(address: int) -> bool:
    """Addresses of boards are 1, 2, 3 and so on, or 0x10, 0x20, 0x30 and so on."""
    return address != 0 and (address < 0x10 or address & 0x0F == 0)


def _counts(data: bytes, start: int) -> Iterable[int]:
    """The possible slot counts of a board at `start`, the count in its header first, then descending."""
    first = start + BOARD_BYTES
    room = min(MAX_SLOTS_PER_BOARD, (len(data) - first) // SLOT_BYTES)
    running = 0
    while running < room and (
        data[first + running * SLOT_BYTES] == data[first] + running and data[first] + running in SLOT_NUMBERS
    ):
        running += 1
    named_count = data[start + 1]
    return sorted(range(1, running + 1), key=lambda count: (count != named_count, -count))


def _layout_by_size(data: bytes) -> Layout | None:
    """The manufacturer's guess by size, for slot numbers that are not consecutive."""
    size = len(data)
    if size == 36:
        return (2,)
    if size == 102:
        return (4, 2) if data[66] < 4 else (3, 3)
    if size == 192 and data[1:3] == b"\xff\xff":
        return (8, 4) if data[66] == 5 else (4, 8)
    return next(((count,) * (size // board) for board, count in BY_SIZE if size % board == 0), None)


LAYOUT_READERS: tuple[Callable[[bytes], Layout | None], ...] = (
    partial(_layout_by_numbering, usual=True),
    partial(_layout_by_numbering, usual=False),
    _layout_by_size,
)
"""Ways to find the layout, the surest first."""
