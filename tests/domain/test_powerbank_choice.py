"""Which power bank a station hands out."""

from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_choice import choose_powerbank, ready_slots
from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.configuration.settings import Settings

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
BANK = Powerbank("40818052", Custody.SLOT, NOW, "40000444", 2)


def ready_slots_of(*readings: Slot) -> list[Slot]:
    return ready_slots(Cabinet("s", "i", slots={slot.slot_number: slot for slot in readings}), Settings())


def test_ready_slots_are_charged_cool_and_healthy_with_the_fullest_first() -> None:
    ready = ready_slots_of(
        Slot(1, 1, "a", 50),
        Slot(2, 1, "b", 90, 61),
        Slot(3, 1, "c", 19),
        Slot(4, 2, "d", 90),
        Slot(5, 1, None),
        Slot(6, 1, "e", 80, 60),
        Slot(7, 1, "f", None),
    )
    assert [slot.powerbank_sn for slot in ready] == ["e", "a"]


def test_a_powerbank_recorded_in_another_slot_is_not_handed_out() -> None:
    slot = Slot(2, 1, "40818052", 90)
    powerbanks = {"40818052": replace(BANK, slot_number=3)}
    assert choose_powerbank([slot], powerbanks, wanted_sn=None, now=NOW, settings=Settings()) is None
    assert choose_powerbank([slot], {}, wanted_sn=None, now=NOW, settings=Settings()) is None
    assert choose_powerbank([slot], {"40818052": BANK}, wanted_sn="other", now=NOW, settings=Settings()) is None
    assert choose_powerbank([slot], {"40818052": BANK}, wanted_sn=None, now=NOW, settings=Settings()) == (slot, BANK)
