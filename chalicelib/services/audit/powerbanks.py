"""The audit of one power bank: its custody, its rental and its slot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.operations.audit import Violation
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.audit.named_rows import Scanned
from chalicelib.tables import powerbanks, rentals
from chalicelib.tables.dynamodb import fetch_all, fetch_many
from chalicelib.world import World

MAX_UNKNOWN_AGE = timedelta(days=7)
"""A power bank counts as lost after this time without a report of its place."""
IN_SLOT = frozenset({Custody.SLOT, Custody.QUARANTINE})


@dataclass(frozen=True)
class PowerbankCase:
    """A power bank, the rental that has it, and the other power banks of the same slot."""

    powerbank: Powerbank
    rental: Rental | None
    neighbours: tuple[Powerbank, ...]


def load(world: World, powerbank_sn: str) -> PowerbankCase | None:  # noqa: ARG001  every check loads by world and id
    """The case of one power bank. Raises Problem("storage_unavailable")."""
    return next(iter(_load_all([powerbank_sn])), None)


def suspect_powerbanks(world: World, rows: Scanned) -> Scanned:
    """Those of scanned power banks that look wrong after one read of all of them, their rentals and stations."""
    cases = {case.powerbank.powerbank_sn: case for case in _load_all([sn for _, sn in rows])}
    return [(position, sn) for position, sn in rows if any(powerbank_violations(world, cases.get(sn)))]


def _load_all(powerbank_sns: Sequence[str]) -> list[PowerbankCase]:
    """The cases of those power banks that exist."""
    banks = fetch_many([powerbanks.powerbank_key(sn) for sn in powerbank_sns])
    rental_keys = {bank.powerbank_sn: rentals.rental_key(*bank.owner) for bank in banks if bank.owner is not None}
    rented = fetch_all([*dict.fromkeys(rental_keys.values())])
    neighbours = powerbanks.in_slots_of(banks)
    return [
        PowerbankCase(bank, rented[rental_keys[sn]] if sn in rental_keys else None, tuple(neighbours[sn]))
        for bank in banks
        for sn in [bank.powerbank_sn]
    ]


def powerbank_violations(world: World, case: PowerbankCase | None) -> Iterator[Violation]:
    """Every rule about a power bank that does not hold."""
    if case is None:
        return
    powerbank, rental = case.powerbank, case.rental
    sn, state = powerbank.powerbank_sn, rental.state if rental else None
    consistent = {
        Custody.SLOT: powerbank.rental_id is None or state is RentalState.STARTING,
        Custody.RENTED: rental is not None and rental.out,
        Custody.UNKNOWN: powerbank.rental_id is None,
        Custody.QUARANTINE: powerbank.rental_id is None,
    }[powerbank.custody]
    if not consistent:
        yield Violation("custody_differs_from_rental", sn, powerbank.custody.value)
    if (powerbank.user_id is None) != (powerbank.rental_id is None):
        yield Violation("custody_differs_from_rental", sn, "user without rental, or rental without user")
    if rental is not None and rental.powerbank_sn != sn:
        yield Violation("two_banks_for_a_rental", rental.rental_id, sn)
    if powerbank.custody in IN_SLOT and (powerbank.station_sn is None or powerbank.slot_number is None):
        yield Violation("bank_without_its_slot", sn)
    if (
        powerbank.custody is Custody.UNKNOWN
        and not powerbank.awaited
        and world.now() - powerbank.moved_at > MAX_UNKNOWN_AGE
    ):
        yield Violation("bank_unknown_too_long", sn)
    if powerbank.taken_out_at is not None and powerbank.custody is not Custody.UNKNOWN:
        yield Violation("bank_taken_out_and_elsewhere", sn, powerbank.custody.value)
    others = [other for other in case.neighbours if _lies_there(other)]
    if _lies_there(powerbank) and others:
        yield Violation("two_banks_in_a_slot", sn, others[0].powerbank_sn)


def _lies_there(powerbank: Powerbank) -> bool:
    """Whether the power bank surely occupies its slot: a reserved one may be out, and its answer is on the way."""
    return powerbank.custody in IN_SLOT and powerbank.rental_id is None
