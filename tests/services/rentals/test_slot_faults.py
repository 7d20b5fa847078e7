"""A slot that fails three ejects in a row is set aside until its power bank has left it."""

from dataclasses import replace
from io import StringIO

import pytest

from chalicelib.domain.cabinets.powerbank_choice import ready_slots
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental import Rental
from chalicelib.world import Unavailable
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.world.builders import LABIM, cabinet
from tests.world.log_lines import alarms_count
from tests.world.network import EJECTED, REFUSED, Network

FULLEST = "40818052"


def ready(network: Network) -> list[str | None]:
    return [slot.powerbank_sn for slot in ready_slots(cabinet(), network.world.settings())]


def refused(network: Network, times: int) -> Rental:
    """Rentals of the fullest power bank whose ejects the cabinet refuses, one after the other."""
    network.fake_world.settings = replace(network.fake_world.settings, eject_failure_backoff_minutes=0)
    user = network.customer()
    for _ in range(times):
        rental = network.start(user)
        assert rental.powerbank_sn == FULLEST
        network.fake_world.clock.advance(seconds=2)
        network.report_eject(LABIM, FULLEST, REFUSED)
        network.fake_world.clock.advance(seconds=10)
    return rental


def test_two_failures_set_no_slot_aside(network: Network, log_output: StringIO) -> None:
    refused(network, 2)
    assert ready(network)[0] == FULLEST
    assert alarms_count(log_output, Alarm.SLOT_SET_ASIDE) == 0


def test_three_failures_in_a_row_set_the_slot_aside(network: Network, log_output: StringIO) -> None:
    rental = refused(network, 3)
    assert FULLEST not in ready(network)
    assert network.start(network.customer()).powerbank_sn != FULLEST
    assert alarms_count(log_output, Alarm.SLOT_SET_ASIDE) == 1
    assert cabinet().slot_faults[rental.station.slot_number].failed_ejects == 3


def test_a_repeated_answer_counts_once(network: Network) -> None:
    rental = refused(network, 1)
    network.report_eject(LABIM, FULLEST, REFUSED)
    network.report_eject(LABIM, FULLEST, REFUSED)
    assert cabinet().slot_faults[rental.station.slot_number].failed_ejects == 1


def test_a_silent_cabinet_that_keeps_the_power_bank_counts_too(network: Network) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=30)
    network.report_snapshot(LABIM)
    assert network.rental(rental).failure == "stayed_in_slot"
    assert cabinet().slot_faults[rental.station.slot_number].failed_ejects == 1


def test_an_eject_in_between_ends_the_row(network: Network) -> None:
    refused(network, 2)
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, FULLEST, EJECTED)
    assert cabinet().slot_faults == {}
    network.fake_world.clock.advance(minutes=5)
    network.report_frame(LABIM, frames.returned(SlotContent(rental.station.slot_number, FULLEST, 100)))
    refused(network, 2)
    assert ready(network)[0] == FULLEST


def test_a_slot_is_used_again_after_its_power_bank_has_left(network: Network) -> None:
    refused(network, 3)
    for _ in range(2):
        network.fake_world.clock.advance(minutes=5)
        network.report_snapshot(LABIM, without=FULLEST)
    assert cabinet().slot_faults == {}


def test_a_command_that_was_not_sent_is_no_fault_of_the_slot(network: Network) -> None:
    network.fake_world.settings = replace(network.fake_world.settings, eject_failure_backoff_minutes=0)
    network.fake_world.cabinets.fails = Unavailable("iot")
    with pytest.raises(Problem, match="cabinet_unavailable"):
        network.start(network.customer())
    assert cabinet().slot_faults == {}
