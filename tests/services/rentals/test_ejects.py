"""What becomes of an eject: paid once when the bank came out, whole again when it did not."""

from datetime import timedelta

import pytest

from chalicelib.domain.powerbank import Custody
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import RentalState
from chalicelib.services.rentals import ejects, starting
from chalicelib.services.rentals.starting import Order
from chalicelib.world import Away, Refused, Unclear
from tests.builders import CIVIL, LABIM, account
from tests.street import EJECTED, REFUSED, UNCLEAR, Street

PRICE = 2_000


def test_the_price_is_held_until_the_bank_is_out_and_paid_then(street: Street) -> None:
    user = street.customer()
    before = account(user)
    rental = street.start(user)
    held = account(user)
    assert rental.state is RentalState.STARTING
    assert held.held_paisa + held.held_points * 10 == PRICE
    assert held.wallet_paisa + held.held_paisa == before.wallet_paisa
    street.scene.clock.pass_(seconds=2)
    street.hear_eject(LABIM, rental.powerbank_sn, EJECTED)
    after, out = account(user), street.rental(rental)
    assert out.state is RentalState.ACTIVE
    assert (after.held_paisa, after.held_points) == (0, 0)
    assert out.points_paid * 10 + out.wallet_paid_paisa == PRICE
    assert street.bank(rental.powerbank_sn).custody is Custody.RENTED
    assert street.books_balance()


def test_the_fullest_bank_is_handed_out(street: Street) -> None:
    assert street.start(street.customer()).powerbank_sn == "40818052"


def test_points_are_spent_before_the_wallet(street: Street) -> None:
    user = street.customer()
    points = account(user).points
    rental = street.start(user)
    assert rental.held_points == points
    assert rental.held_paisa == PRICE - points * 10


def test_the_eject_is_asked_exactly_once(street: Street) -> None:
    rental = street.start(street.customer())
    assert street.scene.cabinets.ejects == [(LABIM.imei, rental.powerbank_sn)]


def test_a_refused_eject_gives_everything_back(street: Street) -> None:
    user = street.customer()
    before = account(user)
    rental = street.start(user)
    street.hear_eject(LABIM, rental.powerbank_sn, REFUSED)
    after = account(user)
    assert street.rental(rental).state is RentalState.FAILED
    assert (after.wallet_paisa, after.points, after.open_rental_id) == (before.wallet_paisa, before.points, None)
    assert street.bank(rental.powerbank_sn).custody is Custody.SLOT
    assert street.books_balance()


def test_a_bank_that_would_not_come_out_is_not_offered_again_at_once(street: Street) -> None:
    first = street.start(street.customer())
    street.hear_eject(LABIM, first.powerbank_sn, REFUSED)
    street.scene.clock.pass_(seconds=30)
    assert street.start(street.customer()).powerbank_sn != first.powerbank_sn


def test_an_unclear_answer_decides_nothing(street: Street) -> None:
    rental = street.start(street.customer())
    street.hear_eject(LABIM, rental.powerbank_sn, UNCLEAR)
    assert street.rental(rental).state is RentalState.STARTING


@pytest.mark.parametrize("failure", [Away("iot"), Refused("iot.device.Offline")])
def test_an_eject_that_surely_was_not_sent_is_told_at_once(street: Street, failure: Exception) -> None:
    user = street.customer()
    street.scene.cabinets.fails = failure
    with pytest.raises(Problem, match="cabinet_unavailable"):
        street.start(user)
    assert account(user).held_paisa == 0
    assert account(user).open_rental_id is None
    assert street.books_balance()


def test_an_eject_that_may_have_been_sent_stays_open(street: Street) -> None:
    street.scene.cabinets.fails = Unclear("timed out")
    rental = street.start(street.customer())
    assert street.rental(rental).state is RentalState.STARTING


def test_a_process_that_wakes_too_late_does_not_eject(street: Street) -> None:
    user = street.customer()
    rental = street.start(user)
    street.scene.cabinets.ejects.clear()
    street.scene.clock.pass_(seconds=30)
    ejects.ask(street.world, rental)
    assert street.scene.cabinets.ejects == []


def test_a_cabinet_that_ejects_and_never_answers_is_paid_once_by_the_snapshot(street: Street) -> None:
    user = street.customer()
    rental = street.start(user)
    street.scene.clock.pass_(seconds=70)
    ejects.sweep(street.world)
    assert street.scene.cabinets.checks == [LABIM.imei]
    street.hear_snapshot(LABIM, without=rental.powerbank_sn)
    out = street.rental(rental)
    assert out.state is RentalState.ACTIVE
    assert out.points_paid * 10 + out.wallet_paid_paisa == PRICE
    street.hear_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert street.rental(rental) == out
    assert street.books_balance()


def test_a_dead_cabinet_is_released_by_a_snapshot_that_still_shows_the_bank(street: Street) -> None:
    user = street.customer()
    rental = street.start(user)
    street.scene.clock.pass_(seconds=70)
    street.hear_snapshot(LABIM)
    assert street.rental(rental).state is RentalState.FAILED
    assert account(user).held_paisa == 0
    assert street.books_balance()


def test_a_snapshot_soon_after_the_eject_proves_nothing(street: Street) -> None:
    rental = street.start(street.customer())
    street.scene.clock.pass_(seconds=4)
    street.hear_snapshot(LABIM)
    assert street.rental(rental).state is RentalState.STARTING


def test_without_any_evidence_the_hold_is_released_after_ten_minutes(street: Street) -> None:
    user = street.customer()
    rental = street.start(user)
    street.scene.clock.pass_(minutes=9, seconds=59)
    ejects.sweep(street.world)
    assert street.rental(rental).state is RentalState.STARTING
    street.scene.clock.pass_(seconds=31)
    ejects.sweep(street.world)
    assert street.rental(rental).state is RentalState.FAILED
    assert street.bank(rental.powerbank_sn).custody is Custody.UNKNOWN
    assert account(user).open_rental_id is None
    assert street.books_balance()


@pytest.mark.parametrize("wallet", [100_000, 0])
def test_an_answer_after_the_release_reopens_the_rental_paid_once_or_due(street: Street, wallet: int) -> None:
    user = street.customer(wallet_paisa=wallet or 2_000)
    rental = street.given_up(user)
    if not wallet:
        spend_everything(street, user)
    street.hear_eject(LABIM, rental.powerbank_sn, EJECTED)
    street.hear_eject(LABIM, rental.powerbank_sn, EJECTED)
    out = street.rental(rental)
    assert out.state is RentalState.ACTIVE
    assert account(user).open_rental_id == rental.rental_id
    assert out.payment_status() == ("paid" if wallet else "due")
    assert account(user).due_paisa == (0 if wallet else PRICE)
    assert street.bank(rental.powerbank_sn).custody is Custody.RENTED
    assert street.books_balance()


def test_a_rental_is_not_reopened_over_a_newer_one(street: Street) -> None:
    user = street.customer()
    first = street.given_up(user)
    second = street.rented(user, CIVIL)
    street.hear_eject(LABIM, first.powerbank_sn, EJECTED)
    assert street.rental(first).state is RentalState.FAILED
    assert account(user).open_rental_id == second.rental_id
    assert street.books_balance()


def test_an_answer_to_an_earlier_rental_does_not_start_a_later_one(street: Street) -> None:
    first = street.start(street.customer())
    asked = street.world.now()
    street.hear_eject(LABIM, first.powerbank_sn, REFUSED)
    street.scene.clock.pass_(minutes=15)
    street.hear_snapshot(LABIM)
    second = street.start(street.customer())
    assert second.powerbank_sn == first.powerbank_sn
    street.hear_eject(LABIM, second.powerbank_sn, EJECTED, at=asked)
    street.hear_eject(LABIM, second.powerbank_sn, REFUSED, at=asked)
    assert street.rental(second).state is RentalState.STARTING


def test_the_request_waits_for_the_answer_and_tells_it(street: Street) -> None:
    user = street.customer()
    street.scene.settings = street.scene.settings.changed({"eject_wait_seconds": 4})
    street.scene.on_pause = lambda: street.hear_eject(LABIM, "40818052", EJECTED)
    assert street.start(user).state is RentalState.ACTIVE


def test_a_refusal_in_time_is_told_in_the_answer(street: Street) -> None:
    street.scene.settings = street.scene.settings.changed({"eject_wait_seconds": 4})
    street.scene.on_pause = lambda: street.hear_eject(LABIM, "40818052", REFUSED)
    with pytest.raises(Problem, match="eject_failed"):
        street.start(street.customer())


def test_a_second_start_by_the_same_user_is_refused(street: Street) -> None:
    user = street.customer()
    street.rented(user)
    with pytest.raises(Problem, match="rental_open"):
        street.start(user, CIVIL)


def test_a_cabinet_hands_out_one_bank_at_a_time(street: Street) -> None:
    street.start(street.customer())
    with pytest.raises(Problem, match="station_busy") as refusal:
        street.start(street.customer())
    assert refusal.value.retry_after_seconds


def test_the_next_customer_waits_for_their_turn(street: Street) -> None:
    first = street.start(street.customer())
    second = street.customer()
    street.scene.settings = street.scene.settings.changed({"station_turn_seconds": 10})
    street.scene.on_pause = lambda: street.hear_eject(LABIM, first.powerbank_sn, EJECTED)
    assert street.start(second).powerbank_sn != first.powerbank_sn
    assert street.world.now() - first.asked_at >= timedelta(seconds=5)
    assert street.books_balance()


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (Order("99999999", "1-hour"), "not_found"),
        (Order(LABIM.sn, "no-such-package"), "package_unavailable"),
        (Order(LABIM.sn, "1-hour", "40818055"), "no_powerbank_available"),
        (Order(LABIM.sn, "1-hour", "12345678"), "no_powerbank_available"),
    ],
)
def test_an_order_that_cannot_be_met_changes_nothing(street: Street, order: Order, code: str) -> None:
    user = street.customer()
    before = account(user)
    caller = street.sessions[user].caller(street.world, *order.reads())
    with pytest.raises(Problem, match=code):
        starting.start(street.world, caller, order)
    assert account(user) == before


def test_too_little_money_is_told_with_the_shortfall(street: Street) -> None:
    user = street.customer(wallet_paisa=1_000)
    with pytest.raises(Problem, match="insufficient_funds") as refusal:
        street.start(user)
    assert refusal.value.details["shortfall_paisa"] == PRICE - 1_000 - 50 * 10


def test_an_offline_station_hands_out_nothing(street: Street) -> None:
    street.scene.clock.pass_(seconds=5)
    street.hear_status(LABIM, "offline")
    with pytest.raises(Problem, match="station_offline"):
        street.start(street.customer())


def spend_everything(street: Street, user: str) -> None:
    """A rental elsewhere, brought back at once, takes what there is."""
    rental = street.rented(user, CIVIL)
    street.scene.clock.pass_(seconds=20)
    street.hear_return(CIVIL, rental.powerbank_sn)
    assert account(user).wallet_paisa * 1 < PRICE
