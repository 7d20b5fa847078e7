"""The steps of the full day about operators: a new one signs in, with a second factor, and leaves."""

from app import app
from infra.openapi.document import routes_of
from tests.scenarios.day_client import DayClient
from tests.world.authenticator import FACTOR, enrolled
from tests.world.http_client import CLIENT_ADDRESS


class OperatorSteps(DayClient):
    """Steps of super admins and of an operator whom they make."""

    def employ_operator(self) -> None:
        """A super admin makes an operator, changes the role, resets password and second factor, and removes it."""
        url, person = "/api/admin/profiles", {"username": "asha", "email": "asha.canary@example.com"}
        made = self.request_as_operator("POST", url, person | {"role": "FINANCE"}).data
        self.secrets |= {"asha.canary@example.com", made["setup_token"]}
        assert made["id"] in [profile["id"] for profile in self.request_as_operator("GET", url).data]
        mine, path = self.token, f"{url}/{made['id']}"
        self.work_with_second_factor(made["setup_token"])
        assert self.request_as_operator("PATCH", path, {"role": "support"}).data["role"] == "SUPPORT"
        assert self.request_as_operator("GET", path).data["has_second_factor"] is False
        self.request_as_operator("DELETE", f"{path}/second-factor")
        self.secrets.add(self.request_as_operator("POST", f"{path}/setup-token", {}).data["setup_token"])
        assert self.request_as_operator("DELETE", path).data["removed"]
        self.token = mine

    def read_log(self) -> None:
        """The log names each write of an operator, with before and after, and each view of identity documents."""
        entries = []
        path: str | None = "/api/admin/audit-log?limit=100"
        while path is not None:
            page = self.request_as_operator("GET", path).data
            entries += page["results"]
            cursor = page["next_cursor"]
            path = f"/api/admin/audit-log?limit=100&cursor={cursor}" if cursor else None
        writes = {route.name for route in routes_of(app) if route.permission and route.method != "GET"}
        logged = {entry["route"] for entry in entries}
        assert (writes & self.routes_used) - logged == set()
        assert "GET /api/admin/kyc/submissions" in logged
        whole = self.request_as_operator("GET", f"/api/admin/audit-log/{entries[0]['id']}").data
        assert whole["action_type"] == entries[0]["action_type"]
        for entry in entries:
            assert {"before", "after"} <= entry["changes"].keys() or entry["action_type"].endswith("VIEWED"), entry
            assert entry["ip_address"] == CLIENT_ADDRESS, entry

    def change_config(self) -> None:
        """A super admin changes a setting, and sets its default again."""
        path = "/api/admin/config"
        for value in (6, None):
            version = self.request_as_operator("GET", path).data["version"]
            changed = self.request_as_operator("PUT", path, {"version": version, "settings": {"otp_tries": value}})
            values = {item["name"]: item["value"] for item in changed.data["settings"]}
            assert values["otp_tries"] == (value or 5)

    def work_with_second_factor(self, setup_token: str) -> None:
        """The operator sets a password and a second factor, signs in with both, and turns the second factor off."""
        email, password = "asha.canary@example.com", "correct horse battery"
        self.token = None
        self.request("POST", "/api/admin/password", {"setup_token": setup_token, "password": password})
        opened = self.request("POST", "/api/admin/login", {"email": email, "password": password}).data
        self.token = opened["access_token"]
        assert self.request("GET", "/api/admin/me").data["email"] == email
        phone = enrolled(self.network.fake_world.clock, opened["access_token"], password)
        self.routes_used |= {f"POST {FACTOR}", f"POST {FACTOR}/confirm"}
        self.token = None
        again = {"email": email, "password": password, "otp": phone.code()}
        self.token = self.request("POST", "/api/admin/login", again).data["access_token"]
        self.secrets |= {password, phone.secret, *phone.recovery_codes, opened["access_token"], str(self.token)}
        self.request("DELETE", FACTOR, {"otp": phone.recovery_codes[0]})
        self.secrets |= set(self.request("POST", FACTOR, {"password": password}).data.values())
        changed = {"password": password, "new_password": "battery staple horse"}
        self.secrets.add(changed["new_password"])
        assert self.request("POST", "/api/admin/me/password", changed).data["is_set"]
