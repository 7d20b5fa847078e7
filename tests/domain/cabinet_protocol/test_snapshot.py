"""Snapshots: the state of each slot, for every arrangement of boards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cabinets.cabinet_protocol.frames import FrameError, SlotReading, Snapshot, decode
from infra.local.cabinets import frames as wire
from tests.domain.cabinet_protocol import frame_vectors
from tests.domain.cabinet_protocol.frame_vectors import opened, sealed

EMPTY = bytes(8) + bytes([0xFF, 0xFF, 0, 0, 0, 0x80])


def snapshot_of(raw: bytes) -> Snapshot:
    frame = decode(raw)
    assert isinstance(frame, Snapshot)
    return frame


def slot_of(raw: bytes, slot_number: int) -> SlotReading:
    slot = snapshot_of(raw).slot(slot_number)
    assert slot is not None
    return slot


def snapshot_data(*boards: tuple[int, list[int]], undefined: bytes = b"\x00\x00") -> bytes:
    """A snapshot of empty slots: for each board its address and its slot numbers."""
    data = b""
    for address, numbers in boards:
        data += bytes([address]) + undefined + bytes([0, 4, 15]) + b"".join(bytes([n]) + EMPTY for n in numbers)
    return sealed(0x10, data)


def layout(raw: bytes) -> list[tuple[int, ...]]:
    return [board.slot_numbers for board in snapshot_of(raw).boards]


def test_the_full_slot_of_a_real_cabinet() -> None:
    slot = slot_of(frame_vectors.FOUR_SLOTS, 3)
    assert (slot.state, slot.raw_voltage, slot.area, slot.powerbank_sn) == (1, 227, 73, "40818052")
    assert (slot.battery_percent, slot.celsius, slot.volts_tenths, slot.amps_tenths) == (100, 22, 0, 0)
    assert (slot.soft_version, slot.micro_switch, slot.solenoid) == (25, False, False)
    assert slot.occupied


def test_an_empty_slot_has_no_charge() -> None:
    slot = slot_of(frame_vectors.FOUR_SLOTS, 1)
    assert (slot.powerbank_sn, slot.battery_percent, slot.celsius) == (None, None, None)
    assert slot.micro_switch
    assert not slot.occupied
    assert not slot.unreadable


def test_the_board_of_a_real_cabinet() -> None:
    (board,) = snapshot_of(frame_vectors.FOUR_SLOTS).boards
    assert (board.address, board.celsius, board.soft_version, board.hard_version) == (1, 0, 4, 15)
    assert board.slot_numbers == (1, 2, 3, 4)


def test_charging_is_in_tenths_of_volts_and_amperes() -> None:
    slot = slot_of(frame_vectors.FOUR_SLOTS_CHARGING, 3)
    assert (slot.celsius, slot.volts_tenths, slot.amps_tenths) == (24, 50, 2)


def test_slots_of_the_second_board_are_numbered_behind_those_of_the_first() -> None:
    snapshot = snapshot_of(frame_vectors.EIGHT_SLOTS)
    assert {slot.slot_number: slot.powerbank_sn for slot in snapshot.slots} == {
        1: "85019121",
        2: None,
        3: "85018284",
        4: None,
        5: "80146582",
        6: None,
        7: "85019099",
        8: None,
    }
    assert {slot.battery_percent for slot in snapshot.slots if slot.occupied} == {100}


def test_a_cabinet_numbers_its_second_column_from_where_it_likes() -> None:
    assert layout(frame_vectors.THREE_EMPTY) == [(1, 2, 3)]
    assert layout(frame_vectors.TWICE_SIX_EMPTY) == [(1, 2, 3, 4, 5, 6), (31, 32, 33, 34, 35, 36)]


@pytest.mark.parametrize(
    "boards",
    [
        [(1, [1, 2])],
        [(1, [1, 2, 3, 4]), (2, [5, 6])],
        [(1, [1, 2, 3]), (4, [4, 5, 6])],
        [(0x10, [1, 2, 3, 4, 5, 6, 7, 8]), (0x20, [9, 10, 11, 12])],
        [(0x10, [1, 2, 3, 4]), (0x20, list(range(5, 13)))],
        [(0x10, list(range(1, 13))), (0x60, list(range(31, 43)))],
        [(n, [n]) for n in range(1, 7)],
    ],
)
def test_consecutive_slot_numbers_separate_the_boards(boards: list[tuple[int, list[int]]]) -> None:
    assert layout(snapshot_data(*boards)) == [tuple(numbers) for _, numbers in boards]


@pytest.mark.parametrize(
    ("boards", "undefined"),
    [
        ([(1, [9, 2, 14, 5, 11])], b"\x00\x00"),
        ([(1, [2, 1])], b"\x00\x00"),
        ([(1, [4, 3, 2, 1]), (2, [6, 5])], b"\x00\x00"),
        ([(1, [3, 2, 1]), (7, [6, 5, 4])], b"\x00\x00"),
        ([(1, [2, 1, 3, 4, 5, 6, 7, 8]), (2, [10, 9, 11, 12])], b"\xff\xff"),
        ([(1, [2, 1, 3, 4]), (6, [10, 9, 11, 12, 13, 14, 15, 16])], b"\xff\xff"),
        ([(1, [2, 1, 3, 4, 5, 6]), (2, [8, 7, 9, 10, 11, 12])], b"\x00\x00"),
    ],
)
def test_the_size_separates_the_boards_otherwise(boards: list[tuple[int, list[int]]], undefined: bytes) -> None:
    assert layout(snapshot_data(*boards, undefined=undefined)) == [tuple(numbers) for _, numbers in boards]


@pytest.mark.parametrize(
    "raw",
    [
        sealed(0x10, b""),
        sealed(0x10, bytes(6)),
        sealed(0x10, bytes(22)),
        sealed(0x10, bytes(30000)),
        snapshot_data((1, [1, 2]), (2, [1, 2])),
        snapshot_data((1, [0, 1, 2])),
        snapshot_data((1, [101, 102])),
    ],
    ids=["nothing", "no slot", "no layout", "too long", "twice", "slot 0", "slot 101"],
)
def test_an_impossible_snapshot_raises_with_its_bytes(raw: bytes) -> None:
    with pytest.raises(FrameError) as refused:
        decode(raw)
    assert refused.value.raw == raw


def changed(at: int, value: int) -> SlotReading:
    """The real cabinet's full slot with one of its 15 bytes changed."""
    data = bytearray(opened(frame_vectors.FOUR_SLOTS))
    data[6 + 30 + at] = value
    return slot_of(sealed(0x10, bytes(data)), 3)


def test_unknown_charge_and_temperature_are_none() -> None:
    assert changed(9, 0xFF).battery_percent is None
    assert changed(9, 101).battery_percent is None
    assert changed(10, 0xFF).celsius is None
    assert changed(10, 0x00).celsius is None


def test_a_slot_in_an_abnormal_state_is_occupied() -> None:
    for state in range(2, 256):
        slot = changed(1, state)
        assert slot.occupied
    assert not changed(1, 0).occupied


def test_an_unreadable_power_bank_has_no_number() -> None:
    data = bytearray(opened(frame_vectors.FOUR_SLOTS))
    data[6 + 30 + 5 : 6 + 30 + 9] = b"\xff\xff\xff\xff"
    slot = slot_of(sealed(0x10, bytes(data)), 3)
    assert (slot.powerbank_sn, slot.unreadable, slot.occupied) == (None, True, True)


@pytest.mark.parametrize(("high", "area"), [(0x00, 0x49), (0x0B, 0x49), (0xFF, 0x49), (0x01, 0x149)])
def test_the_boards_half_of_the_area_counts_where_there_is_a_bank(high: int, area: int) -> None:
    data = bytearray(opened(frame_vectors.FOUR_SLOTS))
    data[2] = high
    raw = sealed(0x10, bytes(data))
    assert slot_of(raw, 3).area == area
    assert slot_of(raw, 1).area == 0


BANKS = st.builds(
    wire.SlotContent,
    slot_number=st.just(1),
    powerbank_sn=st.none() | st.integers(1, 0xFFFF_FFFE).map(str),
    battery_percent=st.integers(0, 100),
    state=st.integers(1, 10),
)


@given(st.lists(BANKS, min_size=1, max_size=40))
def test_a_simulated_cabinets_snapshot_is_read_back(contents: list[wire.SlotContent]) -> None:
    numbered = [
        wire.SlotContent(n, slot.powerbank_sn, slot.battery_percent, slot.state) for n, slot in enumerate(contents, 1)
    ]
    snapshot = snapshot_of(wire.snapshot(numbered))
    assert snapshot.checksum_ok
    assert [(slot.slot_number, slot.powerbank_sn) for slot in snapshot.slots] == [
        (slot.slot_number, slot.powerbank_sn) for slot in numbered
    ]
    for slot, content in zip(snapshot.slots, numbered, strict=True):
        if content.powerbank_sn is not None:
            assert (slot.battery_percent, slot.state) == (content.battery_percent, content.state)
