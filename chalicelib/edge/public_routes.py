"""Routes that need no access token. Every other route requires one."""

from chalicelib.domain.configuration.gateway_registry import GATEWAYS, webhook_path
from chalicelib.domain.content.content import FAQ, PAGE_SLUGS

CABINET_CALLS = (
    "GET /api/iot/client/con",
    "POST /api/iot/client/con",
    "GET /api/rentbox/client/connect",
    "POST /api/rentbox/client/connect",
    "POST /api/rentbox/upload/data",
    "POST /api/rentbox/client/upload",
    "GET /api/rentbox/order/return",
    "GET /api/rentbox/config/data",
    "POST /api/rentbox/config/data",
)
"""What cabinets call, which can't sign in. `services/cabinets/http_calls.py` says which of them it serves."""

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
        *(f"GET /api/content/{slug}" for slug in (*PAGE_SLUGS, FAQ)),
        "GET /api/app/stations",
        "GET /api/app/stations/nearby",
        "GET /api/app/stations/{sn}",
        "GET /api/payment/packages",
        "GET /api/payments/packages",
        "GET /api/payment/methods",
        "GET /api/payment/checkout/{intent_id}",
        "GET /api/referral/validate",
        *(f"{method} {webhook_path(gateway)}" for gateway in GATEWAYS for method in ("POST", "GET")),
        "POST /api/admin/login",
        "POST /api/admin/password",
        *CABINET_CALLS,
    }
)
"""Each entry is `METHOD path`."""
