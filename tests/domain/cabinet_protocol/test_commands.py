"""Commands to a cabinet."""

import json
from datetime import UTC, datetime

from chalicelib.domain.cabinets.cabinet_protocol.frames import check_command, eject_command


def test_an_eject_has_power_bank_time_and_lifetime_as_text() -> None:
    at = datetime(2025, 10, 8, 16, 30, 10, 900_000, tzinfo=UTC)
    assert json.loads(eject_command("10211856", at)) == {
        "cmd": "popup_sn",
        "data": "10211856",
        "timestamp": "1759941010",
        "ttl": "30",
    }


def test_a_check_asks_for_every_slot() -> None:
    assert check_command() == b'{"cmd":"check_all"}'
