"""Ties a power bank that left its slot without an eject to the rental for which the wrong slot opened.

The return of the power bank ends that rental (`wrong_slot_returns`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.cabinets.powerbank_suspicion import Suspicion
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.wrong_slot_suspects import Disappearance, Suspect
from chalicelib.services.rentals import eject_confirmations
from chalicelib.tables import powerbanks, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
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
