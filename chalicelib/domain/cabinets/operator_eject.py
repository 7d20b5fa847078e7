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
    earlier = powerbank.first_open_eject_order_at
    since = earlier if earlier is not None and earlier > powerbank.moved_at else at
    return replace(powerbank, last_eject_ordered_at=at, first_open_eject_order_at=since, service=service)


def withdrawn(powerbank: Powerbank, before: Powerbank) -> Powerbank:
    """The power bank after a command that surely was not sent. `before` is the power bank before its order."""
    return replace(
        powerbank,
        last_eject_ordered_at=before.last_eject_ordered_at,
        first_open_eject_order_at=before.first_open_eject_order_at,
        service=before.service,
    )


def refused(powerbank: Powerbank, at: datetime, *, still_there: bool) -> Powerbank:
    """The power bank after a refusal of `at`. `still_there` says that the cabinet has it.

    The answer to an earlier order may come later, so it stays ordered while an earlier order may have taken it out.
    """
    ordered_at, since = powerbank.last_eject_ordered_at, powerbank.first_open_eject_order_at
    if ordered_at is not None and at + CLOCK_GRAIN <= ordered_at:
        return replace(powerbank, first_open_eject_order_at=ordered_at if still_there else since)
    if still_there:
        return replace(powerbank, last_eject_ordered_at=None, first_open_eject_order_at=None)
    return replace(powerbank, last_eject_ordered_at=None) if ordered_at == since else powerbank


def report_is_about_order(
    powerbank: Powerbank, station_sn: str, at: datetime, within: timedelta, *, is_eject_result: bool
) -> bool:
    """Whether the station's report of `at` is about an eject that an operator ordered at most `within` before.

    * An eject result may answer any order that has no answer yet.
    * A snapshot without the power bank may follow from an order that was not refused.

    A report that comes twice is about the order too. One from before the power bank came into its slot is not.
    """
    if powerbank.station_sn != station_sn or powerbank.rental_id is not None:
        return False
    orders = [powerbank.last_eject_ordered_at]
    if is_eject_result or powerbank.last_eject_ordered_at is not None:
        orders.append(powerbank.first_open_eject_order_at)
    in_time = any(order is not None and order < at + CLOCK_GRAIN and at - order < within for order in orders)
    return in_time and (powerbank.custody is Custody.UNKNOWN or at > powerbank.moved_at)


def taken_out(powerbank: Powerbank, at: datetime, *, answered: bool) -> Powerbank:
    """The power bank in the hands of an operator. No earlier rental can have it any more: it was in its slot."""
    if powerbank.taken_out_at is None:
        out = powerbank.location_lost(at).with_certain_return()
        powerbank = replace(out, taken_out_at=at, eject_failed_at=None, answer_due_from=None)
    return replace(powerbank, eject_answered_at=at) if answered else powerbank
