"""A simulated Firebase Cloud Messaging with Google's token endpoint: checks assertions, stores pushes."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Blueprint, Response, jsonify, request

from infra.local.companies.sent_messages import SentMessages
from infra.local.fault import Fault
from infra.local.simulation import Simulation

PROJECT = "bijuli-sandbox"
ACCOUNT = f"push@{PROJECT}.iam.gserviceaccount.com"
KEY_ID = "sandbox"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = frozenset(
    {"https://www.googleapis.com/auth/firebase.messaging", "https://www.googleapis.com/auth/cloud-platform"}
)
AUDIENCE = "https://oauth2.googleapis.com/token"
"""Google's endpoint, which its library uses whatever the account's `token_uri` is."""
TTL_SECONDS = 3599
SKEW_SECONDS = 300
MAX_PAYLOAD_BYTES = 4096
KEY_BITS = 2048
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
APNS_ERROR = "type.googleapis.com/google.firebase.fcm.v1.ApnsError"
QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure"
PROJECT_QUOTA = "PROJECT_QUOTA_EXCEEDED"
"""The code of a fault: QUOTA_EXCEEDED for the whole project, not for one device."""
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
TROUBLES: Mapping[str, tuple[int, str, str]] = {
    "unregistered-": (404, "NOT_FOUND", "UNREGISTERED"),
    "invalid-": (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    "mismatch-": (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
    "quota-": (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    "apns-": (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
}
"""The response to a token with this prefix: HTTP status, Google's status, FCM's code."""
STATUSES: Mapping[str, tuple[int, str]] = {
    **{code: (status, google) for status, google, code in TROUBLES.values()},
    "INTERNAL": (500, "INTERNAL"),
    "UNAVAILABLE": (503, "UNAVAILABLE"),
}
TEXTS = {"INVALID_ARGUMENT": "The registration token is not a valid FCM registration token"}


class FcmServer:
    """Served under /fcm of the sandbox's port. Time is the machine's: the library signs with that."""

    def __init__(self, simulation: Simulation, sandbox_url: str) -> None:
        self._simulation = simulation
        self._url = f"{sandbox_url}/fcm"
        self.sent = SentMessages()
        self._access_tokens: dict[str, float] = {}
        self.blueprint = Blueprint("fcm", __name__, url_prefix="/fcm")
        for service, path, view in (
            ("google_oauth", "/token", self._token),
            ("fcm", f"/v1/projects/{PROJECT}/messages:send", self._send),
        ):
            self.blueprint.add_url_rule(
                path, service, simulation.calling(service, _fcm_error)(view), methods=["POST"]
            )

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)

    def environment(self) -> dict[str, str]:
        """The service's settings for it."""
        pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        account = {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": KEY_ID,
            "private_key": pem,
            "client_email": ACCOUNT,
            "client_id": "1",
            "token_uri": f"{self._url}/token",
        }
        return {"BIJULI_FCM_URL": self._url, "BIJULI_FCM_CREDENTIALS": json.dumps(account)}

    def pushes(self, token: str | None) -> list[dict[str, Any]]:
        """The pushes to a device, newest first. All pushes when `token` is None."""
        return [item for item in self.sent.newest_first() if token in (None, item["token"])]

    def _token(self) -> Response:
        if request.form.get("grant_type") != GRANT:
            return _response(400, {"error": "unsupported_grant_type", "error_description": "Invalid grant_type"})
        why = self._wrong_with(request.form.get("assertion", ""))
        if why is not None:
            return _response(400, {"error": "invalid_grant", "error_description": why})
        access_token = f"ya29.{secrets.token_urlsafe(32)}"
        self._access_tokens[access_token] = time.time() + TTL_SECONDS
        return _response(200, {"access_token": access_token, "expires_in": TTL_SECONDS, "token_type": "Bearer"})

    def _wrong_with(self, assertion: str) -> str | None:
        try:
            head, value, signature = assertion.split(".")
            header, claims = json.loads(_decoded(head)), json.loads(_decoded(value))
            text = f"{head}.{value}".encode()
            self._key.public_key().verify(_decoded(signature), text, padding.PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return "Invalid JWT Signature."
        if (header.get("alg"), header.get("kid"), claims.get("iss")) != ("RS256", KEY_ID, ACCOUNT):
            return "Invalid grant: account not found"
        now = time.time()
        if not now - 3600 <= claims["iat"] <= now + SKEW_SECONDS or not now < claims["exp"] <= claims["iat"] + 3600:
            return "Invalid JWT: Token must be a short-lived token (60 minutes)"
        if claims.get("aud") != AUDIENCE:
            return "Invalid JWT: Failed audience check."
        return None if SCOPES & set(str(claims.get("scope", "")).split()) else "Invalid OAuth scope"

    def _send(self) -> Response:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self._access_tokens.get(bearer, 0) <= time.time():
            return _rejected(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        content = request.get_json(silent=True)
        message = content.get("message") if isinstance(content, dict) else None
        if not isinstance(message, dict):
            return _rejected(400, "INVALID_ARGUMENT", "Request is missing its message.")
        wrong = _wrong_field(message)
        if wrong is not None:
            detail = {"@type": BAD_REQUEST, "fieldViolations": [{"field": wrong, "description": "Invalid value"}]}
            return _rejected(400, "INVALID_ARGUMENT", f"Invalid value at '{wrong}'", detail)
        token = str(message["token"])
        for begin, (status, google, code) in TROUBLES.items():
            if token.startswith(begin):
                return _rejected(status, google, TEXTS.get(code, code), {"@type": FCM_ERROR, "errorCode": code})
        return self._store(token, message)

    def _store(self, token: str, message: dict[str, Any]) -> Response:
        shown = message.get("notification", {})
        at = self._simulation.clock.now().isoformat()
        data = message.get("data", {})
        self.sent.add(
            {"token": token, "title": shown.get("title"), "body": shown.get("body"), "data": data, "at": at}
        )
        rental_id = data.get("rental_id")
        self._simulation.name_rental(rental_id)
        self._simulation.feed.add(
            "push", f"{shown.get('title')}: {shown.get('body')}", rental_id=rental_id, data=data
        )
        return _response(200, {"name": f"projects/{PROJECT}/messages/{secrets.token_hex(8)}"})


def _wrong_field(message: dict[str, Any]) -> str | None:
    """The first field that FCM would reject."""
    if not isinstance(message.get("token"), str) or not message["token"]:
        return "message.token"
    data = message.get("data", {})
    for number, (name, value) in enumerate(data.items()):
        if not isinstance(value, str):
            return f"message.data[{number}].value"
        if name in ("from", "gcm", "message_type") or name.startswith(("google", "gcm")):
            return f"message.data[{number}].key"
    carried = json.dumps({"notification": message.get("notification", {}), "data": data}, ensure_ascii=False)
    return "message" if len(carried.encode()) > MAX_PAYLOAD_BYTES else None


def _rejected(status: int, google: str, reason: str, *details: dict[str, Any]) -> Response:
    return _response(
        status, {"error": {"code": status, "message": reason, "status": google, "details": list(details)}}
    )


def _fcm_error(fault: Fault) -> Response:
    """An answer with FCM's code. `INVALID_ARGUMENT:BadDeviceToken` carries a reason of Apple's too."""
    code, _, reason = (fault.code or "INTERNAL").replace(PROJECT_QUOTA, "QUOTA_EXCEEDED").partition(":")
    status, google = STATUSES.get(code, (400, "INVALID_ARGUMENT"))
    details: list[dict[str, Any]] = [{"@type": FCM_ERROR, "errorCode": code}]
    if fault.code == PROJECT_QUOTA:
        violations = [{"subject": f"projects/{PROJECT}", "description": "on demand"}]
        details.append({"@type": QUOTA_FAILURE, "violations": violations})
    if reason:
        details.append({"@type": APNS_ERROR, "statusCode": "400", "reason": reason})
    answer = _rejected(fault.status or status, google, "fault on order", *details)
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = f"{fault.retry_after:g}"
    return answer


def _response(status: int, content: dict[str, Any]) -> Response:
    answer = jsonify(content)
    answer.status_code = status
    return answer


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
