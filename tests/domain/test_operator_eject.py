"""Ejects that operators order twice, and answers that come in any order."""

from datetime import timedelta

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.operator_eject import ordered, refused, report_is_about_order, withdrawn
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.service_state import Service
from tests.world.fake_world import BEGINNING

SN, WITHIN = "40800001", timedelta(minutes=10)
IN_SLOT = Powerbank("40818052", Custody.SLOT, BEGINNING, station_sn=SN, slot_number=2)
FIRST, ITS_ANSWER, SECOND, LATER = (BEGINNING + timedelta(minutes=number) for number in (1, 2, 3, 4))
TWICE = ordered(ordered(IN_SLOT, FIRST), SECOND)


@pytest.mark.parametrize(
    ("bank", "out_at_first", "absent_later"),
    [
        (TWICE, True, True),
        (refused(TWICE, LATER, still_there=False), True, True),
        (refused(TWICE, LATER, still_there=True), False, False),
        (refused(TWICE, ITS_ANSWER, still_there=True), False, True),
        (refused(TWICE, ITS_ANSWER, still_there=False), True, True),
        (refused(ordered(IN_SLOT, FIRST), LATER, still_there=False), True, False),
        (refused(refused(TWICE, LATER, still_there=False), LATER, still_there=False), True, True),
        (ordered(ordered(IN_SLOT, BEGINNING - WITHIN), SECOND), False, True),
    ],
    ids=["twice", "not found", "jammed", "first jammed", "first busy", "once, not found", "repeated", "moved since"],
)
def test_a_report_is_about_an_order_that_may_have_taken_it_out(
    bank: Powerbank, out_at_first: bool, absent_later: bool
) -> None:
    assert report_is_about_order(bank, SN, ITS_ANSWER, WITHIN, is_eject_result=True) is out_at_first
    assert report_is_about_order(bank, SN, LATER, WITHIN, is_eject_result=False) is absent_later


def test_an_order_that_was_not_sent_leaves_the_earlier_one() -> None:
    before = ordered(IN_SLOT, FIRST)
    assert withdrawn(ordered(before, SECOND), before) == before
    assert withdrawn(before, IN_SLOT) == IN_SLOT
    assert before.service is Service.MAINTENANCE
