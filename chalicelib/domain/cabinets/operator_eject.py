"""The eject of a power bank that an operator orders, and what becomes of the power bank (decision 0066)."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.cabinets.cabinet_outage import CLOCK_GRAIN
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.service_state import Service
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.problems.problems import Problem


def must_be_ejectable(powerbank: Powerbank | None, station_sn: str, now: datetime, settings: Settings) -> Powerbank:
    """The power bank. Raises Problem: powerbank_in_rental, powerbank_elsewhere, and powerbank_in_doubt while evidence
    may still say that a customer has it: its eject would destroy that evidence."""
    if powerbank is None:
        raise Problem("powerbank_elsewhere")
    if powerbank.rental_id is not None:
        raise Problem("powerbank_in_rental", rental_id=powerbank.rental_id)
    if powerbank.station_sn != station_sn or not powerbank.unrented_in_slot:
        raise Problem("powerbank_elsewhere", station_sn=powerbank.station_sn)
    believed_since = now - timedelta(hours=settings.eject_evidence_hours)
    failed_lately = powerbank.rental_on_return(now, timedelta(minutes=settings.eject_unresolved_minutes)) is not None
    doubted = powerbank.doubted_owner is not None and powerbank.moved_at > believed_since
    suspected = powerbank.suspicion is not None and powerbank.suspicion.gone_at > believed_since
    if failed_lately or doubted or suspected:
        raise Problem("powerbank_in_doubt")
    return powerbank


def ordered(powerbank: Powerbank, at: datetime) -> Powerbank:
    """The power bank as set aside, so that no customer gets it before an operator takes it back into service."""
    service = Service.MAINTENANCE if powerbank.service is not Service.UNREGISTERED else powerbank.service
    earlier = powerbank.ordered_out_since
    since = earlier if earlier is not None and earlier > powerbank.moved_at else at
    return replace(powerbank, ordered_out_at=at, ordered_out_since=since, service=service)


def withdrawn(powerbank: Powerbank, before: Powerbank) -> Powerbank:
    """The power bank after a command that surely was not sent. `before` is the power bank before its order."""
    return replace(
        powerbank,
        ordered_out_at=before.ordered_out_at,
        ordered_out_since=before.ordered_out_since,
        service=before.service,
    )


def refused(powerbank: Powerbank, at: datetime, *, still_there: bool) -> Powerbank:
    """The power bank after a refusal of `at`. `still_there` says that the cabinet has it.

    The answer to an earlier order may come later, so it stays ordered while an earlier order may have taken it out.
    """
    ordered_at, since = powerbank.ordered_out_at, powerbank.ordered_out_since
    if ordered_at is not None and at + CLOCK_GRAIN <= ordered_at:
        return replace(powerbank, ordered_out_since=ordered_at if still_there else since)
    if still_there:
        return replace(powerbank, ordered_out_at=None, ordered_out_since=None)
    return replace(powerbank, ordered_out_at=None) if ordered_at == since else powerbank


def is_ordered(powerbank: Powerbank, station_sn: str, at: datetime, within: timedelta, *, answered: bool) -> bool:
    """Whether the station's report of `at` is about an eject that an operator ordered.

    It is an answer to any unanswered order, or a list of slots that an order without a refusal explains.
    A report that comes twice is about it too. One from before the power bank came into its present slot is not.
    """
    if powerbank.station_sn != station_sn or powerbank.rental_id is not None:
        return False
    orders = [powerbank.ordered_out_at]
    if answered or powerbank.ordered_out_at is not None:
        orders.append(powerbank.ordered_out_since)
    in_time = any(order is not None and order < at + CLOCK_GRAIN and at - order < within for order in orders)
    return in_time and (powerbank.custody is Custody.UNKNOWN or at > powerbank.moved_at)


def taken_out(powerbank: Powerbank, at: datetime, *, answered: bool) -> Powerbank:
    """The power bank in the hands of an operator. No earlier rental can have it any more: it was in its slot."""
    if powerbank.taken_out_at is None:
        powerbank = replace(powerbank.location_lost(at), taken_out_at=at, eject_failed_at=None, answer_due_from=None)
    return replace(powerbank, eject_answered_at=at) if answered else powerbank
