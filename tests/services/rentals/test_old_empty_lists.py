"""A cabinet repeats an old list that shows a slot empty, although a power bank has come into it since."""

from datetime import datetime
from io import StringIO

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import ejects
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.world.builders import LABIM, account
from tests.world.log_lines import alarms_count
from tests.world.network import EJECTED, Network

OWN = 2
BANK = "40818052"


def minutes(network: Network, count: float) -> None:
    network.fake_world.clock.advance(minutes=count)


def old_list(network: Network, read_at: datetime) -> None:
    """The list that the cabinet read at `read_at`, before the return, sent again now."""
    network.report_snapshot(LABIM, without=BANK, read_at=read_at)


def returned_after_a_list(network: Network) -> datetime:
    """A power bank comes back into the slot that it left. Returns when the cabinet read its last list before that."""
    network.rented(network.customer())
    minutes(network, 5)
    network.report_snapshot(LABIM, without=BANK)
    read_at = network.world.now()
    minutes(network, 5)
    network.report_frame(LABIM, frames.returned(SlotContent(OWN, BANK, 100)))
    minutes(network, 5)
    return read_at


def unanswered(network: Network) -> Rental:
    rental = network.start(network.customer())
    assert rental.powerbank_sn == BANK
    network.fake_world.clock.advance(seconds=20)
    return rental


def test_an_old_empty_list_after_a_return_is_no_eject(network: Network) -> None:
    read_at = returned_after_a_list(network)
    rental = unanswered(network)
    for _ in range(3):
        old_list(network, read_at)
        network.fake_world.clock.advance(seconds=30)
    assert network.rental(rental).state is RentalState.STARTING
    minutes(network, 10)
    ejects.sweep(network.world)
    old_list(network, read_at)
    assert network.rental(rental).state is RentalState.FAILED
    left = account(rental.user_id)
    assert (left.wallet_paisa, left.points, left.held_paisa) == (100_000, 150, 0)
    minutes(network, 1)
    network.report_snapshot(LABIM)
    assert network.bank(BANK).custody is Custody.SLOT
    assert network.books_balance()


def test_two_different_lists_without_the_bank_show_that_it_came_out(network: Network) -> None:
    returned_after_a_list(network)
    rental = unanswered(network)
    network.report_snapshot(LABIM, without=BANK)
    assert network.rental(rental).state is RentalState.STARTING
    network.fake_world.clock.advance(seconds=30)
    network.report_snapshot(LABIM, without=BANK)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.bank(BANK).custody is Custody.RENTED
    assert network.books_balance()


def test_a_new_reading_after_the_release_reopens_the_rental(network: Network) -> None:
    read_at = returned_after_a_list(network)
    rental = unanswered(network)
    old_list(network, read_at)
    minutes(network, 11)
    ejects.sweep(network.world)
    network.report_snapshot(LABIM, without=BANK)
    assert network.rental(rental).state is RentalState.FAILED
    minutes(network, 1)
    network.report_snapshot(LABIM, without=BANK)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.books_balance()


def test_an_old_list_between_two_right_ones_is_no_eject(network: Network) -> None:
    read_at = returned_after_a_list(network)
    network.report_snapshot(LABIM, read_at=network.world.now(), without="40818051")
    rental = unanswered(network)
    old_list(network, read_at)
    assert network.rental(rental).state is RentalState.STARTING
    network.fake_world.clock.advance(seconds=30)
    network.report_snapshot(LABIM, without=BANK)
    assert network.rental(rental).state is RentalState.ACTIVE


def test_an_old_list_that_comes_late_is_no_eject(network: Network) -> None:
    read_at = returned_after_a_list(network)
    rental = unanswered(network)
    sent_at = network.world.now()
    network.fake_world.clock.advance(seconds=20)
    network.report_snapshot(LABIM, without="40818053")
    network.report_snapshot(LABIM, without=BANK, at=sent_at, read_at=read_at)
    assert network.rental(rental).state is RentalState.FAILED


def test_an_answer_after_an_old_list_still_confirms_the_eject(network: Network) -> None:
    read_at = returned_after_a_list(network)
    rental = unanswered(network)
    old_list(network, read_at)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, BANK, EJECTED)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.books_balance()


def test_a_returned_bank_that_an_old_list_does_not_show_has_not_vanished(
    network: Network, log_output: StringIO
) -> None:
    read_at = returned_after_a_list(network)
    old_list(network, read_at)
    minutes(network, 20)
    old_list(network, read_at)
    assert alarms_count(log_output, Alarm.POWERBANK_VANISHED) == 0
    assert network.bank(BANK).free
    minutes(network, 20)
    network.report_snapshot(LABIM, without=BANK)
    minutes(network, 20)
    network.report_snapshot(LABIM, without=BANK)
    assert alarms_count(log_output, Alarm.POWERBANK_VANISHED) == 1
    assert network.bank(BANK).custody is Custody.UNKNOWN


def test_an_old_list_undoes_no_doubtful_return(network: Network) -> None:
    rental = network.rented(network.customer())
    minutes(network, 5)
    network.report_snapshot(LABIM, without=BANK)
    read_at = network.world.now()
    minutes(network, 5)
    network.report_slot_change(LABIM, BANK, slot=OWN)
    network.fake_world.clock.advance(seconds=3)
    network.report_slot_change(LABIM, BANK, slot=OWN)
    assert network.rental(rental).state is RentalState.COMPLETED
    minutes(network, 5)
    old_list(network, read_at)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.bank(BANK).custody is Custody.SLOT
