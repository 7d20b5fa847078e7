"""A damaged frame, as after a flipped bit, moves no power bank but the one whose eject the service expects."""

from collections.abc import Callable
from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import starting
from chalicelib.services.rentals.starting import RentalOrder
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.world.builders import CIVIL, LABIM, account
from tests.world.log_lines import alarms_count
from tests.world.network import EJECTED, HOUR, REFUSED, Network


def damaged(raw: bytes) -> bytes:
    return frames.with_wrong_checksum(raw)


def test_the_expected_eject_answer_is_accepted(network: Network) -> None:
    rental = network.start(network.customer())
    network.report_frame(LABIM, damaged(frames.eject_result(rental.powerbank_sn, EJECTED)))
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.fake_world.cabinets.checks == []


def test_a_damaged_refusal_decides_nothing_and_asks_for_a_check(network: Network) -> None:
    rental = network.start(network.customer())
    network.report_frame(LABIM, damaged(frames.eject_result(rental.powerbank_sn, REFUSED)))
    assert network.rental(rental).state is RentalState.STARTING
    assert network.fake_world.cabinets.checks == [LABIM.imei]


def test_a_damaged_answer_without_an_eject_moves_nothing(network: Network) -> None:
    released = network.unanswered_start(network.customer())
    network.report_frame(LABIM, damaged(frames.eject_result(released.powerbank_sn, EJECTED)))
    assert network.rental(released).state is RentalState.FAILED
    assert network.bank(released.powerbank_sn).custody is Custody.UNKNOWN


@pytest.mark.parametrize("slot", [2, 8])
def test_a_damaged_return_ends_no_rental(network: Network, log_output: StringIO, slot: int) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=5)
    content = SlotContent(slot, rental.powerbank_sn, 40)
    for raw in (frames.returned(content), frames.slot_change(content)):
        network.report_frame(LABIM, damaged(raw))
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    assert alarms_count(log_output, Alarm.FRAME_DAMAGED) == 1


def test_a_damaged_return_quarantines_no_free_bank(network: Network) -> None:
    network.fake_world.clock.advance(minutes=1)
    network.report_frame(LABIM, damaged(frames.returned(SlotContent(8, "40818061", 40))))
    bank = network.bank("40818061")
    assert (bank.custody, bank.station_sn) == (Custody.SLOT, CIVIL.sn)


def test_a_damaged_snapshot_is_dropped_and_requested_again(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=5)
    content = [SlotContent(number) for number in LABIM.slots()]
    network.report_frame(LABIM, damaged(frames.snapshot([*content[:7], SlotContent(8, rental.powerbank_sn, 40)])))
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.bank("40818051").custody is Custody.SLOT
    assert network.fake_world.cabinets.checks == [LABIM.imei]


def test_a_cabinet_that_only_sends_damaged_frames_gets_one_check_a_minute(network: Network) -> None:
    raw = damaged(frames.snapshot([SlotContent(number) for number in LABIM.slots()]))
    for _ in range(4):
        network.fake_world.clock.advance(seconds=20)
        network.report_frame(LABIM, raw)
    assert network.fake_world.cabinets.checks == [LABIM.imei] * 2


def test_two_snapshots_after_a_damaged_return_into_the_same_slot_end_the_rental(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=5)
    network.report_frame(LABIM, damaged(frames.returned(SlotContent(2, rental.powerbank_sn, 40))))
    for _ in range(2):
        assert network.rental(rental).state is RentalState.ACTIVE
        network.fake_world.clock.advance(seconds=2)
        network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.fake_world.cabinets.checks == [LABIM.imei] * 2
    assert account(user).open_rental_id is None
    assert network.books_balance()


@pytest.mark.parametrize("kind", [frames.returned, frames.slot_change])
def test_two_snapshots_after_an_unreadable_return_into_the_same_slot_end_the_rental(
    network: Network, kind: Callable[[SlotContent], bytes]
) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=5)
    network.report_frame(LABIM, kind(SlotContent(2, str(0xFFFF_FFFF), 40)))
    for _ in range(2):
        assert network.rental(rental).state is RentalState.ACTIVE
        network.fake_world.clock.advance(seconds=2)
        network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.books_balance()


def test_an_unreadable_snapshot_is_requested_again(network: Network) -> None:
    network.fake_world.clock.advance(minutes=1)
    raw = bytearray(frames.snapshot([SlotContent(number) for number in LABIM.slots()]))
    raw[10] ^= 0x40  # the number of the first slot
    network.report_frame(LABIM, bytes(raw))
    network.report_frame(LABIM, bytes(raw)[:30] + bytes(raw)[31:])
    assert network.fake_world.cabinets.checks == [LABIM.imei]


def test_a_damaged_return_before_the_only_report_that_the_power_bank_is_out_makes_a_listing_count(
    network: Network,
) -> None:
    """The eject has no answer, so that a later snapshot dates it after the return. The station of the return had
    listed the power bank before."""
    first = network.rented(network.customer())
    sn, slot = first.powerbank_sn, first.station.slot_number
    network.fake_world.clock.advance(minutes=5)
    network.report_return(CIVIL, sn)
    network.fake_world.clock.advance(minutes=5)
    network.report_snapshot(CIVIL, plus=(8, sn))
    order = RentalOrder(CIVIL.sn, HOUR, sn)
    user = network.customer()
    rental = starting.start(
        network.world, network.sessions[user].caller(network.world, *order.prefetch_keys()), order
    )
    network.fake_world.clock.advance(minutes=1)
    network.report_frame(LABIM, damaged(frames.returned(SlotContent(slot, sn, 40))))
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(CIVIL)
    assert network.rental(rental).state is RentalState.ACTIVE
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.books_balance()
