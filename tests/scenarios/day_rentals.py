"""The rental steps of the full day."""

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, DeviceEventKind
from chalicelib.services.cabinets import inbound
from chalicelib.services.outbox import DEVICE_EVENTS
from infra.local.cabinets import frames
from tests.scenarios.day_money import MoneySteps
from tests.world.builders import CIVIL, LABIM
from tests.world.network import EJECTED, HOUR, PAY_AS_YOU_GO


class RentalSteps(MoneySteps):
    """Steps that rent and return power banks, and pay for them."""

    def rent_and_return_late(self) -> None:
        question = {"scenario": "pre_payment", "package_id": HOUR}
        assert self.request("POST", "/api/payment/calculate-options", question).data["is_sufficient"]
        order = {"station_sn": LABIM.sn, "package_id": HOUR}
        headers = {"Idempotency-Key": "the only one"}
        started = self.request("POST", "/api/rentals/start", order, headers=headers)
        assert self.request("POST", "/api/rentals/start", order, headers=headers).text == started.text
        bank = started.data["powerbank"]["sn"]
        self.network.fake_world.clock.advance(seconds=2)
        self.network.report_eject(LABIM, bank, EJECTED)
        assert self.request("GET", "/api/rentals/active").data["status"] == "active"
        place = {"latitude": 27.6776, "longitude": 85.3188, "accuracy": 8}
        url = f"/api/rentals/{started.data['id']}/location"
        assert self.request("POST", url, place).data["is_stored"]
        self.network.fake_world.clock.advance(minutes=5)
        self.refresh_tokens()
        extended = self.request("POST", f"/api/rentals/{started.data['id']}/extend", {"package_id": HOUR}).data
        assert extended["extensions_count"] == 1
        assert extended["time_remaining_minutes"] in (114, 115)
        report = {"issue_type": "charging", "description": "it charges slowly"}
        url = f"/api/rentals/{started.data['id']}/report-issue"
        assert self.request("POST", url, report).data["status"] == "reported"
        self.network.fake_world.clock.advance(hours=5)
        self.network.report_return(LABIM, bank)

    def pay_due(self) -> None:
        self.sign_in_again()
        rental = self.request("GET", "/api/rentals/history?status=due").data["results"][0]
        self.pay("200.00")
        assert self.request("GET", f"/api/rentals/{rental['id']}").data["status"] == "due"
        assert self.request("POST", f"/api/rentals/{rental['id']}/pay-due", {}).data["account_unblocked"]
        self.read_timeline(rental["id"])
        assert self.request("GET", "/api/user/wallet").data["due"] == "0.00"
        used = self.request("GET", "/api/user/analytics/usage-stats").data
        assert (used["total_rentals"], used["late_returns"], used["timely_returns"]) == (1, 1, 0)
        assert self.request("GET", "/api/user/transactions?limit=3").data["next_cursor"]
        assert self.request("GET", "/api/points/history?type=spent").data["results"]
        totals = self.request("GET", "/api/points/summary").data
        assert sum(totals["by_source"].values()) == totals["current_points"]

    def call_as_cabinet(self) -> None:
        """The calls that the cabinet of a station makes over HTTP."""
        self.network.report_status(LABIM, DeviceEventKind.OFFLINE)
        own, own_return = f"rentboxSN={LABIM.imei}", "singleSN=40818052&hole=8"
        for path in ("/api/iot/client/con", "/api/rentbox/client/connect"):
            assert self.request("GET", f"{path}?uuid={LABIM.imei}").data.startswith(LABIM.imei)
            assert self.request("POST", f"{path}?uuid={LABIM.imei}").body["code"] == 200
        for method in ("GET", "POST"):
            assert "dAreaConfig" in self.request(method, f"/api/rentbox/config/data?{own}").data
        raw, headers = frames.heartbeat(), {"content-type": "application/octet-stream"}
        for path in ("/api/rentbox/upload/data", "/api/rentbox/client/upload"):
            assert self.request("POST", f"{path}?{own}", raw=raw, headers=headers).body["msg"] == "ok"
        self.network.report_status(LABIM, DeviceEventKind.ONLINE)
        assert self.request("GET", f"/api/rentbox/order/return?{own}&{own_return}").body["type"] == 0
        for body in self.take(DEVICE_EVENTS):
            inbound.handle_event(self.network.world, DeviceEvent.from_body(body))

    def read_timeline(self, rental_id: str) -> None:
        own = self.request("GET", f"/api/rentals/{rental_id}/timeline?limit=100").data["results"]
        calls = [entry["data"]["name"].rpartition("/")[2] for entry in own if entry["kind"] == "api"]
        assert calls == ["start", "extend", "report-issue", "pay-due"]
        seen = self.request_as_operator("GET", f"/api/admin/rentals/{rental_id}/timeline?limit=100").data["results"]
        assert [entry["kind"] for entry in seen] == [entry["kind"] for entry in own]

    def rent_postpaid(self) -> None:
        """Rent postpaid, return within the hour, and pay the due at once."""
        order = {"station_sn": CIVIL.sn, "package_id": PAY_AS_YOU_GO}
        self.network.report_snapshot(CIVIL)
        started = self.request("POST", "/api/rentals/start", order).data
        assert (started["payment"]["model"], started["payment_status"]) == ("postpaid", "pending")
        self.network.fake_world.clock.advance(seconds=2)
        self.network.report_eject(CIVIL, started["powerbank"]["sn"], EJECTED)
        self.network.fake_world.clock.advance(minutes=10)
        self.network.report_return(CIVIL, started["powerbank"]["sn"])
        due = self.request("POST", "/api/payment/calculate-options", {"scenario": "post_payment"}).data
        assert (due["total_amount"], due["is_sufficient"]) == ("20.00", True)
        body = {"scenario": "post_payment", "rental_id": due["rental_id"], "amount": due["total_amount"]}
        assert self.request("POST", f"/api/rentals/{started['id']}/pay-due", body).data["account_unblocked"]

    def cancel_rental(self) -> None:
        """Rent, return within a minute, and cancel: the rental is free."""
        before = self.request("GET", "/api/user/wallet").data
        started = self.request("POST", "/api/rentals/start", {"station_sn": CIVIL.sn, "package_id": HOUR}).data
        self.network.fake_world.clock.advance(seconds=2)
        self.network.report_eject(CIVIL, started["powerbank"]["sn"], EJECTED)
        self.network.fake_world.clock.advance(minutes=1)
        self.network.report_return(CIVIL, started["powerbank"]["sn"], started["powerbank"]["slot_number"])
        cancelled = self.request("POST", f"/api/rentals/{started['id']}/cancel", {"reason": "wrong package"}).data
        assert cancelled["status"] == "cancelled"
        assert self.request("GET", "/api/user/wallet").data == before
