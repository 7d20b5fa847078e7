"""Signed tokens, encryption of single fields, and keyed digests."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class Tokens(Protocol):
    """Signed short-lived claims, under a ring of keys."""

    def sign(
        self, claims: Mapping[str, Any], *, audience: str, until: datetime, issued_at: datetime | None = None
    ) -> str:
        """The token. Equal arguments give equal tokens; without `issued_at` the token is issued now."""
        ...

    def read(self, token: str, *, audience: str) -> Mapping[str, Any]:
        """The claims. Raises Problem("token_expired") or Problem("unauthenticated")."""
        ...


class Vault(Protocol):
    """Encryption of the few fields that a dump of the tables must not reveal."""

    def seal(self, plain: str, *, about: str) -> str:
        """Encrypt. `about` (a user id) is bound to the result: under another `about` it does not open.

        Raises Unavailable.
        """
        ...

    def open(self, sealed: str, *, about: str) -> str:
        """Decrypt. Raises Unavailable."""
        ...


class KeyedDigests(Protocol):
    """Keyed digests: tables hold no phone numbers, and one-time codes are derived instead of stored."""

    def digest(self, purpose: str, *parts: str) -> bytes:
        """HMAC-SHA256 under the key of `purpose`. Different lists of parts never give the same input."""
        ...
