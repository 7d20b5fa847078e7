"""Lives of rentals, intents and banks: every move against a table written by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from chalicelib.domain import powerbank
from chalicelib.domain.account import Account, Status
from chalicelib.domain.allocation import choose_powerbank
from chalicelib.domain.cabinet import Cabinet, Slot
from chalicelib.domain.geo import distance_km
from chalicelib.domain.kyc import KycStatus
from chalicelib.domain.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payment_plan import Plan
from chalicelib.domain.powerbank import Custody, IllegalCustody, Powerbank
from chalicelib.domain.pricing import Package, PaymentModel, Terms
from chalicelib.domain.problems import PROBLEM_KINDS, Problem
from chalicelib.domain.rental import Rental, RentalState, RentalStation, clamp
from chalicelib.domain.settings import Settings
from chalicelib.domain.topup import Intent, IntentState
from chalicelib.domain.transitions import IllegalMove

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PLACE = RentalStation("40000444", "Labim", "864601069946994", 2)
PAID = Plan(2_000, 50, 1_500, 0)
SHORT = Plan(2_000, 0, 0, 2_000)
RENTAL = Rental(
    "01M83FTTQ80000000000000008",
    "user",
    Package("1-hour", "1 Hour", 60, 2_000),
    Terms.of(Settings()),
    PLACE,
    "40818052",
    90,
    NOW,
    NOW + timedelta(seconds=10),
    held_points=50,
    held_paisa=1_500,
)
POSTPAID = replace(
    RENTAL,
    package=Package("pay-as-you-go", "Pay as you go", 60, 2_000, PaymentModel.POSTPAID),
    held_points=0,
    held_paisa=0,
)
VERBS = {
    "ejected": lambda rental: rental.ejected(NOW),
    "stayed": lambda rental: rental.eject_failed("refused"),
    "reopened": lambda rental: rental.reopened(NOW, PAID),
    "returned": lambda rental: rental.returned(NOW, PLACE, 0, Plan(0, 0, 0, 0)),
}
LEGAL = {
    ("starting", "ejected"): "active",
    ("starting", "stayed"): "failed",
    ("starting", "reopened"): "active",
    ("failed", "ejected"): "active",
    ("failed", "reopened"): "active",
    ("active", "returned"): "completed",
}


@pytest.mark.parametrize(("state", "verb"), list(product(RentalState, VERBS)))
def test_a_rental_moves_only_as_the_table_says(state: RentalState, verb: str) -> None:
    rental = replace(RENTAL, state=state)
    expected = LEGAL.get((state.value, verb))
    if expected is None:
        with pytest.raises(IllegalMove):
            VERBS[verb](rental)
    else:
        assert VERBS[verb](rental).state == expected


def test_a_due_rental_is_completed_by_paying() -> None:
    due = replace(RENTAL, state=RentalState.DUE, due_paisa=2_000)
    rental = due.paid_up(PAID, 7)
    assert (rental.state, rental.due_paisa, rental.payment_status()) == (RentalState.COMPLETED, 0, "paid")


def test_a_reopened_rental_that_cannot_be_paid_owes_its_price_and_goes_on() -> None:
    reopened = replace(RENTAL, state=RentalState.FAILED).reopened(NOW, SHORT)
    assert (reopened.state, reopened.due_paisa, reopened.payment_status()) == (RentalState.ACTIVE, 2_000, "due")
    back = reopened.returned(NOW, PLACE, 500, Plan(500, 0, 0, 500))
    assert (back.state, back.due_paisa) == (RentalState.DUE, 2_500)
    assert reopened.paid_up(PAID, 7).state is RentalState.ACTIVE


def test_what_was_paid_for_a_rental_before_it_reopened_still_counts() -> None:
    before = replace(RENTAL, state=RentalState.FAILED, points_paid=7, wallet_paid_paisa=700)
    rental, unpaid = before.reopened(NOW, PAID), before.reopened(NOW, SHORT)
    assert (rental.points_paid, rental.wallet_paid_paisa) == (7 + PAID.points_used, 700 + PAID.wallet_paisa)
    assert (unpaid.points_paid, unpaid.wallet_paid_paisa) == (7, 700)


@pytest.mark.parametrize(
    ("state", "status"), [("starting", "pending"), ("active", "paid"), ("failed", "refunded"), ("completed", "paid")]
)
def test_payment_status_is_derived(state: str, status: str) -> None:
    assert replace(RENTAL, state=RentalState(state)).payment_status() == status


@pytest.mark.parametrize(
    ("state", "status"),
    [("starting", "pending"), ("active", "pending"), ("failed", "refunded"), ("completed", "paid")],
)
def test_a_postpaid_rental_is_unpaid_while_it_is_out(state: str, status: str) -> None:
    assert replace(POSTPAID, state=RentalState(state)).payment_status() == status


def test_a_postpaid_rental_has_no_due_time_and_is_never_late() -> None:
    out = POSTPAID.ejected(NOW)
    years = NOW + timedelta(days=700)
    assert (out.due_at, out.overdue(years), out.charge_at(years).late_fee_paisa) == (None, False, 0)
    assert replace(POSTPAID, state=RentalState.FAILED).reopened(NOW, Plan(0, 0, 0, 0)) == out
    assert POSTPAID.charge_at(years).total_paisa == 0
    back = out.returned(NOW + timedelta(minutes=61), PLACE, 0, Plan(4_000, 0, 0, 4_000))
    assert (back.state, back.due_paisa, back.overdue(years)) == (RentalState.DUE, 4_000, False)


def test_overdue_is_the_clock() -> None:
    active = RENTAL.ejected(NOW)
    assert not active.overdue(NOW + timedelta(minutes=60))
    assert active.overdue(NOW + timedelta(minutes=61))
    assert active.minutes_used(NOW + timedelta(minutes=5, seconds=59)) == 5


def test_a_devices_time_is_believed_between_eject_and_now() -> None:
    early, late = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    assert clamp(early, not_before=NOW, not_after=late) == NOW
    assert clamp(late, not_before=early, not_after=NOW) == NOW


INTENT = Intent("i", "u", "khalti", 1_000, "i-1", NOW, NOW + timedelta(minutes=30))
INTENT_VERBS = {
    "credited": lambda intent: intent.credited(PaymentStatus(PaymentState.PAID, "r", 1_000), NOW),
    "disputed": lambda intent: intent.sent_to_review("wrong_amount", NOW, PaymentStatus(PaymentState.PAID, "r", 999)),
    "failed": lambda intent: intent.failed("expired"),
    "cancelled": lambda intent: intent.cancelled(),
}
INTENT_LEGAL = {
    "pending": {"credited", "disputed", "failed", "cancelled"},
    "failed": {"credited", "disputed"},
    "cancelled": {"credited", "disputed"},
    "success": set(),
    "disputed": {"credited", "disputed"},
}


@pytest.mark.parametrize(("state", "verb"), list(product(IntentState, INTENT_VERBS)))
def test_an_intent_moves_only_as_the_table_says(state: IntentState, verb: str) -> None:
    intent = replace(INTENT, state=state)
    if verb in INTENT_LEGAL[state.value]:
        text = {"credited": "success"}.get(verb, verb)
        assert INTENT_VERBS[verb](intent).state.value == text
    else:
        with pytest.raises(IllegalMove):
            INTENT_VERBS[verb](intent)


def test_an_intent_past_its_time_is_shown_as_expired() -> None:
    assert INTENT.shown_state(NOW)[0] is IntentState.PENDING
    assert INTENT.shown_state(INTENT.expires_at) == (IntentState.FAILED, "expired")


BANK = Powerbank("40818052", Custody.SLOT, NOW, "40000444", 2)
CUSTODY = {
    "slot": {"slot", "rented", "unknown", "quarantine"},
    "rented": {"slot"},
    "unknown": {"slot", "rented", "quarantine"},
    "quarantine": {"slot", "quarantine"},
}


def test_custody_moves_only_as_the_table_says() -> None:
    assert {state.value: {to.value for to in moves} for state, moves in powerbank.MOVES.items()} == CUSTODY


def test_a_reserved_bank_is_not_reserved_again() -> None:
    with pytest.raises(IllegalCustody):
        BANK.reserved("r1", "u1").reserved("r2", "u2")


def test_a_bank_that_is_out_is_in_nobodys_slot() -> None:
    out = BANK.reserved("r", "u").ejected("r", "u", NOW)
    assert (out.custody, out.station_sn, out.slot_number, out.rental_id) == (Custody.RENTED, None, None, "r")
    with pytest.raises(IllegalCustody):
        out.ejected("r", "u", NOW)
    back = out.placed_in("40000445", 5, 40, NOW)
    assert (back.free, back.rental_id, back.slot_number) == (True, None, 5)


def slots(*readings: Slot) -> list[Slot]:
    return Cabinet("s", "i", slots={slot.slot_number: slot for slot in readings}).ready_slots(Settings())


def test_only_full_cool_well_slots_are_ready_fullest_first() -> None:
    ready = slots(
        Slot(1, 1, "a", 50),
        Slot(2, 1, "b", 90, 61),
        Slot(3, 1, "c", 19),
        Slot(4, 2, "d", 90),
        Slot(5, 1, None),
        Slot(6, 1, "e", 80, 60),
        Slot(7, 1, "f", None),
    )
    assert [slot.powerbank_sn for slot in ready] == ["e", "a"]


def test_a_bank_that_is_elsewhere_by_our_books_is_not_handed_out() -> None:
    slot = Slot(2, 1, "40818052", 90)
    known = {"40818052": replace(BANK, slot_number=3)}
    assert choose_powerbank([slot], known, wanted_sn=None, now=NOW, settings=Settings()) is None
    assert choose_powerbank([slot], {}, wanted_sn=None, now=NOW, settings=Settings()) is None
    assert choose_powerbank([slot], {"40818052": BANK}, wanted_sn="other", now=NOW, settings=Settings()) is None
    assert choose_powerbank([slot], {"40818052": BANK}, wanted_sn=None, now=NOW, settings=Settings()) == (slot, BANK)


@pytest.mark.parametrize(
    ("minutes", "online", "reachable"), [(0, True, True), (24, True, True), (25, True, False), (0, False, False)]
)
def test_a_cabinet_is_reachable_while_its_newest_word_is_fresh(minutes: int, online: bool, reachable: bool) -> None:
    cabinet = Cabinet("s", "i", online=online, last_seen_at=NOW)
    assert cabinet.reachable(NOW + timedelta(minutes=minutes), Settings()) is reachable


def test_kathmandu_is_as_far_from_pokhara_as_it_is() -> None:
    assert distance_km(27.7172, 85.3240, 28.2096, 83.9856) == pytest.approx(142.6, abs=0.5)


def test_every_reason_not_to_rent_is_told() -> None:
    nobody = Account("u", status=Status.BANNED, due_paisa=1, open_rental_id="r")
    assert nobody.reasons_not_to_rent() == [
        "account_banned",
        "profile_incomplete",
        "kyc_required",
        "due_unpaid",
        "rental_open",
    ]
    able = Account("u", kyc_status=KycStatus.APPROVED, profile_complete=True)
    assert able.reasons_not_to_rent() == []
    with pytest.raises(Problem, match="account_banned"):
        nobody.must_be_able_to_rent()


def test_every_problem_speaks_both_languages() -> None:
    for code, kind in PROBLEM_KINDS.items():
        assert 400 <= kind.status < 600, code
        assert kind.en
        assert any("\u0900" <= letter <= "\u097f" for letter in kind.ne), code
