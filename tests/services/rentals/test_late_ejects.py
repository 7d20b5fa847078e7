"""A power bank that comes out after its rental was released, while its customer has another rental open."""

from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.audit import whole_audit
from chalicelib.services.rentals import due_times
from chalicelib.services.rentals.eject_confirmations import OutOfSlotReport
from chalicelib.tables.accounts import AccountRow
from tests.domain.rental_samples import RENTAL
from tests.services.rentals.test_cancelling import cancel
from tests.world.builders import CIVIL, LABIM, account
from tests.world.log_lines import alarms
from tests.world.network import EJECTED, REFUSED, Network


def cancelled_start(network: Network, user: str) -> Rental:
    """A rental that its customer cancels before the station answers."""
    rental = network.start(user)
    cancel(network, rental)
    network.fake_world.clock.advance(seconds=30)
    return rental


def late_eject(network: Network, *, by_snapshot: bool = False) -> tuple[Rental, Rental]:
    """A cancelled rental whose power bank comes out while its customer rents at another station."""
    user = network.customer()
    cancelled = cancelled_start(network, user)
    second = network.rented(user, CIVIL)
    network.fake_world.clock.advance(seconds=30)
    if by_snapshot:
        network.report_snapshot(LABIM, without=cancelled.powerbank_sn)
    else:
        network.report_eject(LABIM, cancelled.powerbank_sn, EJECTED)
    return network.rental(cancelled), second


@pytest.mark.parametrize("by_snapshot", [False, True])
def test_a_late_eject_reopens_the_rental_beside_another(
    network: Network, log_output: StringIO, by_snapshot: bool
) -> None:
    reopened, second = late_eject(network, by_snapshot=by_snapshot)
    after = account(reopened.user_id)
    assert (reopened.state, network.rental(second).state) == (RentalState.ACTIVE, RentalState.ACTIVE)
    assert (after.open_rental_id, after.reopened_rental_ids) == (second.rental_id, (reopened.rental_id,))
    bank = network.bank(reopened.powerbank_sn)
    assert (bank.custody, bank.rental_id) == (Custody.RENTED, reopened.rental_id)
    (alarm,) = alarms(log_output, Alarm.TWO_POWERBANKS_OUT)
    assert (alarm["rental_id"], alarm["powerbank_sn"]) == (reopened.rental_id, reopened.powerbank_sn)
    assert network.books_balance()


@pytest.mark.parametrize("first_back", [0, 1])
def test_each_power_bank_ends_its_own_rental(network: Network, first_back: int) -> None:
    pair = late_eject(network)
    first, last = pair[first_back], pair[1 - first_back]
    network.fake_world.clock.advance(minutes=20)
    network.report_return(CIVIL, first.powerbank_sn)
    after = account(first.user_id)
    assert network.rental(first).state is RentalState.COMPLETED
    assert (after.open_rental_id, after.reopened_rental_ids) == (last.rental_id, ())
    with pytest.raises(Problem, match="rental_open"):
        network.start(first.user_id, CIVIL)
    network.report_return(CIVIL, last.powerbank_sn, slot=7)
    assert network.rental(last).state is RentalState.COMPLETED
    assert account(first.user_id).open_rental_id is None
    assert network.books_balance()


def test_the_loss_of_the_late_power_bank_becomes_a_due(network: Network) -> None:
    reopened, second = late_eject(network)
    network.fake_world.clock.advance(minutes=20)
    network.report_return(CIVIL, second.powerbank_sn)
    network.fake_world.clock.advance(hours=26)
    due_times.sweep(network.world)
    assert network.rental(reopened).state is RentalState.LOST
    after = account(reopened.user_id)
    assert (after.open_rental_id, after.due_rental_id) == (None, reopened.rental_id)
    assert network.books_balance()


def test_both_power_banks_may_be_lost(network: Network) -> None:
    reopened, second = late_eject(network)
    network.fake_world.clock.advance(hours=26)
    due_times.sweep(network.world)
    assert network.rental(reopened).state is network.rental(second).state is RentalState.LOST
    after = account(reopened.user_id)
    assert (after.open_rental_id, after.reopened_rental_ids) == (None, ())
    assert network.books_balance()


def test_three_rentals_may_be_open_after_two_late_ejects(network: Network) -> None:
    user = network.customer()
    early = []
    for station in (LABIM, CIVIL):
        early.append(network.start(user, station))
        cancel(network, early[-1])
        network.fake_world.clock.advance(seconds=30)
    third = network.rented(user, LABIM)
    network.fake_world.clock.advance(seconds=30)
    for station, rental in zip((LABIM, CIVIL), early, strict=True):
        network.report_eject(station, rental.powerbank_sn, EJECTED)
    after = account(user)
    assert after.open_rental_id == third.rental_id
    assert after.reopened_rental_ids == tuple(rental.rental_id for rental in early)
    assert network.books_balance()


def test_a_failed_second_start_leaves_the_late_rental_open(network: Network) -> None:
    user = network.customer()
    cancelled = cancelled_start(network, user)
    second = network.start(user, CIVIL)
    network.report_eject(LABIM, cancelled.powerbank_sn, EJECTED)
    network.report_eject(CIVIL, second.powerbank_sn, REFUSED)
    assert network.rental(second).state is RentalState.FAILED
    assert account(user).open_rental_id == cancelled.rental_id
    assert network.books_balance()


def test_a_late_return_charges_the_released_rental_beside_another(network: Network) -> None:
    user = network.customer()
    cancelled = cancelled_start(network, user)
    second = network.rented(user, CIVIL)
    network.fake_world.clock.advance(minutes=5)
    network.report_return(CIVIL, cancelled.powerbank_sn)
    assert network.rental(cancelled).state is RentalState.COMPLETED
    assert account(user).open_rental_id == second.rental_id
    assert network.books_balance()


def test_the_audit_finds_an_open_rental_that_the_account_forgot(network: Network) -> None:
    reopened, _ = late_eject(network)
    AccountRow.get(reopened.user_id).update([AccountRow.reopened_rental_ids.set(())])
    rules = [violation.rule for violation in whole_audit.audit(network.world)]
    assert rules == ["open_rental_differs"]


@pytest.mark.parametrize(("seconds_before", "is_about"), [(0.9, True), (1, False)])
def test_a_report_of_the_second_of_the_request_may_be_about_its_rental(seconds_before: float, is_about: bool) -> None:
    """The hardware platform rounds its times down to whole seconds."""
    report = OutOfSlotReport(LABIM.sn, RENTAL.requested_at - timedelta(seconds=seconds_before), answered=True)
    assert report.may_be_about(RENTAL) is is_about
