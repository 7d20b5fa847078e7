"""Signed tokens by PyJWT: HS256 with a ring of keys, so that a key rotation signs nobody out."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.domain.problems.problems import Problem
from chalicelib.gateways.hidden_import import hidden_import

with hidden_import("cryptography"):  # HS256 does not need it, and its import is slow
    import jwt

ISSUER = "bijuli"
ALGORITHM = "HS256"
MIN_KEY_BYTES = 32
LEEWAY_SECONDS = 10
MAX_TOKEN_LENGTH = 4_096
"""Ten times our own tokens. The library looks at a token character by character."""
REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti"]


class JwtTokens:
    """World's Tokens. The first key of the ring signs, and all keys verify. Raises ValueError for a short key."""

    def __init__(self, keys: Mapping[str, str], now: Callable[[], datetime]) -> None:
        if any(len(key.encode()) < MIN_KEY_BYTES for key in keys.values()):
            raise ValueError("token keys need 32 bytes")
        self._keys = dict(keys)
        self._kid = next(iter(keys))
        self._now = now

    def sign(
        self, claims: Mapping[str, Any], *, audience: str, until: datetime, issued_at: datetime | None = None
    ) -> str:
        """The token. Equal arguments give equal tokens."""
        times = {"iat": int((issued_at or self._now()).timestamp()), "exp": int(until.timestamp())}
        content = dict(claims) | {"iss": ISSUER, "aud": audience} | times
        return jwt.encode(content, self._keys[self._kid], algorithm=ALGORITHM, headers={"kid": self._kid})

    def read(self, token: str, *, audience: str) -> Mapping[str, Any]:
        """Raises Problem("token_expired") or Problem("unauthenticated")."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise Problem("unauthenticated")
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = self._keys.get(str(kid))
            if key is None:
                raise Problem("unauthenticated")
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=audience,
                issuer=ISSUER,
                options={
                    "require": REQUIRED,
                    "strict_aud": True,
                    "enforce_minimum_key_length": True,
                    # The library would use the system clock, so the times are checked below.
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, UnicodeError) as error:
            raise Problem("unauthenticated") from error
        now = int(self._now().timestamp())
        exp, iat = claims["exp"], claims["iat"]
        if type(exp) is not int or type(iat) is not int or iat > now + LEEWAY_SECONDS:
            raise Problem("unauthenticated")
        if exp <= now - LEEWAY_SECONDS:
            raise Problem("token_expired")
        return dict(claims)
