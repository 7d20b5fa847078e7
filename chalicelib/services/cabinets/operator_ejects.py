"""What a cabinet reports of an eject that an operator ordered: the power bank is out, or stayed in its slot."""

from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Binding
from chalicelib.domain.cabinets.cabinet_protocol.events import FAILED_STATE, EjectResult, Verdict
from chalicelib.domain.cabinets.operator_eject import refused, report_is_about_order, taken_out
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.services.rentals import snapshot_requests
from chalicelib.tables import cabinets, powerbanks
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World


def is_answer(world: World, powerbank: Powerbank, sn: str, at: datetime) -> bool:
    """Whether the station's eject result of `at` answers an operator's order."""
    within = timedelta(hours=world.settings().eject_evidence_hours)
    return report_is_about_order(powerbank, sn, at, within, is_eject_result=True)


def handle_answer(world: World, binding: Binding, frame: EjectResult, powerbank_sn: str, at: datetime) -> bool:
    """Store the result. True when the cabinet's row was saved.

    A power bank that stayed in its slot remains set aside. One that its cabinet does not find shows in a snapshot.
    """
    bank_key, cabinet_key = powerbanks.powerbank_key(powerbank_sn), cabinets.cabinet_key(binding.sn)

    def decide(ops: Transaction) -> bool:
        rows = fetch(bank_key, cabinet_key)
        powerbank, cabinet = rows[bank_key], rows[cabinet_key]
        if powerbank is None or not is_answer(world, powerbank, binding.sn, at):
            return False
        if frame.verdict is Verdict.NOT_EJECTED:
            if powerbank.taken_out_at is None:
                powerbanks.save_powerbank(ops, refused(powerbank, at, still_there=frame.state == FAILED_STATE))
            return False
        after = taken_out(powerbank, at, answered=True)
        if after == powerbank:
            return False
        powerbanks.save_powerbank(ops, after)
        if cabinet is None or powerbank.taken_out_at is not None:
            return False
        cabinets.save_cabinet(ops, cabinet.without_powerbank(powerbank_sn, at))
        return True

    saved = atomic(world, decide)
    log.fact("operator_eject_answered", sn=binding.sn, powerbank_sn=powerbank_sn, state=frame.state)
    if frame.verdict is Verdict.NOT_EJECTED:
        snapshot_requests.request(world, binding)
    return saved


def explains_absence(world: World, powerbank: Powerbank, sn: str, at: datetime) -> bool:
    """Whether an operator's eject explains that a snapshot of `at` misses the power bank."""
    within = timedelta(minutes=world.settings().eject_unresolved_minutes)
    return powerbank.unrented_in_slot and report_is_about_order(powerbank, sn, at, within, is_eject_result=False)


def handle_missing(world: World, powerbank_sn: str, sn: str, at: datetime) -> None:
    """Store that the power bank is out for an operator. The caller saves the cabinet."""

    def decide(ops: Transaction) -> None:
        powerbank = fetch_one(powerbanks.powerbank_key(powerbank_sn))
        if powerbank is not None and explains_absence(world, powerbank, sn, at):
            powerbanks.save_powerbank(ops, taken_out(powerbank, at, answered=False))

    atomic(world, decide)
    log.fact("operator_eject_seen", sn=sn, powerbank_sn=powerbank_sn)
