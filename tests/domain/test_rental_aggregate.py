"""What an eject, its failure and a return change, and what a sighting of a power bank means."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.cabinets.cabinet import Binding, Cabinet
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.slot import NORMAL, Slot
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.rentals.eject_fate import EjectFate
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.domain.rentals.rental_cancellation import without_points
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.sighting import Sighting, SightingResult, SightingSource
from chalicelib.domain.rewards.point_rules import RentalPoints
from tests.domain.rental_samples import NOW, RENTAL

BINDING = Binding("864601069946994", "40000444", "Labim")
SN, IMEI = BINDING.sn, BINDING.imei
STARTING = RentalAggregate(
    RENTAL,
    Account("user", held_paisa=1_500, held_points=50, open_rental_id=RENTAL.rental_id),
    Powerbank("40818052", Custody.SLOT, NOW, SN, 2, rental_id=RENTAL.rental_id, user_id="user"),
)


def sighting(minutes: int, source: SightingSource = SightingSource.RETURN, slot_number: int = 3) -> Sighting:
    slot = Slot(slot_number, NORMAL, "40818052", 40)
    return Sighting("40818052", BINDING, slot, NOW + timedelta(minutes=minutes), source)


def kinds(aggregate: RentalAggregate) -> list[PostingKind]:
    return [posting.kind for posting in aggregate.postings]


def test_an_eject_settles_the_hold_and_gives_the_power_bank_to_the_customer() -> None:
    out = STARTING.ejected(NOW, NOW)
    assert kinds(out) == [PostingKind.SETTLE]
    assert (out.rental.state, out.powerbank.custody, out.account.held_paisa) == (
        RentalState.ACTIVE,
        Custody.RENTED,
        0,
    )


@pytest.mark.parametrize(
    ("fate", "custody"),
    [
        (EjectFate.STAYED, Custody.SLOT),
        (EjectFate.NOT_ASKED, Custody.SLOT),
        (EjectFate.NOT_FOUND, Custody.UNKNOWN),
        (EjectFate.UNKNOWN, Custody.UNKNOWN),
    ],
)
def test_a_failed_eject_releases_the_hold(fate: EjectFate, custody: Custody) -> None:
    failed = STARTING.eject_failed("unresolved", NOW, fate)
    assert kinds(failed) == [PostingKind.RELEASE]
    assert (failed.account.wallet_paisa, failed.account.points, failed.account.open_rental_id) == (1_500, 50, None)
    assert (failed.powerbank.custody, failed.powerbank.last_rental_id) == (custody, RENTAL.rental_id)


def test_a_command_that_was_not_sent_sets_nothing_back_and_proves_nothing() -> None:
    doubted = replace(STARTING, powerbank=STARTING.powerbank.with_doubted_return("earlier", "another"))
    powerbank = doubted.eject_failed("not_sent", NOW, EjectFate.NOT_ASKED).powerbank
    assert (powerbank.free, powerbank.eject_failed_at) == (True, None)
    assert powerbank.doubted_owner == ("another", "earlier")


def test_a_failed_rental_that_reopens_is_charged_again() -> None:
    failed = STARTING.eject_failed("unresolved", NOW, EjectFate.UNKNOWN)
    out = replace(failed, postings=()).ejected(NOW, NOW)
    assert kinds(out) == [PostingKind.CHARGE]
    assert (out.rental.state, out.account.wallet_paisa, out.account.points) == (RentalState.ACTIVE, 0, 0)


def test_a_late_return_without_money_makes_a_due() -> None:
    back = STARTING.ejected(NOW, NOW).returned(sighting(90), NOW + timedelta(minutes=90), certain=True)
    assert kinds(back) == [PostingKind.SETTLE, PostingKind.DUE]
    assert (back.rental.state, back.rental.due_paisa) == (RentalState.DUE, back.account.due_paisa)
    assert (back.account.late_count, back.powerbank.slot_number) == (1, 3)


@pytest.mark.parametrize("source", SightingSource)
def test_only_a_snapshot_leaves_the_cabinet_row_to_its_own_write(source: SightingSource) -> None:
    cabinet = Cabinet(SN, IMEI, last_seen_at=NOW, snapshot_at=NOW)
    out = replace(STARTING, cabinet=cabinet).ejected(NOW, NOW)
    back = out.returned(sighting(30, source), NOW + timedelta(minutes=30), certain=True)
    assert (back.cabinet is None) == (source is SightingSource.SNAPSHOT)


@pytest.mark.parametrize(
    ("source", "minutes"),
    [(SightingSource.RETURN, 30), (SightingSource.SLOT_CHANGE, 20), (SightingSource.SNAPSHOT, 5)],
)
def test_the_customer_has_the_benefit_of_the_doubt(source: SightingSource, minutes: int) -> None:
    cabinet = Cabinet(SN, IMEI, last_seen_at=NOW + timedelta(minutes=20), snapshot_at=NOW + timedelta(minutes=5))
    assert sighting(30, source).since(cabinet, NOW) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize("source", SightingSource)
@pytest.mark.parametrize(("slot_number", "own"), [(2, True), (3, False)])
def test_every_frame_distinguishes_the_rentals_slot_from_others(
    source: SightingSource, slot_number: int, *, own: bool
) -> None:
    assert sighting(1, source, slot_number).in_slot_of(RENTAL) is own


@pytest.mark.parametrize(
    ("custody", "slot_number", "moved_minutes", "result"),
    [
        (Custody.SLOT, 3, 0, SightingResult.HANDLED),
        (Custody.QUARANTINE, 3, 0, SightingResult.HANDLED),
        (Custody.SLOT, 2, 5, SightingResult.STALE),
        (Custody.SLOT, 2, 0, SightingResult.QUARANTINED),
        (Custody.UNKNOWN, 3, 0, SightingResult.QUARANTINED),
    ],
)
def test_a_power_bank_without_a_rental(
    custody: Custody, slot_number: int, moved_minutes: int, result: SightingResult
) -> None:
    powerbank = Powerbank("40818052", custody, NOW + timedelta(minutes=moved_minutes), SN, slot_number)
    assert sighting(1).without_rental(powerbank) is result


@pytest.mark.parametrize(("left", "taken"), [(500, 10), (4, 4)])
def test_points_of_a_rental_that_costs_nothing_are_taken_back_once_as_far_as_they_are_left(
    left: int, taken: int
) -> None:
    earned, account = replace(RENTAL, earned_points=RentalPoints(5, 5)), Account("user", points=left)
    without, account, posted = without_points(earned, account, NOW)
    assert (account.points, without.earned_points.total, len(posted)) == (left - taken, 10 - taken, 1)
    assert without_points(without, replace(account, points=50), NOW)[2] == []
