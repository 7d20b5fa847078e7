"""A valid body for every route that takes one, and requests that send it."""

import json
import re
from typing import Any

from app import app
from chalicelib.edge.context import RouteSpec
from chalicelib.edge.public_routes import PUBLIC
from infra.openapi.document import routes_of
from tests.functions.alias_bodies import alias_bodies
from tests.functions.sample_bodies import (
    ACHIEVEMENT_BODY,
    BANNER_BODY,
    DEVICE_BODY,
    KYC_BODY,
    PACKAGE_BODY,
    PAGE_BODY,
    PROFILE_BODY,
    QUESTION_BODY,
)
from tests.functions.station_bodies import STATION_BODIES
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.real_tables import all_rows

VALID_BODIES: dict[str, dict[str, Any]] = {
    **STATION_BODIES,
    "PUT /api/admin/content/pages/{slug}": PAGE_BODY,
    "POST /api/admin/content/faq": QUESTION_BODY,
    "PUT /api/admin/content/faq/{entry_id}": QUESTION_BODY | {"version": 1},
    "POST /api/admin/content/banners": BANNER_BODY,
    "PUT /api/admin/content/banners/{banner_id}": BANNER_BODY | {"version": 1},
    "POST /api/auth/get-otp": {"identifier": "+9779841234567"},
    "POST /api/auth/verify-otp": {"identifier": "+9779841234567", "otp": "123456"},
    "POST /api/auth/register": {
        "identifier": "+9779841234567",
        "verification_token": "x",
        "username": "sita",
        "referral_code": "ABCDEFGH",
    },
    "POST /api/auth/login": {"identifier": "+9779841234567", "verification_token": "x"},
    "POST /api/auth/refresh": {"refresh": "x"},
    "POST /api/auth/logout": {"refresh": "x", "all_devices": True},
    "POST /api/auth/device": DEVICE_BODY,
    "PUT /api/auth/device": DEVICE_BODY,
    "POST /api/user/notification/{notification_id}": {},
    "POST /api/user/notifications/mark-all-read": {},
    "DELETE /api/auth/account": {"forfeit_balance": True},
    "POST /api/auth/kyc": KYC_BODY,
    "PATCH /api/auth/kyc": KYC_BODY,
    "POST /api/app/upload": {"file_name": "a.mp4", "content_type": "video/mp4", "size": 10, "purpose": "general"},
    "PUT /api/user/profile": PROFILE_BODY,
    "PATCH /api/user/profile": PROFILE_BODY,
    "POST /api/stations/{sn}/favorite": {},
    "POST /api/rentals/{rental_id}/report-issue": {
        "issue_type": "not_working",
        "description": "no light",
        "images": ["nobodys"],
    },
    "POST /api/stations/{sn}/report-issue": {
        "issue_type": "dirty",
        "description": "sticky",
        "images": ["nobodys"],
    },
    "POST /api/payment/wallet/topup-intent": {
        "amount": "100",
        "payment_method": "khalti",
        "return_url": "bijuli://topup",
    },
    "POST /api/referral/claim": {"code": "ABCDEFGH"},
    "POST /api/promotions/apply-coupon": {"code": "DASHAIN50"},
    "POST /api/admin/promotions/coupons": {
        "code": "DASHAIN50",
        "name": "Dashain",
        "points_value": 50,
        "max_uses_per_user": 1,
        "max_total_uses": 1000,
        "valid_from": "2026-11-01",
        "valid_until": "2026-11-30",
    },
    "PUT /api/admin/promotions/coupons/{code}": {
        "name": "Dashain",
        "points_value": 50,
        "max_uses_per_user": 1,
        "max_total_uses": 1000,
        "valid_from": "2026-11-01",
        "valid_until": "2026-11-30",
        "status": "inactive",
    },
    "POST /api/payment/verify-topup": {
        "intent_id": "x",
        "pidx": "p",
        "data": "d",
        "status": "s",
        "transaction_id": "t",
    },
    "POST /api/payment/calculate-options": {
        "scenario": "pre_payment",
        "package_id": "1-hour",
        "rental_id": "x",
        "amount": "10",
    },
    "POST /api/payment/cancel/{intent_id}": {},
    "POST /api/rentals/start": {"station_sn": LABIM.sn, "package_id": "1-hour", "powerbank_sn": "40818052"},
    "POST /api/rentals/{rental_id}/pay-due": {"scenario": "post_payment", "rental_id": "nobodys", "amount": "10"},
    "POST /api/rentals/{rental_id}/extend": {"package_id": "1-hour"},
    "POST /api/rentals/{rental_id}/location": {"latitude": 27.7, "longitude": 85.3, "accuracy": 12.5},
    "POST /api/rentals/{rental_id}/cancel": {"reason": "wrong station"},
    "POST /api/admin/password": {"setup_token": "x", "password": "a long password"},
    "POST /api/admin/me/password": {"password": "wrong", "new_password": "a long password"},
    "POST /api/admin/me/second-factor": {"password": "wrong"},
    "POST /api/admin/me/second-factor/confirm": {"otp": "123456"},
    "DELETE /api/admin/me/second-factor": {"otp": "123456"},
    "PUT /api/admin/config": {
        "version": 7,
        "settings": {"otp_tries": 6},
        "admin_networks": ["192.0.2.0/24"],
    },
    "POST /api/admin/profiles": {"username": "asha", "email": "asha@example.com", "role": "support"},
    "PATCH /api/admin/profiles/{user_id}": {"role": "finance", "is_active": True},
    "POST /api/admin/profiles/{user_id}/setup-token": {},
    "POST /api/admin/login": {"email": "nobody@example.com", "password": "wrong", "otp": "123456"},
    "PATCH /api/admin/kyc/submissions/{user_id}": {"status": "approved", "rejection_reason": "blurred"},
    "POST /api/payment/refund/{transaction_id}": {"reason": "by mistake"},
    "POST /api/admin/refunds": {"transaction_id": "nobodys-1", "reason": "they rang up"},
    "POST /api/admin/refunds/{refund_id}/approve": {"admin_notes": "n", "refund_method": "gateway", "reference": "r"},
    "POST /api/admin/refunds/{refund_id}/reject": {"reason": "spent", "admin_notes": "n"},
    "POST /api/admin/refunds/{refund_id}/process": {"action": "APPROVE", "admin_notes": "n"},
    "POST /api/admin/refunds/{refund_id}/close": {
        "outcome": "paid",
        "admin_notes": "n",
        "refund_method": "gateway",
        "reference": "r",
    },
    "POST /api/admin/system/dead-letters/{queue}/redrive": {"limit": 10},
    "POST /api/admin/achievements": ACHIEVEMENT_BODY,
    "PUT /api/admin/achievements/{achievement_id}": ACHIEVEMENT_BODY,
    "POST /api/admin/packages": PACKAGE_BODY,
    "PATCH /api/admin/packages/{package_id}": PACKAGE_BODY,
    "PATCH /api/admin/payment-methods/{method_id}": {"is_active": True, "min_amount": "20", "max_amount": "900"},
    "POST /api/admin/rentals/{rental_id}/force-complete": {"reason": "on our desk", "returned_minutes_ago": 30},
    "POST /api/admin/users/{user_id}/add-balance": {"amount": "50.00", "reason": "a jammed slot"},
    "POST /api/admin/balance-additions/{addition_id}/approve": {},
    "POST /api/admin/balance-additions/{addition_id}/reject": {"reason": "too much"},
    "PATCH /api/admin/users/{user_id}/status": {"status": "banned", "reason": "fraud"},
    "POST /api/admin/users/{user_id}/status": {"status": "banned", "reason": "fraud"},
    "POST /api/admin/rentals/unreadable-returns/{return_id}/assign": {"powerbank_serial": "40818052"},
    "POST /api/admin/powerbanks": {"serial_number": "40777777", "model": "B2", "capacity_mah": 10000},
    "PATCH /api/admin/powerbanks/{powerbank_sn}": {"status": "available"},
    "POST /api/admin/reversals/{intent_id}/resolve": {"action": "leave", "amount": "10", "note": "lost"},
    "POST /api/admin/intents/{intent_id}/resolve": {"action": "close", "note": "settled by hand"},
    "POST /api/admin/reconciliation/{day}": {},
    "POST /api/admin/system/audit": {},
    "POST /api/admin/system/broadcast": {
        "title": "Works again",
        "title_ne": "फेरि चल्यो",
        "message": "Thank you for waiting.",
        "message_ne": "पर्खनुभएकोमा धन्यवाद।",
        "audience": "all",
        "channels": ["in_app"],
        "send_again": False,
    },
}


VALID_BODIES |= alias_bodies(VALID_BODIES)


ROUTES_WITH_BODY = sorted(VALID_BODIES)
"""Every route with a body."""


def route_of(route: str) -> RouteSpec:
    return next(spec for spec in routes_of(app) if spec.name == route)


def token_for_route(route: str, tokens: dict[str, str]) -> str | None:
    if route in PUBLIC:
        return None
    return tokens["admin" if "/admin/" in route or "/internal/" in route else "customer"]


def send(route: str, tokens: dict[str, str], body: Any = None, **request_args: Any) -> Any:
    method, path = route.split(" ")
    path = re.sub(r"\{[a-z_]+\}", "nobodys", path)
    return request(app, method, path, body, token=token_for_route(route, tokens), **request_args)


COUNTING_GUESSES = {
    "POST /api/admin/login",
    "POST /api/admin/me/password",
    "POST /api/admin/me/second-factor",
    "POST /api/admin/me/second-factor/confirm",
    "DELETE /api/admin/me/second-factor",
    "POST /api/promotions/apply-coupon",
    "POST /api/referral/claim",
}


def assert_no_row_changed(before: dict[str, list[str]], route: str) -> None:
    """Fails when a row changed, except the counters of wrong passwords and of wrong codes."""
    after = all_rows()
    counter_tables = {"test-counters"} if route in COUNTING_GUESSES else set()
    changed_tables = {name for name in before if before[name] != after[name]} - counter_tables
    assert changed_tables == set(), json.dumps({name: after[name] for name in changed_tables})[:500]
