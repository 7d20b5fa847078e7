"""Changes a user's identifiers with verification tokens, for the tests of such changes."""

from collections.abc import Mapping

from chalicelib.domain.users.user import User
from chalicelib.services import caller as callers
from chalicelib.services.auth import identifier_keys
from chalicelib.services.auth.identifiers import IdentifierChange
from chalicelib.services.auth.signin import SignedIn
from chalicelib.services.users import profile as user_profile
from chalicelib.tables import identities
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World
from tests.services.auth.sign_in_steps import verification_token
from tests.services.auth.test_otp import OTHER_PHONE
from tests.services.auth.test_sessions import session_of
from tests.world.fake_world import FakeWorld

EMAIL, OTHER_EMAIL = "sita@example.com", "gita@example.com"


CHANGES: dict[str, Mapping[str, str | None]] = {
    "username": {"username": "sita_g"},
    "phone": {"phone_number": OTHER_PHONE},
    "email": {"email": EMAIL},
}


def change(
    world: World,
    signed_in: SignedIn,
    changes: Mapping[str, str | None],
    *,
    proved: str | None = None,
    new: str | None = None,
    **profile: object,
) -> User:
    """Change identifiers with the two tokens: `proved` is the verification token, `new` the identifier token."""
    claims = {"sub": signed_in.user_id, "sid": session_of(signed_in).session_id}
    caller = callers.authenticate(world, claims=claims, prefetch=user_profile.profile_keys(signed_in.user_id))
    return user_profile.change_profile(world, caller, profile, IdentifierChange(changes, proved, new))


def owner(world: World, kind: str, value: str) -> str | None:
    key = identities.identity_key(kind, value if kind == "username" else identifier_keys.identifier_key(world, value))
    return fetch_one(key)


def verification_tokens(fake_world: FakeWorld, world: World, current: str, new: str) -> dict[str, str]:
    """Fresh tokens: of an identifier that the account has, and of the new one."""
    return {
        "new": verification_token(fake_world, world, new),
        "proved": verification_token(fake_world, world, current, minutes=0),
    }
