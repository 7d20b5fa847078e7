"""The custody of a power bank: in a slot, rented, unknown or in quarantine, and the allowed changes."""

from collections.abc import Mapping
from enum import StrEnum


class Custody(StrEnum):
    """Where a power bank is."""

    SLOT = "slot"
    RENTED = "rented"
    UNKNOWN = "unknown"
    QUARANTINE = "quarantine"


MOVES: Mapping[Custody, frozenset[Custody]] = {
    Custody.SLOT: frozenset({Custody.SLOT, Custody.RENTED, Custody.UNKNOWN, Custody.QUARANTINE}),
    Custody.RENTED: frozenset({Custody.SLOT, Custody.UNKNOWN}),
    Custody.UNKNOWN: frozenset({Custody.SLOT, Custody.RENTED, Custody.QUARANTINE}),
    Custody.QUARANTINE: frozenset({Custody.SLOT, Custody.RENTED, Custody.UNKNOWN, Custody.QUARANTINE}),
}


class IllegalCustody(Exception):
    """A change of custody that MOVES does not allow: a bug of ours."""
