"""A late answer that a power bank came out, for a rental whose return is in doubt or for the one after it."""

from dataclasses import replace

import pytest

from chalicelib.domain.cabinets.eject_answer import answered_late
from tests.domain.test_powerbank import BANK, NOW

SN = "40000444"
DOUBTED = replace(BANK, answer_due_from=SN).with_doubted_return("first", "user")


@pytest.mark.parametrize(
    ("rental_id", "still_due"), [("first", (SN, None)), ("second", (None, SN)), ("other", (None, SN))]
)
def test_each_of_two_rentals_has_an_answer_of_its_own(
    rental_id: str, still_due: tuple[str | None, str | None]
) -> None:
    after = answered_late(DOUBTED.reserved("second", "another"), SN, NOW, rental_id)
    assert (after.answer_due_from, after.doubted_answer_due_from) == still_due


@pytest.mark.parametrize("rental_id", ["first", None])
def test_without_a_newer_rental_the_answer_is_for_the_returned_one(rental_id: str | None) -> None:
    after = answered_late(DOUBTED, SN, NOW, rental_id)
    assert (after.answer_due_from, after.doubted_answer_due_from) == (None, None)


def test_another_station_owes_no_answer() -> None:
    assert answered_late(DOUBTED, "40000445", NOW, "first") == DOUBTED
