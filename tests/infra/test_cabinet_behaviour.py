"""What people may order a simulated kiosk to do wrong."""

from typing import Any

import pytest

from infra.local.cabinet import Behaviour


@pytest.mark.parametrize(
    "orders",
    [
        {"eject": "explode"},
        {"speed": 1},
        {"online": "no"},
        {"duplicate": -1},
        {"late_seconds": -5},
        {"eject": {"later": 5}},
        {"eject": ["ok"]},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(orders: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no such behaviour"):
        Behaviour().changed(orders)


@pytest.mark.parametrize(
    ("orders", "late_seconds"),
    [
        ({"late_seconds": 90}, 90),
        ({"eject": "late_seconds"}, 60),
        ({"eject": "late_seconds", "late_seconds": 90}, 90),
        ({"eject": {"late_seconds": 90}}, 90),
        ({"eject": "silent", "late_seconds": 90}, 90),
        ({"eject": "ok"}, 0),
        ({"reorder": True}, 7),
    ],
)
def test_lateness_is_ordered_in_several_ways_and_ends_with_the_next_eject_order(
    orders: dict[str, Any], late_seconds: float
) -> None:
    assert Behaviour(late_seconds=7).changed(orders).late_seconds == late_seconds


def test_no_copies_at_all_means_the_one_message() -> None:
    assert Behaviour(duplicate=5).changed({"duplicate": 0}).duplicate == 1
