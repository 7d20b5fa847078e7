"""The frames of a cabinet. Any bytes give a frame or its error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cabinets.cabinet_protocol.frames import (
    EjectBySlotResult,
    EjectResult,
    Frame,
    FrameError,
    Heartbeat,
    Returned,
    SlotChange,
    Snapshot,
    UnusedFrame,
    Verdict,
    WifiList,
    checksum,
    decode,
)
from chalicelib.domain.cabinets.slot import NORMAL
from tests.domain.cabinet_protocol import frame_vectors
from tests.domain.cabinet_protocol.frame_vectors import opened, sealed


@pytest.mark.parametrize("raw", frame_vectors.SOUND.values(), ids=frame_vectors.SOUND)
def test_a_valid_frame_keeps_its_bytes_and_checksum(raw: bytes) -> None:
    frame = decode(raw)
    assert (frame.raw, frame.checksum_ok, frame.command) == (raw, True, raw[3])


def test_a_frame_with_a_wrong_checksum_is_read_and_marked() -> None:
    frame = decode(frame_vectors.EJECTED_WRONG_CHECKSUM)
    assert isinstance(frame, EjectResult)
    assert (frame.powerbank_sn, frame.verdict, frame.checksum_ok) == ("10211856", Verdict.EJECTED, False)


@pytest.mark.parametrize(
    ("raw", "powerbank_sn", "verdict"),
    [
        (frame_vectors.EJECTED, "40818048", Verdict.EJECTED),
        (frame_vectors.EJECTED_LATER_MODEL, "40818052", Verdict.EJECTED),
        (frame_vectors.EJECT_FAILED, "40818052", Verdict.NOT_EJECTED),
    ],
)
def test_an_eject_result_has_power_bank_and_verdict(raw: bytes, powerbank_sn: str, verdict: Verdict) -> None:
    frame = decode(raw)
    assert isinstance(frame, EjectResult)
    assert (frame.powerbank_sn, frame.unreadable, frame.verdict) == (powerbank_sn, False, verdict)


def test_only_states_with_one_meaning_in_every_firmware_are_evidence() -> None:
    surely_not = {0x00, 0x87, 0x88, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF}
    for state in range(256):
        by_sn = decode(sealed(0x31, bytes([1, 2, 0x6E, 0xD5, 0x84, state, 0])))
        by_slot = decode(sealed(0x21, bytes([0x10, 5, state, 0])))
        assert isinstance(by_sn, EjectResult)
        assert isinstance(by_slot, EjectBySlotResult)
        expected = Verdict.EJECTED if state == 1 else Verdict.NOT_EJECTED if state in surely_not else Verdict.UNCLEAR
        assert by_sn.verdict is by_slot.verdict is expected


def test_an_eject_by_slot_names_the_slot() -> None:
    frame = decode(frame_vectors.EJECTED_BY_SLOT)
    assert isinstance(frame, EjectBySlotResult)
    assert (frame.slot_number, frame.verdict) == (1, Verdict.EJECTED)


def test_a_return_has_slot_area_power_bank_and_charge() -> None:
    frame = decode(frame_vectors.RETURNED_TO_ONE)
    assert isinstance(frame, Returned)
    assert (frame.slot_number, frame.area, frame.powerbank_sn) == (1, 4, "93198088")
    assert (frame.battery_percent, frame.accepted) == (95, True)


def test_a_return_of_old_firmware_has_no_charge() -> None:
    frame = decode(sealed(0x40, opened(frame_vectors.RETURNED_TO_THREE)[:-1]))
    assert isinstance(frame, Returned)
    assert (frame.powerbank_sn, frame.battery_percent, frame.accepted) == ("40818052", None, True)


def test_a_return_may_count_one_byte_too_few_as_the_makers_document_does() -> None:
    short = b"\xa8\x00\x0e" + frame_vectors.RETURNED_TO_THREE[3:-1]
    frame = decode(short + bytes([checksum(short)]))
    assert isinstance(frame, Returned)
    assert (frame.battery_percent, frame.checksum_ok) == (100, True)
    with pytest.raises(FrameError):
        decode(b"\xa8\x00\x0b" + frame_vectors.EJECTED[3:])


@pytest.mark.parametrize(("state", "accepted"), [(0, False), (1, True), (2, False), (3, True), (0x11, False)])
def test_a_return_counts_only_when_the_bank_stayed(state: int, accepted: bool) -> None:
    data = bytearray(opened(frame_vectors.RETURNED_TO_THREE))
    data[7] = state
    frame = decode(sealed(0x40, bytes(data)))
    assert isinstance(frame, Returned)
    assert frame.accepted is accepted


@pytest.mark.parametrize(("four", "unreadable"), [("00000000", False), ("FFFFFFFF", True)])
def test_a_power_bank_without_a_number_has_none(four: str, unreadable: bool) -> None:
    sn = bytes.fromhex(four)
    for raw in (
        sealed(0x31, b"\x01" + sn + b"\x01\x02"),
        sealed(0x40, b"\x01\x03\x49" + sn + b"\x01\x19\x64"),
    ):
        frame = decode(raw)
        assert isinstance(frame, EjectResult | Returned)
        assert (frame.powerbank_sn, frame.unreadable) == (None, unreadable)


def test_a_changed_slot_is_a_whole_slot() -> None:
    frame = decode(frame_vectors.SLOT_CHANGED)
    assert isinstance(frame, SlotChange)
    slot = frame.slot
    assert (slot.slot_number, slot.powerbank_sn, slot.battery_percent) == (3, "40818052", 100)
    assert slot.occupied
    assert slot.state == NORMAL


@pytest.mark.parametrize(
    ("text", "signal", "backup_battery"),
    [
        (b"\x10CSQ:27;BP:0", 27, 0),
        (b"CSQ:99;BP:3", 99, 3),
        (b"\x10RSSI:-65", None, None),
        (b"\xff\xfe", None, None),
    ],
)
def test_a_heartbeat_may_have_the_signal(text: bytes, signal: int | None, backup_battery: int | None) -> None:
    frame = decode(sealed(0x7A, text))
    assert isinstance(frame, Heartbeat)
    assert (frame.signal, frame.backup_battery) == (signal, backup_battery)


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (opened(frame_vectors.WIFI), ("HomeWiFi", "Cafe 2.4G")),
        (b'["a,b","c"]', ("a,b", "c")),
        (b'["it"s","here"]', ('it"s', "here")),
        (b"7", ()),
        (b"[" * 30000, ("[" * 29998,)),
    ],
    ids=["sample", "comma", "quote", "number", "deep"],
)
def test_a_wifi_list_is_read_as_json_and_else_as_the_maker_reads_it(data: bytes, names: tuple[str, ...]) -> None:
    frame = decode(sealed(0xCF, data))
    assert isinstance(frame, WifiList)
    assert frame.names == names


def test_other_commands_are_stored() -> None:
    frame, unknown = decode(sealed(0xA0, b"12")), decode(sealed(0x99, b""))
    assert isinstance(frame, UnusedFrame)
    assert isinstance(unknown, UnusedFrame)
    assert (frame.name, frame.data) == ("network time", b"12")
    assert (unknown.name, unknown.data) == (None, b"")


@pytest.mark.parametrize("command", [0x14, 0x16])
def test_information_about_all_slots_is_a_snapshot_if_it_reads_as_one(command: int) -> None:
    for raw in (frame_vectors.FOUR_SLOTS, frame_vectors.EIGHT_SLOTS, frame_vectors.TWICE_SIX_EMPTY):
        frame, snapshot = decode(sealed(command, opened(raw))), decode(raw)
        assert isinstance(frame, Snapshot)
        assert isinstance(snapshot, Snapshot)
        assert (frame.command, frame.slots, frame.boards) == (command, snapshot.slots, snapshot.boards)


@pytest.mark.parametrize("data", [b"", b"version", bytes(36), bytes(102)])
def test_other_information_of_a_cabinet_is_not_used(data: bytes) -> None:
    frame = decode(sealed(0x14, data))
    assert isinstance(frame, UnusedFrame)
    assert (frame.name, frame.data) == ("info after connect", data)


@pytest.mark.parametrize("raw", frame_vectors.ALL.values(), ids=frame_vectors.ALL)
def test_every_truncation_raises_with_its_bytes(raw: bytes) -> None:
    for length in range(len(raw)):
        with pytest.raises(FrameError) as result:
            decode(raw[:length])
        assert result.value.raw == raw[:length]


def harmless(raw: bytes) -> None:
    result: Frame | FrameError
    try:
        result = decode(raw)
    except FrameError as refused:
        result = refused
    assert result.raw == raw


@given(st.binary(max_size=300))
def test_any_bytes_give_a_frame_or_its_error(raw: bytes) -> None:
    harmless(raw)


@given(st.integers(0, 255), st.binary(max_size=400))
def test_any_data_in_a_valid_frame_gives_a_frame_or_its_error(command: int, data: bytes) -> None:
    harmless(sealed(command, data))


@given(
    st.sampled_from(list(frame_vectors.ALL.values())),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=5),
)
def test_any_mutation_of_a_real_frame_gives_a_frame_or_its_error(raw: bytes, changes: list[tuple[int, int]]) -> None:
    changed = bytearray(raw)
    for at, value in changes:
        changed[at % len(raw)] = value
    harmless(bytes(changed))
