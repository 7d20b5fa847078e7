"""Reports of all slots by 0x14 and 0x16, and ejects by slot number, which the service never orders."""

from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental_state import RentalState
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.world.builders import LABIM
from tests.world.log_lines import alarm_names
from tests.world.network import Network


@pytest.mark.parametrize("command", [0x14, 0x16])
def test_a_report_of_all_slots_ends_a_rental_as_a_snapshot_does(network: Network, command: int) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=5)
    there = {number: bank for number, bank in LABIM.slots().items() if bank[0] != rental.powerbank_sn}
    there[8] = (rental.powerbank_sn, 40)
    contents = [SlotContent(number, *there.get(number, (None, 0))) for number in LABIM.slots()]
    network.report_frame(LABIM, frames.snapshot(contents, command))
    assert network.rental(rental).state is RentalState.COMPLETED


def test_an_eject_by_slot_asks_for_a_snapshot_once_a_minute(network: Network) -> None:
    for _ in range(3):
        network.fake_world.clock.advance(seconds=5)
        network.report_frame(LABIM, frames.eject_by_slot_result(3, 0x01))
    network.report_frame(LABIM, frames.eject_by_slot_result(4, 0x00))
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    assert [entry.outcome for entry in network.log_entries if entry.name == "eject_by_slot_result"] == [
        "ejected_by_slot",
        "ejected_by_slot",
        "ejected_by_slot",
        "eject_refused",
    ]


def test_the_snapshot_after_an_eject_by_slot_raises_the_alarm(network: Network, log_output: StringIO) -> None:
    rental = network.rented(network.customer())
    (number, (stolen, _)) = next(
        (number, bank) for number, bank in LABIM.slots().items() if bank[0] not in (None, rental.powerbank_sn)
    )
    assert stolen is not None
    network.fake_world.clock.advance(minutes=1)
    network.report_frame(LABIM, frames.eject_by_slot_result(number, 0x01))
    network.fake_world.clock.advance(seconds=10)
    network.report_snapshot(LABIM, without=stolen)
    assert network.bank(stolen).custody is Custody.UNKNOWN
    assert Alarm.POWERBANK_VANISHED.value in alarm_names(log_output)
