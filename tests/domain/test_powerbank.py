"""Custody of a power bank: every move against a table written by hand."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.cabinets import custody
from chalicelib.domain.cabinets.custody import Custody, IllegalCustody
from chalicelib.domain.cabinets.powerbank import Powerbank

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
