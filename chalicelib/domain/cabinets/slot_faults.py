"""Slots that did not let a power bank out: counted, and set aside after several failures in a row."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.configuration.settings import Settings


@dataclass(frozen=True)
class SlotFault:
    """How often in a row the slot failed to let this power bank out."""

    powerbank_sn: str
    failed_ejects: int

    def sets_aside(self, settings: Settings) -> bool:
        """Whether no customer gets this slot's power bank any more."""
        return self.failed_ejects >= settings.slot_max_failed_ejects


SlotFaults = Mapping[int, SlotFault]
"""The faults of a cabinet by slot number."""


def after_failure(faults: SlotFaults, slot_number: int, powerbank_sn: str) -> SlotFaults:
    """The faults after one more failed eject of this power bank from the slot."""
    earlier = faults.get(slot_number)
    count = earlier.failed_ejects if earlier is not None and earlier.powerbank_sn == powerbank_sn else 0
    return {**faults, slot_number: SlotFault(powerbank_sn, count + 1)}


def still_there(faults: SlotFaults, listed: Mapping[int, str | None]) -> SlotFaults:
    """The faults of slots that still list the same power bank. A slot that let its power bank out works."""
    return {number: fault for number, fault in faults.items() if listed.get(number) == fault.powerbank_sn}
