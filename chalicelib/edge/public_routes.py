"""Routes that need no access token. Every other route requires one."""

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
        "POST /api/payment/webhook/khalti",
        "GET /api/payment/webhook/khalti",
        "POST /api/payment/webhook/esewa",
        "GET /api/payment/webhook/esewa",
        "POST /api/payment/webhook/stripe",
        "GET /api/payment/webhook/stripe",
        "POST /api/admin/login",
    }
)
"""Each entry is `METHOD path`."""
