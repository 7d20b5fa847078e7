"""Access tokens for requests: valid ones, and every kind that must be refused."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

from chalicelib.services.auth.sessions import ACCESS
from chalicelib.world import World
from tests.world.builders import SignedIn, sign_in
from tests.world.fake_world import KEYS
from tests.world.network import Network

HOUR = timedelta(hours=1)
PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""
"""An Ed25519 key of RFC 8410's, as anybody may know it."""

ODD_IDS = (None, "", 7, 1.5, True, ["a"], {"S": "a"}, "\ud800", "\0", "a" * 3_000)
"""Claims in place of an id, in tokens with a genuine signature. None leaves the claim out."""


def token_of(network: Network, user_id: str) -> str:
    """A good access token for a new device of the user's."""
    return token_for(network.world, sign_in(network.world, user_id))


def token_for(world: World, session: SignedIn, audience: str = ACCESS, lives: timedelta = HOUR) -> str:
    claims = {"sub": session.user_id, "sid": session.session_id, "jti": world.new_id()}
    return world.tokens.sign(claims, audience=audience, until=world.now() + lives)


def forged(world: World, session: SignedIn, *, header: dict[str, Any], key: str = "", **changed: Any) -> str:
    """A token made by hand: any header, any claims, HS256 under `key` or no signature."""
    now = int(world.now().timestamp())
    claims = {
        "sub": session.user_id,
        "sid": session.session_id,
        "jti": "forged",
        "iss": "bijuli",
        "aud": ACCESS,
        "iat": now,
        "exp": now + 600,
        **changed,
    }
    present = [{name: value for name, value in part.items() if value is not None} for part in (header, claims)]
    text = ".".join(_encoded(json.dumps(part).encode()) for part in present)
    proof = _encoded(hmac.digest(key.encode(), text.encode(), hashlib.sha256)) if key else ""
    return f"{text}.{proof}"


def bad_tokens(world: World, session: SignedIn) -> dict[str, str]:
    """Every kind that must be refused, by name."""
    kid, key = next(iter(KEYS.items()))
    good = {"alg": "HS256", "typ": "JWT", "kid": kid}
    return {
        "none at all": "",
        "garbage": "garbage",
        "three dots": "a.b.c",
        "expired": token_for(world, session, lives=-HOUR),
        "verification token": token_for(world, session, audience="verification"),
        "refresh token": f"{session.session_id}.1.{'0' * 64}",
        "alg none": forged(world, session, header={"alg": "none", "typ": "JWT", "kid": kid}),
        "wrong key": forged(world, session, header=good, key="another key that is long enough for HS256"),
        "wrong kid": forged(world, session, header=good | {"kid": "k9"}, key=key),
        "no kid": forged(world, session, header=good | {"kid": None}, key=key),
        "other algorithm": forged(world, session, header=good | {"alg": "HS512"}, key=key),
        "audience in a list": forged(world, session, header=good, key=key, aud=[ACCESS, "verification"]),
        "other issuer": forged(world, session, header=good, key=key, iss="somebody"),
        "no expiry": forged(world, session, header=good, key=key, exp=None),
        "no id": forged(world, session, header=good, key=key, jti=None),
        "from the future": forged(world, session, header=good, key=key, iat=int(world.now().timestamp()) + 3600),
        "expiry as text": forged(world, session, header=good, key=key, exp="9999999999"),
        "no session": forged(world, session, header=good, key=key, sid="nobody's"),
        "no user": forged(world, session, header=good, key=key, sub="nobody"),
        **{f"odd session id {odd!r:.20}": forged(world, session, header=good, key=key, sid=odd) for odd in ODD_IDS},
        **{f"odd user id {odd!r:.20}": forged(world, session, header=good, key=key, sub=odd) for odd in ODD_IDS},
        **confused_tokens(world, session, good, key),
    }


def confused_tokens(world: World, session: SignedIn, good: dict[str, Any], key: str) -> dict[str, str]:
    """Those that hope for a reader who takes one kind of key for another, or who reads too much."""
    right = forged(world, session, header=good, key=key)
    content, proof = right.split(".")[1], right.rsplit(".", 1)[1]
    long = _encoded(b'{"alg":' + b"9" * 5000 + b"}")
    deep = _encoded(b'{"a":' * 3000 + b"1" + b"}" * 3000)
    return {
        "public key as secret": forged(world, session, header=good, key=PUBLIC_KEY),
        "public key in the header": forged(
            world, session, header=good | {"jwk": {"kty": "oct", "k": "AA"}}, key="A" * 32
        ),
        "public algorithm, secret key": forged(world, session, header=good | {"alg": "RS256"}, key=key),
        "algorithm in lower case": forged(world, session, header=good | {"alg": "hs256"}, key=key),
        "no algorithm": forged(world, session, header=good | {"alg": None}, key=key),
        "key from a file": forged(world, session, header=good | {"kid": "../../dev/null"}, key="\0" * 32),
        "key from a list": forged(world, session, header=good | {"kid": ["k1"]}, key=key),
        "empty key": forged(world, session, header=good | {"kid": ""}, key="\0"),
        "critical": forged(world, session, header=good | {"crit": ["exp"], "exp": 1}, key=key),
        "critical and unknown": forged(world, session, header=good | {"crit": ["x"], "x": 1}, key=key),
        "payload elsewhere": forged(world, session, header=good | {"crit": ["b64"], "b64": False}, key=key),
        "truncated signature": right[:-8],
        "no signature": right.rsplit(".", 1)[0] + ".",
        "signature of another": right.rsplit(".", 1)[0] + "." + _encoded(b"\0" * 32),
        "signature twice": f"{right}.{proof}",
        "half a token": right[: len(right) // 2],
        "deep header": f"{deep}.{content}.{proof}",
        "deep content": f"{right.split('.', 1)[0]}.{deep}.{proof}",
        "oversized": f"{right.split('.', 1)[0]}.{'A' * 100_000}.{proof}",
        "not ASCII": right.replace(".", ".é", 1),
        "number too long": f"{long}.{content}.{proof}",
    }


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
