"""Routes that need no access token. Every other route requires one."""

from chalicelib.domain.gateway_registry import GATEWAYS, webhook_path

PUBLIC = frozenset(
    {
        "POST /api/auth/get-otp",
        "POST /api/auth/verify-otp",
        "POST /api/auth/register",
        "POST /api/auth/login",
        "POST /api/auth/refresh",
        "GET /api/app/version",
        "GET /api/app/health",
        "GET /api/app/banners",
        "GET /api/app/countries",
        "GET /api/app/stations",
        "GET /api/app/stations/nearby",
        "GET /api/app/stations/{sn}",
        "GET /api/payment/packages",
        "GET /api/payment/methods",
        "GET /api/payment/checkout/{intent_id}",
        *(f"{method} {webhook_path(gateway)}" for gateway in GATEWAYS for method in ("POST", "GET")),
        "POST /api/admin/login",
    }
)
"""Each entry is `METHOD path`."""
