"""After an eject that failed for certain, the station ejects the next best power bank once, on the same rental."""

from datetime import timedelta
from itertools import permutations

import pytest

from chalicelib.domain.custody import Custody
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import Rental
from chalicelib.domain.rental_state import RentalState
from chalicelib.services.rentals import ejects, queries
from chalicelib.tables import rentals
from chalicelib.tables.stations import StationRow
from chalicelib.world import Unavailable
from tests.builders import CIVIL, LABIM, account
from tests.network import EJECTED, REFUSED, UNCLEAR, Network
from tests.services.rentals.test_cancelling import cancel
from tests.swap_scenario import bring_back, ejected, reported, wallet
from tests.tokens import token_of

PRICE, NOT_FOUND = 2_000, 0xFC


@pytest.fixture
def network(network: Network) -> Network:
    """A network whose stations try a second power bank."""
    network.fake_world.settings = network.fake_world.settings.changed({"eject_retries_count": 1})
    return network


def worth_paisa(user_id: str) -> int:
    """What the customer has in all, less what is owed."""
    now = account(user_id)
    return now.wallet_paisa + now.held_paisa + 10 * (now.points + now.held_points) - now.due_paisa


def refused(network: Network, state: int = REFUSED) -> tuple[Rental, Rental]:
    """A rental at its start, and after the cabinet refused its eject two seconds later."""
    first = network.start(network.customer())
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, first.powerbank_sn, state)
    return first, network.rental(first)


@pytest.mark.parametrize("state", [REFUSED, NOT_FOUND])
def test_a_refused_eject_is_tried_with_the_next_best_power_bank(network: Network, state: int) -> None:
    first, second = refused(network, state)
    assert (second.state, second.rental_id) == (RentalState.STARTING, first.rental_id)
    assert second.powerbank_sn != first.powerbank_sn
    assert ejected(network) == [first.powerbank_sn, second.powerbank_sn]
    assert second.requested_at - first.requested_at == timedelta(seconds=5)
    assert network.world.now() >= second.requested_at
    assert (second.held_paisa, second.held_points) == (first.held_paisa, first.held_points)
    assert network.bank(second.powerbank_sn).owner == (first.user_id, first.rental_id)
    assert network.bank(first.powerbank_sn).owner is None
    network.report_eject(LABIM, second.powerbank_sn, EJECTED)
    out = network.rental(first)
    assert (out.state, out.points_paid * 10 + out.wallet_paid_paisa) == (RentalState.ACTIVE, PRICE)
    assert network.books_balance()


def test_a_second_refusal_gives_everything_back(network: Network) -> None:
    user = network.customer()
    before = worth_paisa(user)
    first = network.start(user)
    network.report_eject(LABIM, first.powerbank_sn, REFUSED)
    second = network.rental(first)
    network.report_eject(LABIM, second.powerbank_sn, REFUSED)
    failed = network.rental(first)
    assert (failed.state, failed.failure) == (RentalState.FAILED, "eject_refused_00")
    assert (worth_paisa(user), account(user).held_paisa, account(user).open_rental_id) == (before, 0, None)
    assert len(ejected(network)) == 2
    assert network.books_balance()


def test_a_repeated_refusal_ejects_no_third_power_bank(network: Network) -> None:
    first, second = refused(network)
    for state in (REFUSED, NOT_FOUND, REFUSED):
        network.report_eject(LABIM, first.powerbank_sn, state)
    assert network.rental(first) == second
    assert len(ejected(network)) == 2


def test_the_customer_waits_for_the_second_power_bank_in_the_same_request(network: Network) -> None:
    network.fake_world.settings = network.fake_world.settings.changed({"eject_wait_seconds": 10})
    network.fake_world.on_pause = lambda: answer(network)
    rental = network.start(network.customer())
    assert (rental.state, len(rental.refused_ejects)) == (RentalState.ACTIVE, 1)
    assert network.books_balance()


def answer(network: Network) -> None:
    """The cabinet refuses the first eject and lets the second power bank out."""
    network.fake_world.on_pause = None
    sent = ejected(network)
    network.report_eject(LABIM, sent[-1], REFUSED if len(sent) == 1 else EJECTED)
    network.fake_world.on_pause = lambda: answer(network)


def test_a_command_that_was_not_sent_is_tried_at_once(network: Network) -> None:

    def fail_once(imei: str, powerbank_sn: str) -> None:
        network.fake_world.cabinets.on_eject = None
        raise Unavailable("iot")

    network.fake_world.cabinets.on_eject = fail_once
    rental = network.start(network.customer())
    (unsent,) = rental.refused_ejects
    assert (rental.state, rental.requested_at) == (RentalState.STARTING, unsent.requested_at)
    assert ejected(network) == [unsent.powerbank_sn, rental.powerbank_sn]
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert network.books_balance()


def test_silence_is_no_failure(network: Network) -> None:
    first = network.start(network.customer())
    network.report_eject(LABIM, first.powerbank_sn, UNCLEAR)
    network.fake_world.clock.advance(seconds=30)
    ejects.sweep(network.world)
    assert len(ejected(network)) == 1
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    network.report_snapshot(LABIM)
    assert network.rental(first).state is RentalState.FAILED
    assert len(ejected(network)) == 1


@pytest.mark.parametrize("reason", ["late", "no other", "maintenance"])
def test_without_a_second_power_bank_in_time_the_hold_is_released(network: Network, reason: str) -> None:
    first = network.start(network.customer())
    if reason == "late":
        network.fake_world.clock.advance(seconds=11)
    elif reason == "no other":
        network.fake_world.settings = network.fake_world.settings.changed({"powerbank_min_percent": 100})
    else:
        StationRow.get(LABIM.sn).update([StationRow.maintenance.set(True)])
    network.report_eject(LABIM, first.powerbank_sn, REFUSED)
    assert network.rental(first).state is RentalState.FAILED
    assert len(ejected(network)) == 1
    assert network.books_balance()


def test_a_rental_that_is_cancelled_in_the_pause_ejects_nothing_more(network: Network) -> None:
    first = network.start(network.customer())
    token = token_of(network, first.user_id)

    def cancel_in_pause() -> None:
        cancel(network, first, token)

    network.fake_world.on_pause = cancel_in_pause
    network.report_eject(LABIM, first.powerbank_sn, REFUSED)
    network.fake_world.on_pause = None
    assert network.rental(first).state is RentalState.CANCELLED
    assert ejected(network) == [first.powerbank_sn]
    assert network.books_balance()


def test_the_station_serves_nobody_else_before_the_second_answer(network: Network) -> None:
    first, second = refused(network)
    with pytest.raises(Problem, match="station_busy"):
        network.start(network.customer())
    network.report_eject(LABIM, second.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(seconds=5)
    assert network.start(network.customer()).powerbank_sn not in (first.powerbank_sn, second.powerbank_sn)


def test_the_first_power_bank_that_comes_out_late_has_the_rental(network: Network) -> None:
    """The second command is unanswered, so that nothing is charged twice."""
    first, second = refused(network)
    before = worth_paisa(first.user_id)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    out = network.rental(first)
    assert (out.state, out.powerbank_sn) == (RentalState.ACTIVE, first.powerbank_sn)
    assert worth_paisa(first.user_id) == before - PRICE
    assert network.bank(second.powerbank_sn).custody is Custody.UNKNOWN
    assert network.books_balance()
    network.fake_world.clock.advance(seconds=30)
    network.report_snapshot(LABIM, without=first.powerbank_sn)
    assert network.bank(second.powerbank_sn).free
    assert network.books_balance()


def test_each_of_two_power_banks_that_came_out_has_its_own_rental(network: Network) -> None:
    first, second = refused(network)
    before = worth_paisa(first.user_id)
    network.report_eject(LABIM, second.powerbank_sn, EJECTED)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    beside_id = network.rental(first).refused_ejects[0].rental_id
    other = queries.read(first.user_id, beside_id)
    assert (other.state, other.powerbank_sn) == (RentalState.ACTIVE, first.powerbank_sn)
    assert worth_paisa(first.user_id) == before - 2 * PRICE
    assert account(first.user_id).reopened_rental_ids == (beside_id,)
    assert network.books_balance()
    network.fake_world.clock.advance(minutes=10)
    network.report_return(CIVIL, first.powerbank_sn)
    assert queries.read(first.user_id, beside_id).state is RentalState.COMPLETED
    network.report_return(CIVIL, second.powerbank_sn, slot=7)
    assert network.rental(first).state is RentalState.COMPLETED
    assert network.books_balance()


FIRST_OUT, SECOND_OUT, SECOND_REFUSED, FIRST_REFUSED = "first out", "second out", "second refused", "first refused"


PAIRS = ((FIRST_OUT, SECOND_OUT), (FIRST_OUT, SECOND_REFUSED), (FIRST_REFUSED, SECOND_OUT))


@pytest.mark.parametrize("answers", sorted({order for pair in PAIRS for order in permutations((*pair, *pair))}))
def test_answers_in_any_order_and_twice_end_alike(network: Network, answers: tuple[str, ...]) -> None:
    """Who holds which power bank, and what it costs, does not depend on the order of the answers."""
    first, second = refused(network)
    before, at = worth_paisa(first.user_id), network.world.now()
    for answer in answers:
        bank = first if answer in (FIRST_OUT, FIRST_REFUSED) else second
        network.report_eject(LABIM, bank.powerbank_sn, EJECTED if answer in (FIRST_OUT, SECOND_OUT) else REFUSED, at)
    came_out = {bank.powerbank_sn for answer, bank in ((FIRST_OUT, first), (SECOND_OUT, second)) if answer in answers}
    banks = [network.bank(bank.powerbank_sn) for bank in (first, second)]
    assert {bank.powerbank_sn for bank in banks if bank.custody is Custody.RENTED} == came_out
    assert before - worth_paisa(first.user_id) == PRICE * len(came_out)
    assert network.books_balance()


def test_a_return_of_the_first_power_bank_elsewhere_has_its_own_rental(network: Network) -> None:
    first, second = refused(network)
    network.report_eject(LABIM, second.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(minutes=2)
    network.report_return(CIVIL, first.powerbank_sn)
    assert network.rental(first).state is RentalState.ACTIVE
    other = queries.read(first.user_id, network.rental(first).refused_ejects[0].rental_id)
    assert (other.state, other.powerbank_sn) == (RentalState.COMPLETED, first.powerbank_sn)
    assert network.books_balance()


def test_lists_of_the_refused_power_bank_in_its_slot_change_nothing(network: Network) -> None:
    first, second = refused(network)
    network.report_eject(LABIM, second.powerbank_sn, EJECTED)
    out = network.rental(first)
    for _ in range(3):
        network.fake_world.clock.advance(minutes=1)
        network.report_snapshot(LABIM, without=second.powerbank_sn)
        network.report_slot_change(LABIM, first.powerbank_sn, slot=first.station.slot_number)
    assert network.rental(first).state is out.state
    assert len(rentals.of_user(first.user_id)) == 1
    assert network.bank(first.powerbank_sn).custody is Custody.SLOT
    assert network.books_balance()


def test_a_swap_tries_a_second_power_bank_too(network: Network) -> None:
    first = reported(network)
    starting = bring_back(network, first)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, starting.powerbank_sn, REFUSED)
    again = network.rental(first)
    assert again.state is RentalState.STARTING
    assert ejected(network) == [starting.powerbank_sn, again.powerbank_sn]
    assert len({first.powerbank_sn, starting.powerbank_sn, again.powerbank_sn}) == 3
    network.report_eject(LABIM, again.powerbank_sn, EJECTED)
    out = network.rental(first)
    assert (out.state, out.due_at) == (RentalState.ACTIVE, first.due_at)
    assert network.books_balance()


def test_a_swap_whose_ejects_both_fail_gives_everything_back(network: Network) -> None:
    first = reported(network)
    for _ in range(2):
        starting = bring_back(network, first) if len(ejected(network)) == 0 else network.rental(first)
        network.report_eject(LABIM, starting.powerbank_sn, REFUSED)
    assert (network.rental(first).state, wallet(first)) == (RentalState.FAILED, 100_000)
    assert network.books_balance()


def test_an_account_is_not_deleted_while_its_second_power_bank_may_be_out(network: Network) -> None:
    first, _ = refused(network)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(minutes=2)
    network.report_return(CIVIL, first.powerbank_sn)
    assert network.rental(first).state is RentalState.COMPLETED
    assert queries.eject_in_doubt(first.user_id)
    network.report_snapshot(LABIM, without=first.powerbank_sn)
    assert not queries.eject_in_doubt(first.user_id)
    assert network.books_balance()
