"""Compares the rentals of the test city with what really happened."""

from datetime import timedelta

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services.cabinets.received_snapshot import MAX_UNLISTED
from tests.scenarios.city import City
from tests.world.builders import account
from tests.world.city_people import Resident


def rental_faults(city: City) -> list[str]:
    """The differences at the end between the rentals and what the residents have in their hands."""
    return [fault for resident in city.residents for fault in _of_resident(city, resident)]


def _of_resident(city: City, resident: Resident) -> list[str]:
    faults = []
    rentals = [city.network.rental(rental) for rental in resident.rentals]
    still_open = [rental for rental in rentals if rental.open]
    if resident.holds and not (
        still_open or account(resident.user_id).due_paisa or _is_known(city, resident, resident.holds)
    ):
        faults.append(f"{resident.user_id[-4:]} has {resident.holds} without a rental")
    if resident.holds is None:
        faults += [
            f"{resident.user_id[-4:]} has no bank: {rental.code} is open"
            for rental in still_open
            if not _taken_unasked(city, rental)
        ]
    trips = {trip.rental_id for trip in resident.trips}
    faults += [
        f"{rental.code} cost something without a power bank"
        for rental in rentals
        if rental.rental_id not in trips | resident.missed
        and rental.points_paid + rental.wallet_paid_paisa + rental.due_paisa
    ]
    return faults


def _taken_unasked(city: City, rental: Rental) -> bool:
    """Whether another resident holds the power bank of this rental, and got it from a wrong slot.

    Two wrong slots opened in a row, and the cabinet confirmed both: no report says who has which power bank.
    """
    powerbanks = filter(None, (rental.powerbank_sn, rental.other_powerbank_sn))
    return any(resident.took_unasked(sn) for sn in powerbanks for resident in city.residents)


def _is_known(city: City, resident: Resident, powerbank_sn: str) -> bool:
    """Whether the return of this power bank ends the rental for which it came out of the wrong slot, or the open
    rental of another resident who also got a wrong one."""
    powerbank = city.network.bank(powerbank_sn)
    suspicion, owner = powerbank.suspicion, powerbank.owner
    if suspicion is not None and suspicion.rental_id == resident.trips[-1].rental_id:
        return True
    is_anothers = owner is not None or suspicion is not None
    return resident.took_unasked(powerbank_sn) and (is_anothers or _may_be_anothers(city, resident, powerbank_sn))


def _may_be_anothers(city: City, resident: Resident, powerbank_sn: str) -> bool:
    """Whether the alarm of this power bank names several rentals, so that it is tied to none (decision 0036).

    The cabinet sent no list between their ejects, and none of their own power banks came out.
    """
    vanished_at, station = city.network.bank(powerbank_sn).vanished_at, resident.trips[-1].station
    if vanished_at is None:
        return False
    own = {(trip.rental_id, trip.slot_number) for other in city.residents for trip in other.trips}
    possible = [
        rental
        for other in city.residents
        for rental in other.rentals
        if rental.station.sn == station.sn
        and timedelta() < vanished_at - rental.requested_at < MAX_UNLISTED
        and (rental.rental_id, rental.station.slot_number) not in own
    ]
    return len(possible) > 1


def custody_faults(city: City) -> list[str]:
    """The power banks whose stored custody differs at the end from where they are.

    One that came out of a wrong slot has no rental. It counts as being with the customer whose rental it is tied to.
    Where no report can say for which of several rentals it came out, its place can only be unknown.
    """
    holders = {resident.holds: resident for resident in city.residents if resident.holds}
    places = {sn: f"{station.sn}/{slot}" for sn, (station, slot) in city.places.items()}
    faults = []
    for powerbank_sn in sorted({*places, *holders}):
        powerbank, resident = city.network.bank(powerbank_sn), holders.get(powerbank_sn)
        stored = f"{powerbank.station_sn}/{powerbank.slot_number}"
        if powerbank.custody is Custody.RENTED:
            stored = f"with {powerbank.user_id}"
        elif powerbank.custody is Custody.UNKNOWN:
            stored = f"with {powerbank.suspicion.user_id}" if powerbank.suspicion else "unknown"
            if resident is not None and _may_be_anothers(city, resident, powerbank_sn):
                continue
        actual = places[powerbank_sn] if resident is None else f"with {resident.user_id}"
        if stored != actual:
            faults.append(f"{powerbank_sn} is {actual}, stored: {stored} {powerbank.custody}")
    return faults
