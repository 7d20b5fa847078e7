"""Late and repeated answers after a second eject: each power bank that came out has one rental."""

from itertools import permutations

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services import eject_doubts
from chalicelib.services.rentals import queries
from chalicelib.tables import rentals
from tests.scenarios.second_eject_scenario import refused, with_second_ejects, worth_paisa
from tests.world.builders import CIVIL, LABIM, account
from tests.world.network import EJECTED, REFUSED, Network

PRICE = 2_000


@pytest.fixture
def network(network: Network) -> Network:
    """A network whose stations try a second power bank."""
    return with_second_ejects(network)


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
    separate_id = network.rental(first).superseded_ejects[0].rental_id
    other = queries.read(first.user_id, separate_id)
    assert (other.state, other.powerbank_sn) == (RentalState.ACTIVE, first.powerbank_sn)
    assert worth_paisa(first.user_id) == before - 2 * PRICE
    assert account(first.user_id).reopened_rental_ids == (separate_id,)
    assert network.books_balance()
    network.fake_world.clock.advance(minutes=10)
    network.report_return(CIVIL, first.powerbank_sn)
    assert queries.read(first.user_id, separate_id).state is RentalState.COMPLETED
    network.report_return(CIVIL, second.powerbank_sn, slot=7)
    assert network.rental(first).state is RentalState.COMPLETED
    assert network.books_balance()


def test_the_station_waits_for_the_second_answer_when_the_first_power_bank_comes_out(network: Network) -> None:
    """The second command is under way, and a cabinet works on one at a time."""
    first, _ = refused(network)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(seconds=6)
    with pytest.raises(Problem, match="station_busy"):
        network.start(network.customer())
    network.fake_world.clock.advance(seconds=9)
    assert network.start(network.customer()).state is RentalState.STARTING


def test_ejects_stay_apart_when_the_first_power_bank_comes_out_after_the_second_refusal(network: Network) -> None:
    first, second = refused(network)
    network.report_eject(LABIM, second.powerbank_sn, REFUSED)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    assert network.rental(first).state is RentalState.ACTIVE
    with pytest.raises(Problem, match="station_busy"):
        network.start(network.customer())
    network.fake_world.clock.advance(seconds=5)
    assert network.start(network.customer()).state is RentalState.STARTING


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
    other = queries.read(first.user_id, network.rental(first).superseded_ejects[0].rental_id)
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


def test_an_account_is_not_deleted_while_its_second_power_bank_may_be_out(network: Network) -> None:
    first, _ = refused(network)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(minutes=2)
    network.report_return(CIVIL, first.powerbank_sn)
    assert network.rental(first).state is RentalState.COMPLETED
    assert eject_doubts.eject_in_doubt(first.user_id)
    network.report_snapshot(LABIM, without=first.powerbank_sn)
    assert not eject_doubts.eject_in_doubt(first.user_id)
    assert network.books_balance()
