"""Returns of power banks whose number the cabinet could not read."""

import itertools
from datetime import datetime, timedelta
from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.operators.role import Role
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.unreadable_return import UnreadableReturn, UnreadableReturnState
from chalicelib.services.rentals import unreadable_returns
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.world.builders import LABIM
from tests.world.log_lines import lines
from tests.world.network import Network

FAILED = 0x00
UNREADABLE = str(0xFFFF_FFFF)


@pytest.mark.parametrize("number", [str(0xFFFF_FFFF), None])
def test_an_accepted_return_without_a_number_raises_an_alarm(
    network: Network, log_output: StringIO, number: str | None
) -> None:
    rental = network.rented(network.customer())
    network.report_frame(LABIM, frames.returned(SlotContent(8, number, 40)))
    alarms = [fact for fact in lines(log_output) if fact["fact"] == Alarm.RETURN_UNREADABLE.value]
    assert [(alarm["sn"], alarm["slot_number"]) for alarm in alarms] == [(LABIM.sn, 8)]
    assert alarms[0]["powerbank_sn"] == rental.powerbank_sn
    assert "return_refused" not in {fact["fact"] for fact in lines(log_output)}
    assert network.rental(rental).state is RentalState.ACTIVE


def test_a_refused_return_without_a_number_raises_no_alarm(network: Network, log_output: StringIO) -> None:
    network.report_frame(LABIM, frames.returned(SlotContent(8, None, 40), FAILED))
    names = {fact["fact"] for fact in lines(log_output)}
    assert "return_refused" in names
    assert Alarm.RETURN_UNREADABLE.value not in names


def content(network: Network, changes: dict[int, str | None]) -> bytes:
    """A snapshot of the demo's slots with other serial numbers in some slots."""
    banks = {slot: bank for slot, (bank, _) in LABIM.slots().items()} | changes
    return frames.snapshot([SlotContent(slot, bank, 40 if bank else 0) for slot, bank in sorted(banks.items())])


def returns_in(state: UnreadableReturnState = UnreadableReturnState.OPEN) -> list[UnreadableReturn]:
    return list(unreadable_returns.list_in_state(state, NumberedPage(1, 100))[0])


@pytest.mark.parametrize("words", list(itertools.permutations(("frame", "frame", "snapshot", "snapshot")))[:8])
def test_a_return_that_many_reports_tell_is_stored_once(
    network: Network, log_output: StringIO, words: tuple[str, ...]
) -> None:
    rental = network.rented(network.customer())
    network.report_frame(LABIM, content(network, {2: None}))
    network.fake_world.clock.advance(minutes=5)
    at = network.world.now()
    for number, word in enumerate(words):
        raw = content(network, {2: None, 8: UNREADABLE})
        if word == "frame":
            network.report_frame(LABIM, frames.returned(SlotContent(8, UNREADABLE, 40)), at=at)
        else:
            network.report_frame(LABIM, raw, at=at + timedelta(seconds=number + 1))
    (stored,) = returns_in()
    assert (stored.station_sn, stored.slot_number) == (LABIM.sn, 8)
    assert stored.possible_sns == (rental.powerbank_sn,)
    assert [fact["fact"] for fact in lines(log_output)].count(Alarm.RETURN_UNREADABLE.value) == 1
    assert network.rental(rental).state is RentalState.ACTIVE


def test_a_bank_that_becomes_unreadable_in_its_slot_is_not_missing(network: Network, log_output: StringIO) -> None:
    network.fake_world.clock.advance(minutes=5)
    network.report_frame(LABIM, content(network, {1: UNREADABLE}))
    assert network.bank("40818051").custody is Custody.SLOT
    assert returns_in() == []
    network.fake_world.clock.advance(minutes=5)
    network.report_frame(LABIM, content(network, {1: None}))
    assert network.bank("40818051").custody is Custody.UNKNOWN
    names = [fact["fact"] for fact in lines(log_output)]
    assert names.count(Alarm.POWERBANK_VANISHED.value) == 1


def test_an_unreadable_slot_is_no_evidence_that_the_rented_bank_came_out(network: Network) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(minutes=1)
    network.report_frame(LABIM, content(network, {2: UNREADABLE}))
    assert network.rental(rental).state is RentalState.STARTING


def test_an_unreadable_bank_is_not_handed_out(network: Network) -> None:
    network.fake_world.clock.advance(minutes=1)
    network.report_frame(LABIM, content(network, {2: UNREADABLE}))
    assert network.start(network.customer()).powerbank_sn == "40818051"


def test_a_number_that_is_read_later_ends_the_rental(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=5)
    network.report_frame(LABIM, frames.returned(SlotContent(8, UNREADABLE, 40)))
    network.fake_world.clock.advance(minutes=5)
    network.report_frame(LABIM, content(network, {2: None, 8: rental.powerbank_sn}))
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.books_balance()


def unreadable_return(network: Network) -> datetime:
    """A return into slot 8 whose number the cabinet can't read. Returns its time."""
    network.fake_world.clock.advance(minutes=30)
    network.report_frame(LABIM, frames.returned(SlotContent(8, UNREADABLE, 40)))
    at = network.world.now()
    network.fake_world.clock.advance(minutes=1)
    network.report_frame(LABIM, content(network, {2: None, 8: UNREADABLE}))
    network.fake_world.clock.advance(minutes=50)
    return at


def test_a_snapshot_that_reads_the_number_ends_the_rental_at_the_time_of_the_return(network: Network) -> None:
    rental = network.rented(network.customer())
    returned_at = unreadable_return(network)
    for _ in range(2):
        network.report_frame(LABIM, content(network, {2: None, 8: rental.powerbank_sn}))
        network.fake_world.clock.advance(minutes=20)
    ended = network.rental(rental)
    assert (ended.state, ended.ended_at) == (RentalState.COMPLETED, returned_at)
    assert network.bank(rental.powerbank_sn).doubted_owner is None
    assert returns_in() == []
    (closed,) = returns_in(UnreadableReturnState.ASSIGNED)
    assert (closed.powerbank_sn, closed.assigned_by) == (rental.powerbank_sn, None)
    assert network.books_balance()


def test_an_assigned_return_stays_as_the_operator_left_it(network: Network) -> None:
    rental = network.rented(network.customer())
    unreadable_return(network)
    operator = network.operator("desk@example.com", Role.ADMIN)
    (stored,) = returns_in()
    unreadable_returns.assign(network.world, operator.caller(network.world), stored.return_id, rental.powerbank_sn)
    (assigned,) = returns_in(UnreadableReturnState.ASSIGNED)
    network.report_frame(LABIM, content(network, {2: None, 8: rental.powerbank_sn}))
    assert returns_in(UnreadableReturnState.ASSIGNED) == [assigned]
    assert assigned.assigned_by == operator.user_id
    assert network.books_balance()


def test_an_empty_slot_or_an_old_snapshot_closes_no_return(network: Network) -> None:
    rental = network.rented(network.customer())
    returned_at = unreadable_return(network)
    read = content(network, {2: None, 8: rental.powerbank_sn})
    network.report_frame(LABIM, read, at=returned_at - timedelta(minutes=1))
    network.report_frame(LABIM, content(network, {2: None}))
    assert len(returns_in()) == 1


@pytest.mark.parametrize("lists_before", [0, 1, 2])
def test_new_lists_of_the_slot_that_the_bank_left_close_its_return(network: Network, lists_before: int) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=30)
    returned_at = network.world.now()
    for number in range(4):
        if number == lists_before:
            frame = frames.returned(SlotContent(rental.station.slot_number, UNREADABLE, 40))
            network.report_frame(LABIM, frame, at=returned_at)
        network.fake_world.clock.advance(minutes=5)
        network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert returns_in() == []
    (closed,) = returns_in(UnreadableReturnState.ASSIGNED)
    assert (closed.powerbank_sn, closed.assigned_by) == (rental.powerbank_sn, None)
    assert network.books_balance()


def test_an_old_list_of_the_slot_that_the_bank_left_closes_no_return(network: Network) -> None:
    network.report_snapshot(LABIM)
    read_at = network.world.now()
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=30)
    network.report_frame(LABIM, frames.returned(SlotContent(rental.station.slot_number, UNREADABLE, 40)))
    for _ in range(2):
        network.fake_world.clock.advance(minutes=5)
        network.report_snapshot(LABIM, read_at=read_at)
    assert len(returns_in()) == 1
