"""The steps of the full day at stations: an operator registers one, sets it aside, and deletes it."""

from infra.local.cabinets import frames
from tests.functions.sample_bodies import STATION_BODY
from tests.scenarios.day_client import DayClient
from tests.world.builders import LABIM


class StationSteps(DayClient):
    """Steps of an operator at stations."""

    def keep_stations(self) -> None:
        """Register a station, change it, set it aside for maintenance, and delete it."""
        url, sn = "/api/admin/stations", "41000001"
        self.request_as_operator("POST", url, STATION_BODY | {"serial_number": sn, "images": []})
        assert self.request_as_operator("GET", f"{url}/{sn}").data["total_slots"] == 8
        replaced = self.request_as_operator("PUT", f"{url}/{sn}", STATION_BODY | {"images": [], "landmark": "Gate 2"})
        assert replaced.data["landmark"] == "Gate 2"
        self.request_as_operator("PATCH", f"{url}/{sn}", {"total_slots": 12})
        aside = self.request_as_operator("POST", f"{url}/{sn}/maintenance", {"is_maintenance": True}).data
        assert (aside["status"], aside["total_slots"]) == ("MAINTENANCE", 12)
        assert self.request_as_operator("DELETE", f"{url}/{sn}").data["serial_number"] == sn
        assert sn not in [station["id"] for station in self.request_as_operator("GET", url).data["results"]]

    def command_station(self) -> None:
        """A station answers an operator which WiFi networks it sees."""
        self.answer_order(lambda: self.network.report_frame(LABIM, frames.wifi_list(["Labim"])))
        url = f"/api/admin/stations/{LABIM.sn}/remote-command"
        assert self.request_as_operator("POST", url, {"command": "WIFI_SCAN"}).data["networks"] == ["Labim"]

    def resolve_issues(self) -> None:
        """An operator looks at the reports of the day, and resolves them."""
        for about in ("stations", "rentals"):
            url = f"/api/admin/{about}/issues"
            issue = self.request_as_operator("GET", url).data[0]
            assert self.request_as_operator("GET", f"{url}/{issue['id']}").data == issue
            resolved = self.request_as_operator("PATCH", f"{url}/{issue['id']}", {"status": "RESOLVED"}).data
            assert resolved["status"] == "RESOLVED"
