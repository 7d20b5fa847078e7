"""Custody of a power bank: every move against a table written by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.cabinets import custody
from chalicelib.domain.cabinets.custody import Custody, IllegalCustody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_suspicion import Reappearance

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
BANK = Powerbank("40818052", Custody.SLOT, NOW, "40000444", 2)
CUSTODY = {
    "slot": {"slot", "rented", "unknown", "quarantine"},
    "rented": {"slot", "unknown"},
    "unknown": {"slot", "rented", "quarantine"},
    "quarantine": {"slot", "rented", "unknown", "quarantine"},
}


def test_custody_makes_only_the_moves_of_the_table() -> None:
    assert {state.value: {to.value for to in moves} for state, moves in custody.MOVES.items()} == CUSTODY


def test_reserving_a_reserved_powerbank_raises() -> None:
    with pytest.raises(IllegalCustody):
        BANK.reserved("r1", "u1").reserved("r2", "u2")


def test_an_ejected_powerbank_is_in_no_slot() -> None:
    out = BANK.reserved("r", "u").ejected("r", "u", NOW)
    assert (out.custody, out.station_sn, out.slot_number, out.rental_id) == (Custody.RENTED, None, None, "r")
    with pytest.raises(IllegalCustody):
        out.ejected("r", "u", NOW)
    back = out.placed_in("40000445", 5, 40, NOW)
    assert (back.free, back.rental_id, back.slot_number) == (True, None, 5)
    assert (BANK.returns_count, BANK.placed_in("40000445", 5, 40, NOW).returns_count, back.returns_count) == (0, 0, 1)


def test_a_late_eject_ends_the_memory_of_its_own_rental_only() -> None:
    failed = BANK.reserved("r1", "u1").eject_failed(NOW)
    assert failed.ejected("r1", "u1", NOW).last_owner is None
    assert failed.ejected("r2", "u2", NOW).last_owner == ("u1", "r1")


def test_a_return_after_a_failed_eject_belongs_to_its_rental_unless_a_snapshot_missed_the_powerbank() -> None:
    later, hour = NOW + timedelta(days=1), timedelta(hours=1)
    reserved = BANK.reserved("r", "u")
    assert reserved.location_lost(NOW).rental_on_return(later, hour) == ("u", "r")
    failed = reserved.eject_failed(NOW)
    assert failed.rental_on_return(NOW, hour) == ("u", "r")
    assert failed.rental_on_return(later, hour) is None
    assert failed.vanished(NOW).rental_on_return(later, hour) is None


def test_a_return_frame_for_the_slot_it_has_not_left_ends_the_doubt_about_its_return() -> None:
    back = BANK.with_doubted_return("r", "u").reappeared(NOW)
    assert (back.doubted_owner, back.reappearance) == (None, Reappearance(NOW, "40000444", 2))


def test_only_another_slot_makes_a_powerbank_that_never_left_reappear() -> None:
    assert BANK.placed_in("40000444", 2, 40, NOW).reappearance is None
    assert BANK.placed_in("40000444", 3, 40, NOW).reappearance == Reappearance(NOW, "40000444", 2)
