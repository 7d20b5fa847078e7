"""The part of the scenario at a station: an operator finds a jam by remote command, and has it fixed."""

from functools import partial
from typing import Any

from infra.local.client import Api, Sandbox
from infra.local.customer import expect, step


def repair_station(operator: Api, sandbox: Sandbox, cabinet: dict[str, Any]) -> None:
    """A slot is jammed. The operator sets the station aside, gets the power bank out, and opens the station again."""
    station, imei = f"/api/admin/stations/{cabinet['sn']}", cabinet["imei"]
    command = f"{station}/remote-command"
    checked = step("an operator checks a station", partial(operator.post, command, {"command": "check"}))
    occupied = [slot for slot in checked["slots"] if (slot["powerbank"] or {}).get("status") == "AVAILABLE"]
    slot_number, sn = occupied[0]["slot_number"], occupied[0]["powerbank"]["serial_number"]
    sandbox.post(f"/cabinets/{imei}/behaviour", {"eject": "fail"})
    eject = {"command": "eject", "slot_number": slot_number}
    refused = step("its slot is jammed", lambda: operator.call_expecting("POST", command, eject, want=502))
    expect(refused.code == "command_refused", f"the eject is {refused.code}")
    maintain = partial(operator.post, f"{station}/maintenance")
    step("the operator sets the station aside", partial(maintain, {"is_maintenance": True, "reason": "a jam"}))
    shown = operator.get(f"/api/app/stations/{cabinet['sn']}")["status"]
    expect(shown == "maintenance", f"customers see the station {shown}")
    sandbox.post(f"/cabinets/{imei}/behaviour", {"eject": "ok"})
    sandbox.advance(seconds=20)
    step("the latch is oiled, and the power bank comes out", partial(operator.post, command, eject))
    sandbox.advance(seconds=20)
    sandbox.post(f"/cabinets/{imei}/return", {"powerbank_sn": sn, "slot": slot_number})
    step("somebody puts it back", partial(operator.post, command, {"command": "check"}))
    back = partial(operator.call_expecting, "PATCH", f"/api/admin/powerbanks/{sn}", {"status": "AVAILABLE"})
    expect(step("the operator takes it back into service", back).data["status"] == "AVAILABLE", "it can be rented")
    opened = step("the operator opens the station", partial(maintain, {"is_maintenance": False}))
    expect(opened["status"] == "ONLINE", f"the station is {opened['status']}")
