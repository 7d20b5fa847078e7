"""Chooses the power bank of a new rental."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from chalicelib.domain.cabinet import Slot
from chalicelib.domain.powerbank import Powerbank
from chalicelib.domain.settings import Settings


def choose_powerbank(
    slots: Iterable[Slot],
    banks: Mapping[str, Powerbank],
    *,
    wanted_sn: str | None,
    now: datetime,
    settings: Settings,
) -> tuple[Slot, Powerbank] | None:
    """The first of `slots` whose power bank is stored in that slot, free, and without a recent failed eject."""
    backoff = timedelta(minutes=settings.eject_failure_backoff_minutes)
    for slot in slots:
        powerbank = banks.get(slot.powerbank_sn or "")
        if powerbank is None or not powerbank.free or powerbank.slot_number != slot.slot_number:
            continue
        if wanted_sn is not None and powerbank.powerbank_sn != wanted_sn:
            continue
        if powerbank.eject_failed_at is not None and now - powerbank.eject_failed_at < backoff:
            continue
        return slot, powerbank
    return None
