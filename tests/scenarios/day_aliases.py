"""The steps of the full day by the names of the operators' dashboard."""

from collections.abc import Callable
from functools import partial
from typing import Any

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from functions.admin.aliases import ALIASES, COMMANDS
from infra.local.cabinets import frames
from tests.scenarios.day_client import DayClient
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import REFUSED

PATH_VALUES = {"code": "SONAM20"}
"""Values of the path parameters of aliases, of things that the write aliases have made."""


class AliasSteps(DayClient):
    """Steps that call every alias."""

    def use_dashboard_names(self) -> None:
        """Each alias reads what its canonical route reads, in the dashboard's shape."""
        mine, self.token = self.token, self.operator_token()
        self.write_by_dashboard_names()
        for alias in ALIASES:
            if alias.method == "GET" and not alias.list_field:
                data = self.request("GET", alias.path.format(**PATH_VALUES)).data
                canonical = self.request("GET", alias.canonical.split(" ")[1].format(**PATH_VALUES)).data
                # What is measured anew may differ.
                assert data.keys() == canonical.keys(), alias
                assert data == canonical or "/system-" in alias.path, alias
            elif alias.method == "GET":
                assert isinstance(self.request("GET", alias.path.format(**PATH_VALUES)).data, list), alias
        self.token = mine

    def write_by_dashboard_names(self) -> None:
        """Write by each alias that writes."""
        coupon = {"code": "SONAM20", "name": "Losar", "points_value": 20}
        days = {"valid_from": "2026-11-01", "valid_until": "2027-11-30"}
        assert self.request("POST", "/api/admin/coupons", coupon | days).data["code"] == "SONAM20"
        changed = self.request("PATCH", "/api/admin/coupons/SONAM20", {"status": "INACTIVE"})
        assert changed.data["status"] == "INACTIVE"
        package = {"name": "Two Hours", "duration_minutes": "120", "price": "30", "payment_model": "PREPAID"}
        made = self.request("POST", "/api/admin/rental-packages", package).data["id"]
        PATH_VALUES["package_id"] = made
        for method, is_active in (("PATCH", False), ("PUT", True)):
            path = f"/api/admin/rental-packages/{made}"
            assert self.request(method, path, {"is_active": is_active}).data["is_active"] is is_active
        self.command_by_dashboard_names()

    def command_by_dashboard_names(self) -> None:
        """Send each command to a station, which answers in its way."""
        snapshot = partial(self.network.report_snapshot, LABIM)
        answers: dict[str, tuple[Callable[[], None], dict[str, Any]]] = {
            "check": (snapshot, {}),
            "volume": (snapshot, {"volume": 70}),
            "mode": (snapshot, {"mode": "WIFI"}),
            "wifi/scan": (lambda: self.network.report_frame(LABIM, frames.wifi_list(["Labim"])), {}),
            "wifi/connect": (snapshot, {"ssid": "Labim", "password": "wifi-canary-2"}),
            "reboot": (lambda: self.network.report_status(LABIM, DeviceEventKind.OFFLINE), {}),
        }
        self.secrets.add("wifi-canary-2")
        station = self.request("GET", f"/api/admin/stations/{LABIM.sn}").data
        bank = station["powerbanks"][0]["serial_number"]
        for command in COMMANDS:
            self.network.fake_world.clock.advance(seconds=5)
            report, fields = answers.get(command, (snapshot, {}))
            self.answer_order(report)
            url, body = f"/api/internal/iot/{command}", {"station_id": LABIM.sn, **fields}
            if command == "eject":
                self.answer_order(partial(self.refuse_eject, bank))
                refused = request(app, "POST", url, body | {"powerbank_sn": bank}, token=self.token)
                assert refused.code == "command_refused", refused.text
                self.routes_used.add(f"POST {url}")
                continue
            assert self.request("POST", url, body).data["station_imei"] == LABIM.imei
            self.network.report_status(LABIM, DeviceEventKind.ONLINE)

    def refuse_eject(self, powerbank_sn: str) -> None:
        self.network.report_eject(LABIM, powerbank_sn, REFUSED)
