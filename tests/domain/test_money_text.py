"""Paisa written as rupees."""

import pytest

from chalicelib.domain.text.money import money_text, short_money_text


@pytest.mark.parametrize(
    ("paisa", "text", "short"),
    [
        (0, "0.00", "0"),
        (5, "0.05", "0.05"),
        (12_000, "120.00", "120"),
        (12_050, "120.50", "120.50"),
        (-50, "-0.50", "-0.50"),
        (-12_000, "-120.00", "-120"),
    ],
)
def test_paisa_are_written_as_rupees(paisa: int, text: str, short: str) -> None:
    assert (money_text(paisa), short_money_text(paisa)) == (text, short)
