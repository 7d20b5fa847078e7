"""The steps of the full day by the names of the operators' dashboard."""

from functions.admin.aliases import ALIASES
from tests.day_client import DayClient

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
                assert data == alias.shape(canonical), alias
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
