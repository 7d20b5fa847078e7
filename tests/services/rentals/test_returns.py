"""Returns: once, at the right time, for any source and order of events."""

from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.accounts.rent_eligibility import reasons_not_to_rent
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.service_state import Service
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operations.message_errors import Poison
from chalicelib.domain.rentals.rental_state import RentalState
from tests.world.builders import CIVIL, LABIM, account
from tests.world.log_lines import alarms_count
from tests.world.network import EJECTED, Network


def test_a_return_in_time_ends_the_rental_and_costs_no_more(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    paid = account(user)
    network.fake_world.clock.advance(minutes=50)
    network.report_return(LABIM, rental.powerbank_sn, slot=7)
    ended = network.rental(rental)
    assert ended.state is RentalState.COMPLETED
    assert ended.ended_at == network.world.now()
    assert ended.return_station is not None
    assert ended.return_station.slot_number == 7
    assert account(user).wallet_paisa == paid.wallet_paisa
    assert account(user).open_rental_id is None
    powerbank = network.bank(rental.powerbank_sn)
    assert (powerbank.custody, powerbank.station_sn, powerbank.slot_number) == (Custody.SLOT, LABIM.sn, 7)
    assert network.books_balance()


def test_any_station_takes_a_return(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=5)
    network.report_return(CIVIL, rental.powerbank_sn)
    ended = network.rental(rental)
    assert ended.return_station is not None
    assert ended.return_station.sn == CIVIL.sn
    assert network.books_balance()


@pytest.mark.parametrize(("late_minutes", "rupees"), [(2, 0), (3, 2), (30, 20), (150, 100), (1441, 200)])
def test_a_late_return_is_charged_from_the_due_time(network: Network, late_minutes: int, rupees: int) -> None:
    user = network.customer()
    rental = network.rented(user)
    before = account(user)
    assert rental.due_at is not None
    network.fake_world.clock.at = rental.due_at + timedelta(minutes=late_minutes)
    network.report_return(LABIM, rental.powerbank_sn)
    ended = network.rental(rental)
    assert ended.late_fee_paisa == rupees * 100
    assert before.wallet_paisa - account(user).wallet_paisa == rupees * 100
    assert ended.state is RentalState.COMPLETED
    assert network.books_balance()


def test_a_fee_above_the_wallet_is_due_and_blocks(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental = network.rented(user)
    account_now = account(user)
    network.fake_world.clock.advance(hours=4)
    network.report_return(LABIM, rental.powerbank_sn)
    after, ended = account(user), network.rental(rental)
    assert ended.state is RentalState.DUE
    assert after.due_paisa == ended.due_paisa == ended.late_fee_paisa == 10_000
    assert (after.wallet_paisa, after.points) == (account_now.wallet_paisa, account_now.points)
    assert "due_unpaid" in reasons_not_to_rent(after)
    assert network.books_balance()


def test_a_return_reported_many_times_counts_once(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    before = account(user).wallet_paisa
    network.fake_world.clock.advance(hours=2)
    for _ in range(3):
        network.report_return(LABIM, rental.powerbank_sn)
        network.report_slot_change(LABIM, rental.powerbank_sn)
        network.report_snapshot(LABIM, without=rental.powerbank_sn, plus=(8, rental.powerbank_sn))
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.rental(rental).late_fee_paisa == 4_000
    assert before - account(user).wallet_paisa == 4_000
    assert network.books_balance()


def test_a_return_before_the_eject_result_settles_and_ends(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    network.fake_world.clock.advance(seconds=40)
    network.report_return(LABIM, rental.powerbank_sn)
    assert network.rental(rental).state is RentalState.COMPLETED
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    ended = network.rental(rental)
    assert ended.state is RentalState.COMPLETED
    assert ended.points_paid * 10 + ended.wallet_paid_paisa == 2_000
    assert network.books_balance()


def test_a_return_reported_by_a_snapshot_only_counts_from_the_one_before(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=55)
    network.report_snapshot(CIVIL)
    last_empty = network.world.now()
    network.fake_world.clock.advance(minutes=20)
    network.report_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    ended = network.rental(rental)
    assert ended.state is RentalState.COMPLETED
    assert ended.ended_at == last_empty
    assert ended.late_fee_paisa == 0
    assert network.books_balance()


def test_a_return_during_a_power_cut_ends_at_the_last_message(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=30)
    network.report_snapshot(CIVIL)
    last_heard = network.world.now()
    network.report_status(CIVIL, DeviceEventKind.OFFLINE, at=last_heard + timedelta(seconds=30))
    network.fake_world.clock.advance(hours=3)
    network.report_status(CIVIL, DeviceEventKind.ONLINE)
    network.report_slot_change(CIVIL, rental.powerbank_sn)
    ended = network.rental(rental)
    assert ended.ended_at == last_heard
    assert ended.late_fee_paisa == 0


def test_a_repeated_old_return_does_not_end_a_newer_rental(network: Network) -> None:
    first = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=10)
    back = network.world.now()
    network.report_return(LABIM, first.powerbank_sn, slot=2)
    network.fake_world.clock.advance(minutes=10)
    network.report_snapshot(LABIM)
    second = network.rented(network.customer())
    assert second.powerbank_sn == first.powerbank_sn
    network.report_return(LABIM, first.powerbank_sn, slot=2, at=back)
    assert network.rental(second).state is RentalState.ACTIVE
    assert network.books_balance()


def test_a_stale_snapshot_moves_nothing(network: Network) -> None:
    rental = network.rented(network.customer())
    before = network.world.now() - timedelta(minutes=5)
    network.report_snapshot(LABIM, at=before)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.bank(rental.powerbank_sn).custody is Custody.RENTED


def test_a_check_right_after_the_eject_may_still_list_the_powerbank(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(seconds=2)
    network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.ACTIVE


def test_an_unknown_powerbank_is_quarantined(network: Network) -> None:
    network.report_return(LABIM, "40999999", slot=8)
    powerbank = network.bank("40999999")
    assert (powerbank.custody, powerbank.station_sn, powerbank.slot_number) == (Custody.QUARANTINE, LABIM.sn, 8)


def test_a_powerbank_without_a_rental_is_quarantined(network: Network) -> None:
    network.fake_world.clock.advance(minutes=1)
    network.report_return(LABIM, "40818061", slot=8)
    assert network.bank("40818061").custody is Custody.QUARANTINE


def test_a_powerbank_that_vanishes_without_a_rental_is_unknown(network: Network) -> None:
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM, without="40818053")
    assert network.bank("40818053").custody is Custody.UNKNOWN


def test_an_unknown_powerbank_in_a_snapshot_is_quarantined_and_reported_once(
    network: Network, log_output: StringIO
) -> None:
    for _ in range(2):
        network.fake_world.clock.advance(minutes=1)
        network.report_snapshot(LABIM, plus=(8, "40777777"))
    powerbank = network.bank("40777777")
    assert (powerbank.custody, powerbank.slot_number) == (Custody.QUARANTINE, 8)
    assert powerbank.service is Service.UNREGISTERED
    assert alarms_count(log_output, Alarm.POWERBANK_QUARANTINED) == 1


def test_a_return_that_the_cabinet_rejected_ends_nothing(network: Network) -> None:
    from infra.local.cabinets import frames

    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=1)
    network.report_frame(LABIM, frames.returned(frames.SlotContent(8, rental.powerbank_sn, 50), state=0x11))
    assert network.rental(rental).state is RentalState.ACTIVE


@pytest.mark.parametrize("raw", [b"", b"\xa8\x00", b"\x00" * 40])
def test_bytes_that_are_no_frame_are_poison(network: Network, raw: bytes) -> None:
    with pytest.raises(Poison):
        network.report_frame(LABIM, raw)


def test_events_of_an_unregistered_cabinet_are_ignored(network: Network) -> None:
    from dataclasses import replace

    rental = network.rented(network.customer())
    stranger = replace(LABIM, imei="864601069000000")
    with pytest.raises(Poison):
        network.report_return(stranger, rental.powerbank_sn)
    assert network.rental(rental).state is RentalState.ACTIVE


def test_an_event_from_the_future_makes_no_later_event_stale(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(CIVIL, at=network.world.now() + timedelta(days=9000))
    network.fake_world.clock.advance(minutes=20)
    network.report_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    assert network.rental(rental).state is RentalState.COMPLETED
