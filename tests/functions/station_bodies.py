"""Valid bodies of the operators' routes of stations."""

from typing import Any

from tests.functions.sample_bodies import STATION_BODY

STATION_BODIES: dict[str, dict[str, Any]] = {
    "PATCH /api/admin/stations/issues/{issue_id}": {"status": "resolved", "priority": "high"},
    "PATCH /api/admin/rentals/issues/{issue_id}": {"status": "resolved"},
    "POST /api/admin/stations": STATION_BODY | {"serial_number": "41000001"},
    "PUT /api/admin/stations/{sn}": STATION_BODY,
    "PATCH /api/admin/stations/{sn}": STATION_BODY,
    "POST /api/admin/stations/{sn}/remote-command": {
        "command": "wifi_connect",
        "powerbank_sn": "40818052",
        "slot_number": 2,
        "volume": 70,
        "mode": "wifi",
        "ssid": "Labim",
        "password": "none",
    },
    "POST /api/admin/stations/{sn}/maintenance": {"is_maintenance": True, "reason": "a broken door"},
}
