"""Small valid bodies of routes, with which `test_rights` calls them."""

from typing import Any

from tests.functions.alias_bodies import alias_bodies
from tests.functions.request_samples import VALID_BODIES

BODIES: dict[str, Any] = {
    "POST /api/auth/device": {"device_id": "d", "fcm_token": "t", "device_type": "web"},
    "PUT /api/auth/device": {"device_id": "d", "fcm_token": "t", "device_type": "web"},
    "POST /api/app/upload": {"file_name": "a.jpg", "content_type": "image/jpeg", "size": 10},
    "PUT /api/user/profile": {"full_name": "A", "date_of_birth": "1990-01-01", "address": "B"},
    "POST /api/payment/wallet/topup-intent": {"amount": "100", "payment_method": "khalti"},
    "POST /api/payment/verify-topup": {"intent_id": "x"},
    **{route: body for route, body in VALID_BODIES.items() if " /api/admin/content/" in route},
    **{
        route: body
        for route, body in VALID_BODIES.items()
        if "/admin/profiles" in route or "/admin/config" in route or "/admin/me/" in route
    },
    "POST /api/referral/claim": {"code": "ABCDEFGH"},
    "POST /api/promotions/apply-coupon": {"code": "DASHAIN50"},
    "POST /api/admin/promotions/coupons": VALID_BODIES["POST /api/admin/promotions/coupons"],
    "PUT /api/admin/promotions/coupons/{code}": {"status": "INACTIVE"},
    "POST /api/admin/system/broadcast": VALID_BODIES["POST /api/admin/system/broadcast"] | {"send_again": True},
    "POST /api/payment/calculate-options": {"scenario": "wallet_topup", "amount": "10"},
    "POST /api/rentals/start": {"station_sn": "40000444", "package_id": "1-hour"},
    "POST /api/rentals/{rental_id}/extend": {"package_id": "1-hour"},
    "POST /api/rentals/{rental_id}/location": {"latitude": 27.7, "longitude": 85.3},
    "POST /api/rentals/{rental_id}/report-issue": {"issue_type": "not_working", "description": "no light"},
    "POST /api/stations/{sn}/report-issue": {"issue_type": "dirty", "description": "sticky"},
    "PATCH /api/admin/kyc/submissions/{user_id}": {"status": "approved"},
    "POST /api/payment/refund/{transaction_id}": {"reason": "by mistake"},
    "POST /api/admin/refunds": {"transaction_id": "nobodys-1", "reason": "they rang up"},
    "POST /api/admin/refunds/{refund_id}/reject": {"reason": "spent"},
    "POST /api/admin/refunds/{refund_id}/process": {"action": "APPROVE"},
    "POST /api/admin/refunds/{refund_id}/close": {"outcome": "not_paid", "admin_notes": "the portal shows none"},
    "POST /api/admin/achievements": VALID_BODIES["POST /api/admin/achievements"],
    "PUT /api/admin/achievements/{achievement_id}": {"is_active": False},
    "POST /api/admin/packages": VALID_BODIES["POST /api/admin/packages"],
    "PATCH /api/admin/packages/{package_id}": {"price": "25"},
    "PATCH /api/admin/payment-methods/{method_id}": {"is_active": False},
    "POST /api/admin/rentals/{rental_id}/force-complete": {"reason": "on our desk"},
    "POST /api/admin/users/{user_id}/add-balance": {"amount": "50", "reason": "a jammed slot"},
    "POST /api/admin/balance-additions/{addition_id}/reject": {"reason": "too much"},
    "PATCH /api/admin/users/{user_id}/status": {"status": "banned"},
    "POST /api/admin/users/{user_id}/status": {"status": "banned"},
    "POST /api/admin/rentals/unreadable-returns/{return_id}/assign": {"powerbank_serial": "40818052"},
    "POST /api/admin/stations": VALID_BODIES["POST /api/admin/stations"] | {"images": []},
    "PUT /api/admin/stations/{sn}": VALID_BODIES["PUT /api/admin/stations/{sn}"],
    "PATCH /api/admin/stations/issues/{issue_id}": {"status": "RESOLVED"},
    "PATCH /api/admin/rentals/issues/{issue_id}": {"status": "RESOLVED"},
    "PATCH /api/admin/stations/{sn}": {"landmark": "gate 2"},
    "POST /api/admin/stations/{sn}/maintenance": {"is_maintenance": True},
    "POST /api/admin/stations/{sn}/remote-command": {"command": "check"},
    "POST /api/admin/powerbanks": {"serial_number": "40777777"},
    "PATCH /api/admin/powerbanks/{powerbank_sn}": {"status": "MAINTENANCE"},
    "POST /api/admin/reversals/{intent_id}/resolve": {"action": "leave", "note": "the bank lost the dispute"},
    "POST /api/admin/intents/{intent_id}/resolve": {"action": "recheck", "note": "asked for by phone"},
}
BODIES |= alias_bodies(BODIES)
