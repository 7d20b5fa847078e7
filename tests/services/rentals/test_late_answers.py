"""Answers of cabinets that a power bank came out, when no rental has that power bank any more."""

from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental_state import RentalState
from tests.world.builders import CIVIL, LABIM
from tests.world.log_lines import alarms
from tests.world.network import EJECTED, Network


@pytest.mark.parametrize("sent_minutes", [0, 2, 45])
def test_an_eject_answer_after_the_return_raises_no_alarm(
    network: Network, log_output: StringIO, sent_minutes: int
) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=40)
    network.report_return(CIVIL, rental.powerbank_sn)
    network.fake_world.clock.advance(minutes=50)
    at = rental.requested_at + timedelta(minutes=sent_minutes, seconds=2)
    for _ in range(2):
        network.report_eject(LABIM, rental.powerbank_sn, EJECTED, at=at)
    assert not alarms(log_output, Alarm.EJECT_WITHOUT_RENTAL)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.bank(rental.powerbank_sn).custody is Custody.SLOT
    assert network.books_balance()


@pytest.mark.parametrize("hours", [1, 30])
def test_a_repeated_eject_answer_raises_no_alarm(network: Network, log_output: StringIO, hours: int) -> None:
    rental = network.rented(network.customer())
    answered_at = network.world.now()
    network.fake_world.clock.advance(hours=hours)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED, at=answered_at)
    network.report_return(LABIM, rental.powerbank_sn)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED, at=answered_at)
    assert not alarms(log_output, Alarm.EJECT_WITHOUT_RENTAL)


def test_the_answer_after_an_empty_slot_is_the_last_one_due(network: Network, log_output: StringIO) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=40)
    network.report_snapshot(LABIM, without=rental.powerbank_sn)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(minutes=5)
    network.report_return(LABIM, rental.powerbank_sn)
    network.fake_world.clock.advance(minutes=1)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert alarms(log_output, Alarm.EJECT_WITHOUT_RENTAL)


@pytest.mark.parametrize("answers", [0, 1])
def test_an_eject_that_no_rental_explains_raises_the_alarm(
    network: Network, log_output: StringIO, answers: int
) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=2)
    for _ in range(answers):
        network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(minutes=5)
    network.report_return(CIVIL, rental.powerbank_sn)
    network.fake_world.clock.advance(minutes=5)
    assert not alarms(log_output, Alarm.EJECT_WITHOUT_RENTAL)
    network.report_eject(CIVIL, rental.powerbank_sn, EJECTED)
    assert alarms(log_output, Alarm.EJECT_WITHOUT_RENTAL)


@pytest.mark.parametrize("change", [True, False], ids=["slot change", "snapshot"])
def test_a_late_answer_ends_the_rental_of_a_power_bank_that_came_into_another_slot_since(
    network: Network, change: bool
) -> None:
    """The cabinet repeats an old list, so that the eject counts as failed until the answer arrives."""
    network.report_snapshot(CIVIL)
    rental = network.start(network.customer())
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.FAILED
    network.fake_world.clock.advance(minutes=20)
    returned_at = network.world.now()
    if change:
        network.report_slot_change(CIVIL, rental.powerbank_sn)
    network.report_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    network.fake_world.clock.advance(minutes=10)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED, at=rental.requested_at + timedelta(seconds=2))
    after, powerbank = network.rental(rental), network.bank(rental.powerbank_sn)
    assert (after.state, after.ended_at, after.return_in_doubt) == (RentalState.COMPLETED, returned_at, True)
    assert (powerbank.custody, powerbank.station_sn, powerbank.slot_number) == (Custody.SLOT, CIVIL.sn, 8)
    assert (powerbank.returned_rental_id, powerbank.returns_count) == (rental.rental_id, 1)
    network.fake_world.clock.advance(minutes=20)
    network.report_snapshot(LABIM, without=rental.powerbank_sn)
    network.report_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    assert network.bank(rental.powerbank_sn).custody is Custody.SLOT
    assert network.books_balance()
