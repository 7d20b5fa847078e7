"""Ties a power bank that left its slot without an eject to the rental for which the wrong slot opened.

The return of the power bank ends that rental, which then counts as a rental of this power bank.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.cabinets.cabinet_outage import CLOCK_GRAIN
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_suspicion import Suspicion
from chalicelib.domain.cabinets.slot_reports import ReportKind
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.sighting import Sighting, SightingResult, SightingSource
from chalicelib.domain.rentals.wrong_slot_suspects import Disappearance, Suspect
from chalicelib.services.rentals import aggregate, eject_confirmations
from chalicelib.tables import powerbanks, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World


def was_ejecting(world: World, disappearance: Disappearance) -> bool:
    """Whether the station was ejecting for another rental when the power bank left, and did not refuse."""
    return any(not suspect.refused for suspect in _suspects(world, disappearance))


def report_vanished(
    world: World, disappearance: Disappearance, *others: Disappearance, own: Rental | None = None
) -> None:
    """Raise an alarm for a power bank that is in no slot, and store for which rental it may have come out.

    `others` tell when it left the slots in which other stations listed it meanwhile. `own` is its own failed rental,
    for which it may have come out unless the station answered that one came out for another.
    """
    found = [(place, suspect) for place in (disappearance, *others) for suspect in _suspects(world, place)]
    if own is not None and not any(suspect.rental.out for _, suspect in found):
        found.append((disappearance, Suspect(own, own)))
    rentals_then = [suspect.rental for _, suspect in found]
    log.alarm(
        Alarm.POWERBANK_VANISHED,
        sn=disappearance.station_sn,
        powerbank_sn=disappearance.powerbank_sn,
        slot_number=disappearance.slot_number,
        rental_id=", ".join(rental.rental_id for rental in rentals_then) or "none",
        user_id=", ".join(rental.user_id for rental in rentals_then) or "none",
    )
    _tie(world, (disappearance, *others), found, is_back=False)


def tie_reappeared(world: World, disappearance: Disappearance) -> bool:
    """Store for which rental a power bank may have been out that is in a slot again. False without such a rental.

    No snapshot showed that it was out, so a rental whose cabinet refused the eject does not count.
    """
    suspects = [suspect for suspect in _suspects(world, disappearance) if not suspect.refused]
    _tie(world, [disappearance], [(disappearance, suspect) for suspect in suspects], is_back=True)
    return len(suspects) == 1


def _suspects(world: World, disappearance: Disappearance) -> list[Suspect]:
    since = disappearance.gone_at - timedelta(hours=world.settings().eject_evidence_hours)
    sn = disappearance.station_sn
    candidates = [*rentals.running_at(sn), *rentals.failed_at(sn, since)]
    recent = [rental for rental in candidates if rental.requested_at >= since]
    return disappearance.suspects(recent, eject_confirmations.grace(world))


def _tie(
    world: World,
    left: Sequence[Disappearance],
    found: Sequence[tuple[Disappearance, Suspect]],
    *,
    is_back: bool,
) -> None:
    """Store the only suspect with the power bank, and with the rental unless its own power bank is out as well.

    With several suspects an operator has to decide, and also while a place that is not in `left` lists it.
    """
    bank_key = powerbanks.powerbank_key(left[0].powerbank_sn)
    disappearance, only = (found[0][0], found[0][1].rental) if len(found) == 1 else (left[0], None)
    rental_key = rentals.rental_key(only.user_id, only.rental_id) if only else None

    def decide(ops: Transaction) -> None:
        rows = fetch(bank_key, *([rental_key] if rental_key else []))
        powerbank, rental = rows[bank_key], rows[rental_key] if rental_key else None
        if powerbank is None or powerbank.rental_id is not None:
            return
        if is_back:
            after = replace(powerbank, reappearance=None)
        elif powerbank.vanished_at is not None:
            after = replace(powerbank, other_place=None)
        else:
            after = powerbank.vanished(left[0].gone_at)
        other, grace = powerbank.other_place, eject_confirmations.grace(world)
        certain = other is None or any(
            (place.station_sn, place.slot_number) == (other.station_sn, other.slot_number) for place in left
        )
        suspect = disappearance.suspect(rental, grace) if rental is not None and certain else None
        if suspect is not None:
            after = replace(after, reappearance=powerbank.reappearance, suspicion=_suspicion(disappearance, suspect))
            if not suspect.beside_own:
                rentals.save(ops, replace(suspect.rental, other_powerbank_sn=powerbank.powerbank_sn))
        powerbanks.save_powerbank(ops, after)

    atomic(world, decide)


def _suspicion(disappearance: Disappearance, suspect: Suspect) -> Suspicion:
    rental = suspect.rental
    slot_number, gone_at = disappearance.slot_number, disappearance.gone_at
    return Suspicion(rental.user_id, rental.rental_id, slot_number, gone_at, beside_own=suspect.beside_own)


@dataclass(frozen=True)
class Return:
    """What a sighting of a tied power bank did. `after` is the ended rental, `freed` whether it was starting."""

    result: SightingResult
    after: RentalAggregate | None = None
    freed: bool = False


def stage_return(ops: Transaction, world: World, powerbank: Powerbank, sighting: Sighting) -> Return | None:
    """Stage the end of the rental for which the power bank may have come out. None when nothing is tied to it.

    A snapshot that only lists the power bank in the slot that it left does not prove that it was out, so that a
    rental that was given up costs nothing. It ends an active rental whose own power bank it lists too.
    """
    suspicion = powerbank.suspicion
    if suspicion is None or powerbank.owner is not None:
        return None
    before = aggregate.load(suspicion.user_id, suspicion.rental_id, powerbank.powerbank_sn, sighting.binding.sn)
    if before is None or not before.rental.may_have_powerbank or sighting.precedes(before.rental):
        return None
    rental = before.rental
    if suspicion.beside_own or _own_came_out(rental, suspicion):
        return None
    if sighting.repeats_listing(before.cabinet, rental):
        return _stage_listed_all_along(ops, before, sighting)
    came_from = (rental.station.sn, suspicion.slot_number)
    if (sighting.binding.sn, sighting.slot.slot_number) == came_from:
        if sighting.at < suspicion.gone_at:
            return Return(SightingResult.STALE)
        paid = rental.out and rental.powerbank_sn in sighting.listed_sns
        if sighting.source is SightingSource.SNAPSHOT and not paid:
            return _stage_in_slot(ops, powerbank, sighting)
    return _stage_end(ops, world, before, sighting)


def _stage_listed_all_along(ops: Transaction, before: RentalAggregate, sighting: Sighting) -> Return:
    """Stage that a station has the power bank which it listed all along, so that it came out for no rental.

    The first such snapshot is a doubt, which `two_places` reports. A later one counts if it is a new reading, and an
    operator has to look at the power bank. An active rental stays as it is: an operator decides.
    """
    powerbank, cabinet = before.powerbank, before.cabinet
    first_at = powerbank.other_place.at if powerbank.other_place else None
    read_again = cabinet is not None and sighting.is_new_reading(cabinet)
    if before.rental.out or not read_again or first_at is None or sighting.at <= first_at:
        return Return(SightingResult.DOUBTED)
    powerbanks.save_powerbank(ops, sighting.quarantined(powerbank))
    rentals.save(ops, replace(before.rental, other_powerbank_sn=None))
    return Return(SightingResult.QUARANTINED)


def without_other_in_slot(before: RentalAggregate, sighting: Sighting, grace: timedelta) -> RentalAggregate:
    """The rental without its tied power bank, if that is in a slot again and the snapshot lists both power banks.

    Without it, reports of the own slot that prove a return end the rental.
    """
    other_sn = before.rental.other_powerbank_sn
    if other_sn is None or other_sn not in sighting.listed_sns or before.rental.comeback(grace) is None:
        return before
    other = fetch_one(powerbanks.powerbank_key(other_sn))
    if other is None or other.custody is not Custody.SLOT:
        return before
    return replace(before, rental=replace(before.rental, other_powerbank_sn=None))


def stage_exchange(ops: Transaction, before: RentalAggregate, sighting: Sighting, grace: timedelta) -> bool:
    """Stage that an active rental has the power bank that is tied to it, and that its own one is in its slot.

    The cabinet answered that the own one came out. False unless reports of its slot prove that it is there. After a
    snapshot that lists both, the return of the tied one ends the rental.
    """
    rental, own = before.rental, before.powerbank
    other_sn, has_own = rental.other_powerbank_sn, own.owner == (rental.user_id, rental.rental_id)
    if rental.state is not RentalState.ACTIVE or other_sn is None or not has_own or rental.comeback(grace) is None:
        return False
    if other_sn in sighting.listed_sns:
        return False
    other = fetch_one(powerbanks.powerbank_key(other_sn))
    suspicion = other.suspicion if other is not None and other.custody is Custody.UNKNOWN else None
    if other is None or suspicion is None or suspicion.rental_id != rental.rental_id or suspicion.beside_own:
        return False
    placed = sighting.placed(own)
    # It is no return of the rental.
    placed = replace(placed, returned_rental_id=own.returned_rental_id, returns_count=own.returns_count)
    powerbanks.save_powerbank(ops, placed)
    other_out = other.ejected(rental.rental_id, rental.user_id, suspicion.gone_at)
    powerbanks.save_powerbank(ops, replace(other_out, answer_due_from=None))
    rentals.save(ops, rental.with_powerbank(other_sn, suspicion.slot_number))
    ops.after_commit(lambda: log.fact("rental_exchanged", rental_id=rental.rental_id, powerbank_sn=other_sn))
    return True


def _own_came_out(rental: Rental, suspicion: Suspicion) -> bool:
    """Whether the rented power bank itself came out, later than the other one."""
    absent = any(report.kind is ReportKind.ABSENT for report in rental.reports)
    started_later = rental.started_at is not None and rental.started_at > suspicion.gone_at
    return rental.out and (absent or started_later)


def _stage_in_slot(ops: Transaction, powerbank: Powerbank, sighting: Sighting) -> Return:
    """Stage that the power bank is in its slot. A later return frame may still prove that it was out."""
    if powerbank.custody is Custody.UNKNOWN:
        placed = replace(sighting.placed(powerbank), suspicion=powerbank.suspicion)
        powerbanks.save_powerbank(ops, placed)
    return Return(SightingResult.IN_SLOT)


def _stage_end(ops: Transaction, world: World, before: RentalAggregate, sighting: Sighting) -> Return:
    rental, suspicion = before.rental, before.powerbank.suspicion
    slot_number = suspicion.slot_number if suspicion else rental.station.slot_number
    swapped = replace(before, rental=rental.with_powerbank(sighting.powerbank_sn, slot_number))
    out = swapped
    if not rental.out:
        out = eject_confirmations.mark_ejected(world, swapped, min(rental.requested_at + CLOCK_GRAIN, sighting.at))
    own = fetch_one(powerbanks.powerbank_key(rental.powerbank_sn))
    if own is not None and own.rental_id == rental.rental_id:
        powerbanks.save_powerbank(ops, _left_in_slot(own, rental, sighting))
    after = out.returned(sighting, world.now(), certain=sighting.source is SightingSource.RETURN)
    aggregate.save(ops, world, rental, after)
    return Return(SightingResult.ENDED, after, freed=not rental.out)


def _left_in_slot(own: Powerbank, rental: Rental, sighting: Sighting) -> Powerbank:
    """The rented power bank, which stayed in its slot because another one came out."""
    if own.custody is Custody.SLOT:
        return own.eject_failed(sighting.at)
    station = rental.station
    return own.placed_in(station.sn, station.slot_number, own.battery_percent, max(own.moved_at, sighting.at))
