"""The faults of a simulated cabinet on demand."""

from typing import Any

import pytest

from infra.local.cabinets.behaviour import BEHAVIOURS, Behaviour, listing


@pytest.mark.parametrize(
    "orders",
    [
        {"eject": "explode"},
        {"speed": 1},
        {"online": "no"},
        {"duplicate": -1},
        {"late_seconds": -5},
        {"late_seconds": 1e300},
        {"late_seconds": float("inf")},
        {"twin": "१२३४५६७८"},
        {"frames_before_report": -1},
        {"frames_before_report": True},
        {"loses_status": 1},
        {"return_frames_after_outage": "yes"},
        {"eject": {"later": 5}},
        {"eject": ["ok"]},
    ],
)
def test_an_invalid_behaviour_raises(orders: dict[str, Any]) -> None:
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
def test_late_answers_have_three_spellings_and_end_with_the_next_eject_setting(
    orders: dict[str, Any], late_seconds: float
) -> None:
    assert Behaviour(late_seconds=7).changed(orders).late_seconds == late_seconds


def test_zero_duplicates_mean_one_message() -> None:
    assert Behaviour(duplicate=5).changed({"duplicate": 0}).duplicate == 1


def test_every_behaviour_is_listed_with_a_valid_default() -> None:
    listed = {item["name"]: item for item in listing()}
    assert listed.keys() == BEHAVIOURS.keys() == vars(Behaviour()).keys()
    assert all(Behaviour().changed({name: item["default"]}) == Behaviour() for name, item in listed.items())
    assert all(item["values"] and item["meaning"] for item in listed.values())
