"""Keyed digests (HMAC) under one pepper, with a separate key for each purpose."""

import hashlib
import hmac


class HmacDigests:
    """World's KeyedDigests. Raises ValueError for a pepper under 32 bytes."""

    def __init__(self, pepper: str) -> None:
        if len(pepper.encode()) < 32:
            raise ValueError("the pepper needs 32 bytes")
        self._pepper = pepper.encode()

    def digest(self, purpose: str, *parts: str) -> bytes:
        key = hmac.digest(self._pepper, purpose.encode(), hashlib.sha256)
        # Each part has its length in front, so that ("ab", "c") and ("a", "bc") differ.
        payload = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.digest(key, payload, hashlib.sha256)
