"""A bank comes back: once, at the right time, whoever tells of it and in whatever order."""

import itertools
from datetime import timedelta

import pytest

from chalicelib.domain.messages import Poison
from chalicelib.domain.powerbank import Custody
from chalicelib.domain.rental import RentalState
from tests.builders import CIVIL, LABIM, account
from tests.street import EJECTED, Street


def test_a_return_in_time_ends_the_rental_and_costs_no_more(street: Street) -> None:
    user = street.customer()
    rental = street.rented(user)
    paid = account(user)
    street.scene.clock.pass_(minutes=50)
    street.hear_return(LABIM, rental.powerbank_sn, slot=7)
    ended = street.rental(rental)
    assert ended.state is RentalState.COMPLETED
    assert ended.ended_at == street.world.now()
    assert ended.return_station is not None
    assert ended.return_station.slot_number == 7
    assert account(user).wallet_paisa == paid.wallet_paisa
    assert account(user).open_rental_id is None
    bank = street.bank(rental.powerbank_sn)
    assert (bank.custody, bank.station_sn, bank.slot_number) == (Custody.SLOT, LABIM.sn, 7)
    assert street.books_balance()


def test_any_station_takes_a_bank_back(street: Street) -> None:
    rental = street.rented(street.customer())
    street.scene.clock.pass_(minutes=5)
    street.hear_return(CIVIL, rental.powerbank_sn)
    ended = street.rental(rental)
    assert ended.return_station is not None
    assert ended.return_station.sn == CIVIL.sn
    assert street.books_balance()


@pytest.mark.parametrize(("late_minutes", "rupees"), [(2, 0), (3, 2), (30, 20), (150, 100), (1441, 200)])
def test_a_late_return_is_charged_from_the_due_time(street: Street, late_minutes: int, rupees: int) -> None:
    user = street.customer()
    rental = street.rented(user)
    before = account(user)
    assert rental.due_at is not None
    street.scene.clock.at = rental.due_at + timedelta(minutes=late_minutes)
    street.hear_return(LABIM, rental.powerbank_sn)
    ended = street.rental(rental)
    assert ended.late_fee_paisa == rupees * 100
    assert before.wallet_paisa - account(user).wallet_paisa == rupees * 100
    assert ended.state is RentalState.COMPLETED
    assert street.books_balance()


def test_a_fee_the_wallet_cannot_cover_is_wholly_due_and_blocks(street: Street) -> None:
    user = street.customer(wallet_paisa=2_000)
    rental = street.rented(user)
    left = account(user)
    street.scene.clock.pass_(hours=4)
    street.hear_return(LABIM, rental.powerbank_sn)
    after, ended = account(user), street.rental(rental)
    assert ended.state is RentalState.DUE
    assert after.due_paisa == ended.due_paisa == ended.late_fee_paisa == 10_000
    assert (after.wallet_paisa, after.points) == (left.wallet_paisa, left.points)
    assert "due_unpaid" in after.reasons_not_to_rent()
    assert street.books_balance()


def test_a_return_told_many_times_counts_once(street: Street) -> None:
    user = street.customer()
    rental = street.rented(user)
    before = account(user).wallet_paisa
    street.scene.clock.pass_(hours=2)
    for _ in range(3):
        street.hear_return(LABIM, rental.powerbank_sn)
        street.hear_change(LABIM, rental.powerbank_sn)
        street.hear_snapshot(LABIM, without=rental.powerbank_sn, plus=(8, rental.powerbank_sn))
    assert street.rental(rental).state is RentalState.COMPLETED
    assert street.rental(rental).late_fee_paisa == 4_000
    assert before - account(user).wallet_paisa == 4_000
    assert street.books_balance()


@pytest.mark.parametrize("order", list(itertools.permutations(("eject", "return", "change", "snapshot"))))
def test_every_order_of_the_same_news_ends_alike(street: Street, order: tuple[str, ...]) -> None:
    user = street.customer()
    rental = street.start(user)
    asked = street.world.now()
    ejected, back = asked + timedelta(seconds=2), asked + timedelta(minutes=30)
    street.scene.clock.at = back + timedelta(seconds=30)
    bank = rental.powerbank_sn
    tell = {
        "eject": lambda: street.hear_eject(LABIM, bank, EJECTED, at=ejected),
        "return": lambda: street.hear_return(LABIM, bank, at=back),
        "change": lambda: street.hear_change(LABIM, bank, at=back),
        "snapshot": lambda: street.hear_snapshot(LABIM, without=bank, plus=(8, bank), at=back),
    }
    for name in (*order, *order):
        tell[name]()
    ended = street.rental(rental)
    assert ended.state is RentalState.COMPLETED
    assert ended.late_fee_paisa == 0
    assert ended.ended_at is not None
    assert asked <= ended.ended_at <= back
    assert ended.points_paid * 10 + ended.wallet_paid_paisa == 2_000
    assert street.bank(bank).slot_number == 8
    assert street.books_balance()


def test_a_return_before_the_ejects_confirmation_settles_and_ends(street: Street) -> None:
    user = street.customer()
    rental = street.start(user)
    street.scene.clock.pass_(seconds=40)
    street.hear_return(LABIM, rental.powerbank_sn)
    assert street.rental(rental).state is RentalState.COMPLETED
    street.hear_eject(LABIM, rental.powerbank_sn, EJECTED)
    ended = street.rental(rental)
    assert ended.state is RentalState.COMPLETED
    assert ended.points_paid * 10 + ended.wallet_paid_paisa == 2_000
    assert street.books_balance()


def test_a_return_only_a_snapshot_tells_of_gives_the_doubt_to_the_customer(street: Street) -> None:
    user = street.customer()
    rental = street.rented(user)
    street.scene.clock.pass_(minutes=55)
    street.hear_snapshot(CIVIL)
    last_empty = street.world.now()
    street.scene.clock.pass_(minutes=20)
    street.hear_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    ended = street.rental(rental)
    assert ended.state is RentalState.COMPLETED
    assert ended.ended_at == last_empty
    assert ended.late_fee_paisa == 0
    assert street.books_balance()


def test_a_return_during_a_power_cut_ends_when_the_cabinet_was_last_heard(street: Street) -> None:
    rental = street.rented(street.customer())
    street.scene.clock.pass_(minutes=30)
    street.hear_snapshot(CIVIL)
    last_heard = street.world.now()
    street.hear_status(CIVIL, "offline", at=last_heard + timedelta(seconds=30))
    street.scene.clock.pass_(hours=3)
    street.hear_status(CIVIL, "online")
    street.hear_change(CIVIL, rental.powerbank_sn)
    ended = street.rental(rental)
    assert ended.ended_at == last_heard
    assert ended.late_fee_paisa == 0


def test_an_old_return_told_again_does_not_end_a_newer_rental(street: Street) -> None:
    first = street.rented(street.customer())
    street.scene.clock.pass_(minutes=10)
    back = street.world.now()
    street.hear_return(LABIM, first.powerbank_sn, slot=2)
    street.scene.clock.pass_(minutes=10)
    street.hear_snapshot(LABIM)
    second = street.rented(street.customer())
    assert second.powerbank_sn == first.powerbank_sn
    street.hear_return(LABIM, first.powerbank_sn, slot=2, at=back)
    assert street.rental(second).state is RentalState.ACTIVE
    assert street.books_balance()


def test_a_stale_snapshot_moves_nothing(street: Street) -> None:
    rental = street.rented(street.customer())
    before = street.world.now() - timedelta(minutes=5)
    street.hear_snapshot(LABIM, at=before)
    assert street.rental(rental).state is RentalState.ACTIVE
    assert street.bank(rental.powerbank_sn).custody is Custody.RENTED


def test_a_check_right_after_the_eject_may_still_list_the_bank(street: Street) -> None:
    rental = street.rented(street.customer())
    street.scene.clock.pass_(seconds=2)
    street.hear_snapshot(LABIM)
    assert street.rental(rental).state is RentalState.ACTIVE


def test_a_bank_nobody_knows_is_quarantined(street: Street) -> None:
    street.hear_return(LABIM, "40999999", slot=8)
    bank = street.bank("40999999")
    assert (bank.custody, bank.station_sn, bank.slot_number) == (Custody.QUARANTINE, LABIM.sn, 8)


def test_a_bank_nobody_rented_is_quarantined(street: Street) -> None:
    street.scene.clock.pass_(minutes=1)
    street.hear_return(LABIM, "40818061", slot=8)
    assert street.bank("40818061").custody is Custody.QUARANTINE


def test_a_bank_that_vanishes_without_a_rental_is_unknown(street: Street) -> None:
    street.scene.clock.pass_(minutes=1)
    street.hear_snapshot(LABIM, without="40818053")
    assert street.bank("40818053").custody is Custody.UNKNOWN


def test_a_new_bank_in_a_snapshot_is_installed(street: Street) -> None:
    street.scene.clock.pass_(minutes=1)
    street.hear_snapshot(LABIM, plus=(8, "40777777"))
    bank = street.bank("40777777")
    assert (bank.custody, bank.slot_number) == (Custody.SLOT, 8)


def test_a_return_the_cabinet_refused_ends_nothing(street: Street) -> None:
    from infra.local import cabinet_frames as frames

    rental = street.rented(street.customer())
    street.scene.clock.pass_(minutes=1)
    street.hear(LABIM, frames.returned(frames.SlotContent(8, rental.powerbank_sn, 50), state=0x11))
    assert street.rental(rental).state is RentalState.ACTIVE


@pytest.mark.parametrize("raw", [b"", b"\xa8\x00", b"\x00" * 40])
def test_bytes_that_are_no_frame_are_poison(street: Street, raw: bytes) -> None:
    with pytest.raises(Poison):
        street.hear(LABIM, raw)


def test_a_cabinet_that_is_not_registered_is_not_believed(street: Street) -> None:
    from dataclasses import replace

    rental = street.rented(street.customer())
    stranger = replace(LABIM, imei="864601069000000")
    with pytest.raises(Poison):
        street.hear_return(stranger, rental.powerbank_sn)
    assert street.rental(rental).state is RentalState.ACTIVE


def test_news_from_the_future_does_not_make_the_present_stale(street: Street) -> None:
    rental = street.rented(street.customer())
    street.scene.clock.pass_(minutes=1)
    street.hear_snapshot(CIVIL, at=street.world.now() + timedelta(days=9000))
    street.scene.clock.pass_(minutes=20)
    street.hear_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    assert street.rental(rental).state is RentalState.COMPLETED
