"""Operators list power banks, register unknown ones, set them aside and take them back into service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_service import PowerbankStatus, in_service, registered, set_aside, status_of
from chalicelib.domain.cabinets.service_state import Service
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables import powerbanks
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_many, fetch_one
from chalicelib.world import World


@dataclass(frozen=True)
class PowerbanksPage:
    """Power banks by serial number. `following` is the cursor of the next page, and None at the end. `listed` counts
    the power banks with page numbers, at most MAX_LISTED."""

    powerbanks: Sequence[Powerbank]
    following: str | None
    listed: int


def page_of(service: Service | None, page: NumberedPage, *, after: str | None) -> PowerbanksPage:
    """The power banks after the serial number `after`, or the page by number. None lists those of every service."""
    services = [service] if service is not None else list(Service)
    by_cursor = after is not None
    keys = powerbanks.after(after, services, page.read_limit(by_cursor=by_cursor))
    of_page, more_follow, listed = page.of_keys(keys, by_cursor=by_cursor)
    found = sorted(fetch_many(of_page), key=lambda powerbank: powerbank.powerbank_sn)
    return PowerbanksPage(found, str(of_page[-1].hash_key) if more_follow else None, listed)


def read(powerbank_sn: str) -> Powerbank:
    """Raises Problem("not_found")."""
    return must_exist(fetch_one(powerbanks.powerbank_key(powerbank_sn)))


def shown_status(world: World, powerbank: Powerbank) -> PowerbankStatus:
    return status_of(powerbank, world.settings().powerbank_fault_reports)


def register(world: World, caller: Caller, powerbank_sn: str, model: str, capacity_mah: int | None) -> Powerbank:
    """Register a power bank that a cabinet reported, or one that no cabinet has reported yet.

    Raises Problem: powerbank_registered.
    """

    def change(powerbank: Powerbank | None) -> Powerbank:
        if powerbank is not None and powerbank.service is not Service.UNREGISTERED:
            raise Problem("powerbank_registered")
        awaited = Powerbank(powerbank_sn, Custody.UNKNOWN, world.now())
        return registered(powerbank or awaited, model, capacity_mah, world.now())

    return _change(world, caller, powerbank_sn, "powerbank_registered", change)


def change_service(world: World, caller: Caller, powerbank_sn: str, service: Service) -> Powerbank:
    """Set a registered power bank aside, or take it back into service. A rental that has it goes on.

    Raises Problem: not_found, powerbank_unregistered.
    """

    def change(stored: Powerbank | None) -> Powerbank:
        powerbank = must_exist(stored)
        if powerbank.service is Service.UNREGISTERED:
            raise Problem("powerbank_unregistered")
        return in_service(powerbank, world.now()) if service is Service.IN_SERVICE else set_aside(powerbank)

    return _change(world, caller, powerbank_sn, "powerbank_service_changed", change)


def _change(
    world: World, caller: Caller, powerbank_sn: str, action: str, change: Callable[[Powerbank | None], Powerbank]
) -> Powerbank:
    """Save the changed power bank with an entry in the audit log. Nothing is written when nothing changes."""
    key = powerbanks.powerbank_key(powerbank_sn)

    def decide(ops: Transaction) -> Powerbank:
        current_caller = fresh_caller(world, caller, ops)
        before = fetch_one(key)
        after = change(before)
        if after == before:
            return after
        powerbanks.save_powerbank(ops, after)
        changes = {"before": _facts(world, before), "after": _facts(world, after)}
        audit_log.record(ops, world, current_caller.user_id, AdminAction(action, powerbank_sn, changes))
        return replace(after, version=after.version + 1)

    return atomic(world, decide)


def _facts(world: World, powerbank: Powerbank | None) -> dict[str, object] | None:
    if powerbank is None:
        return None
    return {
        "status": shown_status(world, powerbank).value,
        "custody": powerbank.custody.value,
        "service": powerbank.service.value,
        "faults_count": powerbank.faults_count,
    }
