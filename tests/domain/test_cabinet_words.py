"""What we say to a cabinet, and what its labels say to us."""

import json
from datetime import UTC, datetime

import pytest

from chalicelib.domain.cabinet_identity import imei_of, station_sn_of
from chalicelib.domain.frames import check_command, eject_command


def test_an_eject_names_the_bank_its_time_and_its_life_all_as_texts() -> None:
    at = datetime(2025, 10, 8, 16, 30, 10, 900_000, tzinfo=UTC)
    assert json.loads(eject_command("10211856", at)) == {
        "cmd": "popup_sn",
        "data": "10211856",
        "timestamp": "1759941010",
        "ttl": "30",
    }


def test_a_check_asks_for_every_slot() -> None:
    assert check_command() == b'{"cmd":"check_all"}'


@pytest.mark.parametrize(
    ("scanned", "sn"),
    [
        ("https://rent.example/open?sn=40000444", "40000444"),
        ("https://rent.example/11247325", "11247325"),
        (" 40000444 ", "40000444"),
        ("https://rent.example/open?sn=", None),
        ("https://rent.example/", None),
        ("hello", None),
        ("४००", None),
        ("", None),
    ],
)
def test_a_scanned_code_names_a_station_or_nothing(scanned: str, sn: str | None) -> None:
    assert station_sn_of(scanned) == sn


@pytest.mark.parametrize(
    ("label", "imei"),
    [
        ("863597070962890;MPY23KI0W005847;94706C5C5072", "863597070962890"),
        ("M322M16EHD091204096 864601068508480", "864601068508480"),
        ("https://rent.example/?uuid=861766049773702", "861766049773702"),
        ("*;MPN23LP05002679;441A847D6121;;;441A847D5560;", "441A847D6121"),
        ("*;MPN23LP05002679", None),
        ("*;x;nonsense", None),
        ("short", None),
        ("", None),
    ],
)
def test_a_makers_label_names_a_cabinet_or_nothing(label: str, imei: str | None) -> None:
    assert imei_of(label) == imei
