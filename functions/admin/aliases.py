"""The names by which the operators' dashboard calls canonical routes. This file is data.

An alias has the handler, the permission and the checks of its canonical route. `alias_routes` serves it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Alias:
    """One name of the dashboard. `canonical` is the method and the path of the route that serves it."""

    method: str
    path: str
    canonical: str
    list_field: str = ""
    """The field of the canonical data that is the whole data of the alias: a bare list."""
    constants: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the canonical body that the alias stands for."""
    path_fields: Mapping[str, str] = field(default_factory=dict)
    """Fields of the alias's body by the path parameters of the canonical route that they replace."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


COUPONS, PACKAGES = "/api/admin/promotions/coupons", "/api/admin/packages"
COMMAND = "POST /api/admin/stations/{sn}/remote-command"
COMMANDS = ("check", "eject", "reboot", "volume", "mode", "wifi/scan", "wifi/connect")
ALIASES = (
    Alias("GET", "/api/payments/packages", "GET /api/payment/packages"),
    Alias("GET", "/api/admin/rental-packages", f"GET {PACKAGES}"),
    Alias("POST", "/api/admin/rental-packages", f"POST {PACKAGES}"),
    Alias("GET", "/api/admin/rental-packages/{package_id}", f"GET {PACKAGES}/{{package_id}}"),
    Alias("PATCH", "/api/admin/rental-packages/{package_id}", f"PATCH {PACKAGES}/{{package_id}}"),
    Alias("PUT", "/api/admin/rental-packages/{package_id}", f"PATCH {PACKAGES}/{{package_id}}"),
    Alias("GET", "/api/admin/coupons", f"GET {COUPONS}"),
    Alias("POST", "/api/admin/coupons", f"POST {COUPONS}"),
    Alias("GET", "/api/admin/coupons/{code}", f"GET {COUPONS}/{{code}}"),
    Alias("PATCH", "/api/admin/coupons/{code}", f"PUT {COUPONS}/{{code}}"),
    Alias("GET", "/api/admin/coupons/{code}/usages", f"GET {COUPONS}/{{code}}/usages"),
    Alias("GET", "/api/admin/dashboard", "GET /api/admin/analytics/dashboard"),
    Alias("GET", "/api/admin/system-health", "GET /api/admin/system/health"),
    Alias("GET", "/api/admin/system-logs", "GET /api/admin/system/logs"),
    Alias("GET", "/api/admin/analytics/revenue-over-time", "GET /api/admin/analytics/revenue"),
    Alias("GET", "/api/admin/analytics/station-performance", "GET /api/admin/analytics/stations"),
    Alias("GET", "/api/admin/action-logs", "GET /api/admin/audit-log", list_field="results"),
    *(
        Alias(
            "POST",
            f"/api/internal/iot/{command}",
            COMMAND,
            constants={"command": command.replace("/", "_")},
            path_fields={"sn": "station_id"},
        )
        for command in COMMANDS
    ),
)
