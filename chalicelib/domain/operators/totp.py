"""Time-based one-time passwords of RFC 6238: six digits, SHA-1, a step of 30 seconds."""

import base64
import hmac
from datetime import datetime
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
DRIFT_STEPS = 1
"""The clock of a phone may be this many steps ahead or behind."""
ISSUER = "Bijuli"


def current_step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int) -> str:
    """The code of a time step (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: bytes, code: str, now_step: int, *, after: int) -> int | None:
    """The step of the code, if it is within the drift and later than the step `after`."""
    for step in range(now_step - DRIFT_STEPS, now_step + DRIFT_STEPS + 1):
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def secret_text(secret: bytes) -> str:
    """The secret in base32, as people type it into an app."""
    return base64.b32encode(secret).decode()


def secret_of(text: str) -> bytes:
    return base64.b32decode(text)


def enrolment_uri(secret: bytes, account_name: str) -> str:
    """The `otpauth` address that an authenticator app reads from a QR code."""
    label = f"{quote(ISSUER)}:{quote(account_name)}"
    return f"otpauth://totp/{label}?secret={secret_text(secret)}&issuer={quote(ISSUER)}"
