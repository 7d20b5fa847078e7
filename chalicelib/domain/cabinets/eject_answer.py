"""What a cabinet's answer that a power bank came out says of the power bank."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank


def eject_answered(powerbank: Powerbank, at: datetime) -> Powerbank:
    """The power bank after its cabinet answered at `at` that it came out, so that it had been there."""
    answered = replace(powerbank, answer_due_from=None, eject_answered_at=at)
    return answered.with_certain_return() if powerbank.custody is Custody.RENTED else answered


def answered_late(powerbank: Powerbank, station_sn: str, at: datetime, rental_id: str | None) -> Powerbank:
    """The power bank after the station answered at `at` that it came out for a rental that is out or over by now.

    `rental_id` is None if no rental has the power bank or may have it.
    """
    after, doubted_id = powerbank, powerbank.doubted_rental_id
    if rental_id in (None, doubted_id) and powerbank.doubted_answer_due_from == station_sn:
        after = replace(after, doubted_answer_due_from=None)
    reserved_since = powerbank.rental_id is not None or powerbank.last_rental_id is not None
    of_latest = rental_id != doubted_id or not reserved_since
    return eject_answered(after, at) if of_latest and powerbank.answer_due_from == station_sn else after


def knows_eject(powerbank: Powerbank, station_sn: str, at: datetime) -> bool:
    """Whether a rental that is over by now explains the answer of `at` that the power bank came out.

    The answer is older than the last change of custody, is repeated, or is the one that the station still owes.
    """
    older = powerbank.custody is not Custody.UNKNOWN and at <= powerbank.moved_at
    repeated = powerbank.eject_answered_at is not None and at <= powerbank.eject_answered_at
    owing = (powerbank.answer_due_from, powerbank.doubted_answer_due_from)
    return older or repeated or station_sn in owing
