"""Which power bank to hand out."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from chalicelib.domain.cabinet import Slot
from chalicelib.domain.powerbank import Powerbank
from chalicelib.domain.settings import Settings


def choose(
    slots: Iterable[Slot],
    banks: Mapping[str, Powerbank],
    *,
    wanted_sn: str | None,
    now: datetime,
    settings: Settings,
) -> tuple[Slot, Powerbank] | None:
    """The fullest bank that is ours to give: known, in that very slot, reserved by nobody, not just failed."""
    rest = timedelta(minutes=settings.eject_failure_rest_minutes)
    for slot in slots:
        bank = banks.get(slot.powerbank_sn or "")
        if bank is None or not bank.free or bank.slot_number != slot.slot_number:
            continue
        if wanted_sn is not None and bank.powerbank_sn != wanted_sn:
            continue
        if bank.eject_failed_at is not None and now - bank.eject_failed_at < rest:
            continue
        return slot, bank
    return None
