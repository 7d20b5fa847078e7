"""Chooses the power bank of a new rental: the fullest one in a ready slot that is free and did not fail to eject."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_service import for_rent
from chalicelib.domain.cabinets.slot import NORMAL, Slot
from chalicelib.domain.configuration.settings import Settings


def choose_powerbank(
    slots: Iterable[Slot],
    banks: Mapping[str, Powerbank],
    *,
    wanted_sn: str | None,
    now: datetime,
    settings: Settings,
) -> tuple[Slot, Powerbank] | None:
    """The first of the ready `slots` whose power bank is stored there, free, in service, in no second place, did not
    fail to eject lately, and was not reported as faulty.

    With `wanted_sn` only that power bank is chosen. None when there is none.
    """
    backoff = timedelta(minutes=settings.eject_failure_backoff_minutes)
    for slot in slots:
        powerbank = banks.get(slot.powerbank_sn or "")
        if powerbank is None or not powerbank.free or powerbank.slot_number != slot.slot_number:
            continue
        if not for_rent(powerbank, settings.powerbank_fault_reports):
            continue
        if wanted_sn is not None and powerbank.powerbank_sn != wanted_sn:
            continue
        if powerbank.eject_failed_at is not None and now - powerbank.eject_failed_at < backoff:
            continue
        return slot, powerbank
    return None


def ready_slots(cabinet: Cabinet, settings: Settings) -> list[Slot]:
    """The ready slots of the cabinet, the fullest power bank first, then by slot number.

    A slot that failed `slot_max_failed_ejects` ejects in a row is none until its power bank has left it.
    """
    set_aside = {number for number, fault in cabinet.slot_faults.items() if fault.sets_aside(settings)}
    ready = [
        slot for slot in cabinet.slots.values() if slot.slot_number not in set_aside and is_ready(slot, settings)
    ]
    return sorted(ready, key=lambda slot: (-(slot.battery_percent or 0), slot.slot_number))


def is_ready(slot: Slot, settings: Settings) -> bool:
    """Whether the cabinet could hand out the slot's power bank. A reserved power bank counts too.

    The slot is normal and readable, and the power bank is charged to `powerbank_min_percent` and no hotter than
    `powerbank_max_celsius`.
    """
    return (
        slot.powerbank_sn is not None
        and not slot.unreadable
        and slot.state == NORMAL
        and (slot.battery_percent or 0) >= settings.powerbank_min_percent
        and (slot.celsius is None or slot.celsius <= settings.powerbank_max_celsius)
    )
